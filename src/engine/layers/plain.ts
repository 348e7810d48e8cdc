import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/**
 * The plain recurrent cell (Elman 1990): h' = tanh([x; h] W + b). It has no gates: whatever it is to remember has to go
 * through the same product and the same tanh at every step.
 *
 * With attention, as lectures begin: s_t = tanh(A [x_t; c_{t−1}; s_{t−1}] + b), the context being part of the input.
 *
 * Weights: `NAME.kernel` [input + size, size] (the input's rows first), `NAME.bias` [size].
 */
export class PlainCell {
  readonly size: number;
  readonly #inputSize: number;
  readonly #kernel: tf.Variable;
  readonly #bias: tf.Variable;

  constructor(parameters: Parameters, name: string, inputSize: number, size: number) {
    this.size = size;
    this.#inputSize = inputSize;
    this.#kernel = parameters.get(`${name}.kernel`, [inputSize + size, size]);
    this.#bias = parameters.get(`${name}.bias`, [size], constant(0));
  }

  /** One step. @param x [rows, input] @param h [rows, size] @returns h', [rows, size] */
  step(x: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const sums = tf.matMul<tf.Tensor2D>(tf.concat([x, h], 1), this.#kernel);
      return tf.tanh(tf.add<tf.Tensor2D>(sums, this.#bias));
    });
  }

  /**
   * The share of the first `width` columns of the input, and the bias, for many steps at once.
   * @param x [rows, width]
   * @returns [rows, size], to be given to `stepFrom`
   */
  inputGates(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const own = tf.slice(this.#kernel as tf.Tensor2D, [0, 0], [x.shape[1], this.size]);
      return tf.add<tf.Tensor2D>(tf.matMul(x, own), this.#bias);
    });
  }

  /** The rows of the kernel that `inputGates` left out, when its input was `width` wide: [input − width + size, size]. */
  recurrentKernel(width: number): tf.Tensor2D {
    return tf.slice(this.#kernel as tf.Tensor2D, [width, 0], [this.#inputSize - width + this.size, this.size]);
  }

  /**
   * One step whose input was partly seen by `inputGates`; the same result as `step`.
   * @param gates the rows of `inputGates` for this step
   * @param rest the other columns of the input, or null where there are none
   * @param kernel from `recurrentKernel`
   */
  stepFrom(gates: tf.Tensor2D, rest: tf.Tensor2D | null, kernel: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const inner = rest ? tf.concat([rest, h], 1) : h;
      return tf.tanh(tf.add<tf.Tensor2D>(tf.matMul(inner, kernel), gates));
    });
  }
}
