import type * as tf from '@tensorflow/tfjs-core';

/** The last layer: the scores of every token are x Eᵀ (+ b). */
export interface OutputLayer {
  /** E, [vocabulary, size]. */
  readonly table: tf.Tensor2D;
  /** b, [vocabulary]. */
  readonly bias: tf.Tensor1D | undefined;
}
