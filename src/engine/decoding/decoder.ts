import * as tf from '@tensorflow/tfjs-core';
import type { Evidence } from './evidence.ts';

/** What a decoder says about the next token of every hypothesis in the batch. */
export interface DecoderStep<State> {
  /** log p(token | source, tokens so far), [rows, vocabulary]. With `dispose`, computed when it is asked for. */
  readonly logProbabilities: tf.Tensor2D;
  /** Where each row looked while it predicted this token, [rows, locations]; rows sum to 1. Null where the model has no attention. */
  weights: tf.Tensor2D | null;
  /**
   * The likeliest tokens of each row, where the decoder finds them by itself: a search reads these few numbers and
   * leaves the others where they are.
   */
  likeliest?: Likeliest | undefined;
  /** The state after the tokens that were fed. */
  state: State;
  /** Frees everything but the state; left out: `disposeResults` does. */
  dispose?(): void;
}

/** What a beam search is going to do: its options, all of them said. See `BeamOptions` and `Constraints`. */
export interface SearchPlan {
  readonly width: number;
  readonly nBest: number;
  readonly lengthNormalisation: number;
  readonly maxLength: number;
  readonly minLength: number;
  readonly noRepeat: number;
  readonly forbidden: readonly number[];
  readonly neverLast: readonly number[];
  readonly repeatable: readonly number[] | null;
}

/** The first tokens of each row in the order of their probabilities; of equals, the one with the lower number first. */
export type Likeliest = {
  /** Their log p, [rows, count]. */
  logProbabilities: tf.Tensor2D;
  /** int32, [rows, count]. */
  tokens: tf.Tensor2D;
};

/** Frees what a step says; the state stays. */
export function disposeResults(step: DecoderStep<unknown>): void {
  if (step.dispose) {
    step.dispose();
    return;
  }
  const { likeliest, logProbabilities, weights } = step;
  tf.dispose([logProbabilities, ...(weights ? [weights] : []), ...(likeliest ? [likeliest] : [])]);
}

/**
 * The one interface through which every search (greedy, beam, sampling) sees every model.
 *
 * A batch is made of rows, one hypothesis a row; several sources (photos, sentences) may share a
 * batch. The decoder owns no state between calls: states are values that the caller disposes.
 */
export interface Decoder<State> {
  readonly vocabularySize: number;
  /** The token fed at the first step. */
  readonly startToken: number;
  /** The token that ends a hypothesis. */
  readonly endToken: number;

  /** How many sources the decoder was made for. */
  readonly sources: number;

  /** Told before a beam search begins. A decoder that can compute a whole search at once does so; see `ForeseeingDecoder`. */
  foresee?(plan: SearchPlan): void;

  /** What else speaks for or against each token, a source each; left out: nothing does. The steps do not depend on it. */
  readonly evidence?: (() => Promise<readonly Evidence[]>) | undefined;

  /** The state before the first token: one row a source. */
  start(): State;

  /**
   * Feeds one token to every row. Does not dispose `state`.
   * @param tokens the last token of each row, length = rows
   */
  step(state: State, tokens: Int32Array): DecoderStep<State>;

  /**
   * A new state whose row i is the old row `rows[i]`; rows may repeat (a hypothesis that branches) or
   * be left out (one that ended). Does not dispose `state`.
   */
  reorder(state: State, rows: Int32Array): State;

  /** Frees the tensors of a state. */
  dispose(state: State): void;
}
