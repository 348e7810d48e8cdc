import type { Hypothesis } from './hypothesis.ts';

/** A hypothesis while it grows. Paths are values: branches share their past, nobody writes to it. */
export interface Path {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly weights: readonly Float32Array[];
  readonly logProbability: number;
}

export const emptyPath: Path = { tokens: [], logProbabilities: [], weights: [], logProbability: 0 };

/** `path` with one more token. */
export function extendPath(path: Path, token: number, logProbability: number, weights: Float32Array | null): Path {
  return { ...endPath(path, logProbability, weights), tokens: [...path.tokens, token] };
}

/** `path` with the end token, which leaves its probability and weights but no token. */
export function endPath(path: Path, logProbability: number, weights: Float32Array | null): Path {
  return {
    tokens: path.tokens,
    logProbabilities: [...path.logProbabilities, logProbability],
    weights: weights ? [...path.weights, weights] : path.weights,
    logProbability: path.logProbability + logProbability,
  };
}

/** What the caller gets: a copy that is theirs to change (the arrays of weights are shared between branches). */
export function toHypothesis(path: Path, score: number, finished: boolean): Hypothesis {
  return {
    tokens: [...path.tokens],
    logProbabilities: [...path.logProbabilities],
    weights: [...path.weights],
    logProbability: path.logProbability,
    score,
    finished,
  };
}
