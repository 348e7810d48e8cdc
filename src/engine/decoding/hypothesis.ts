import type { BeamNode } from './beam-tree.ts';

/** One way to say it: a token sequence with what the model thought of it. */
export interface Hypothesis {
  /** Tokens without the start and end token. */
  tokens: number[];
  /** log p of each token, in order; where the hypothesis is finished, the end token's follows last. */
  logProbabilities: number[];
  /** Where the model looked for each token (`locations` numbers that sum to 1), aligned with `logProbabilities`; empty where the model has no attention. */
  weights: Float32Array[];
  /**
   * log p of every token at each place, [vocabulary] each, aligned with `logProbabilities`; only where the search was asked
   * to keep them. Read only: branches share them.
   */
  distributions?: readonly Float32Array[];
  /** The sum of `logProbabilities`. */
  logProbability: number;
  /** What the search ranked by: `logProbability` after length normalisation. */
  score: number;
  /** Whether the end token was reached (false: the length limit cut it off). */
  finished: boolean;
}

/** What every search obeys. */
export interface Constraints {
  /** The longest hypothesis, in tokens without start and end. */
  maxLength: number;
  /** The shortest (default 1): the end token is impossible before. */
  minLength?: number;
  /** Tokens that may never be emitted (unknown, padding, start). */
  forbidden?: readonly number[];
  /** No sequence of this many tokens may occur twice (0: allowed). */
  noRepeat?: number;
  /** Tokens that every hypothesis must begin with. */
  prefix?: readonly number[];
  /** Tokens that may not stand last (a caption never ends in "a" or "in"). */
  neverLast?: readonly number[];
  /** The only tokens that may occur more than once (default: all). */
  repeatable?: readonly number[];
}

/** How a running search can be watched and stopped. */
export interface SearchControl {
  /** Aborting makes the search reject with the signal's reason, with all its tensors freed. */
  signal?: AbortSignal;
  /** Called after each step with the best unfinished-or-finished hypothesis so far of every source. */
  onStep?: (best: readonly Hypothesis[]) => void;
  /** Whether hypotheses keep what the model thought of all tokens at each of their places (default false). */
  keepDistributions?: boolean;
  /**
   * Called when a beam search is done with all that it looked at, and as much again that was next, of every source: see
   * `BeamTree`. The result is the same as without.
   */
  onTree?: (trees: readonly (readonly BeamNode[])[]) => void;
}
