import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import type { Random } from '../random.ts';
import { activate, type ActivationName } from './activation.ts';
import { dropout } from './dropout.ts';
import { Linear } from './linear.ts';

/**
 * The position-wise feed-forward network: FFN(x) = max(0, x W_1 + b_1) W_2 + b_2
 * (Vaswani et al. 2017, eq. 2).
 *
 * Weights: `NAME.inner.kernel` [size, inner size], `NAME.inner.bias`, `NAME.outer.kernel`
 * [inner size, size], `NAME.outer.bias`.
 */
export class FeedForward {
  readonly #inner: Linear;
  readonly #outer: Linear;
  readonly #activation: ActivationName;

  /** @param activation in the place of max(0, ·) */
  constructor(
    parameters: Parameters,
    name: string,
    size: number,
    innerSize: number,
    activation: ActivationName = 'relu',
  ) {
    this.#activation = activation;
    this.#inner = new Linear(parameters, `${name}.inner`, size, innerSize);
    this.#outer = new Linear(parameters, `${name}.outer`, innerSize, size);
  }

  /**
   * @param x [rows, size]
   * @param rate dropout of the inner layer, which the paper has not
   * @param random nothing at inference
   * @returns [rows, size]
   */
  apply(x: tf.Tensor2D, rate = 0, random?: Random): tf.Tensor2D {
    return tf.tidy(() => this.#outer.apply(dropout(activate(this.#activation, this.#inner.apply(x)), rate, random)));
  }
}
