import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import type { Random } from '../random.ts';
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

  constructor(parameters: Parameters, name: string, size: number, innerSize: number) {
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
    return tf.tidy(() => this.#outer.apply(dropout(rectify(this.#inner.apply(x)), rate, random)));
  }
}

/**
 * max(0, x). The gradient is written out because that of `tf.relu` reads its array half a dozen times:
 * the sign of the result is 0 or 1, which is what the error is multiplied with.
 */
function rectify(x: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((input, save) => {
    const value = tf.relu(input as tf.Tensor);
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => tf.mul(dy, tf.sign(saved[0] as tf.Tensor))),
    };
  });
  return op(x) as tf.Tensor2D;
}
