import type { Hypothesis } from './hypothesis.ts';
import type { RowReading } from './step-loop.ts';

/** A hypothesis while it grows. Paths are values: branches share their past, nobody writes to it. */
export interface Path {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly weights: readonly Float32Array[];
  readonly distributions: readonly Float32Array[];
  readonly logProbability: number;
}

export const emptyPath: Path = { tokens: [], logProbabilities: [], weights: [], distributions: [], logProbability: 0 };

/** `path` with one more token. @param reading of the row that it goes on from */
export function extendPath(path: Path, token: number, logProbability: number, reading: RowReading): Path {
  return { ...endPath(path, logProbability, reading), tokens: [...path.tokens, token] };
}

/** `path` with the end token, which leaves its probability and weights but no token. */
export function endPath(path: Path, logProbability: number, { distribution, weights }: RowReading): Path {
  return {
    tokens: path.tokens,
    logProbabilities: [...path.logProbabilities, logProbability],
    weights: weights ? [...path.weights, weights] : path.weights,
    distributions: distribution ? [...path.distributions, distribution] : path.distributions,
    logProbability: path.logProbability + logProbability,
  };
}

/** What the caller gets: a copy that is theirs to change (the arrays of weights are shared between branches). */
export function toHypothesis(path: Path, score: number, finished: boolean): Hypothesis {
  return {
    tokens: [...path.tokens],
    logProbabilities: [...path.logProbabilities],
    weights: [...path.weights],
    ...(path.distributions.length > 0 && { distributions: path.distributions }),
    logProbability: path.logProbability,
    score,
    finished,
  };
}
