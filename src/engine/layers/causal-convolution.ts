import * as tf from '@tensorflow/tfjs-core';
import { constant, glorotUniform, type Initializer, type Parameters } from '../parameters.ts';

/**
 * A convolution along time that sees nothing of the future: y_t = b + Σ_j x_{t − j δ} W_j, j from 0 to k − 1; what lies before
 * the beginning is 0. With a dilation δ of more than 1 it leaves steps out (Kalchbrenner et al. 2016, ByteNet). An encoder may
 * look ahead: then everything is moved by so many steps, y_t = b + Σ_j x_{t + ahead − j δ} W_j, and what lies behind the end
 * is 0 as well.
 *
 * Weights: `NAME.kernel` [k · input, output] (the rows of j = 0 first), `NAME.bias` [output].
 */
export class CausalConvolution {
  readonly dilation: number;
  readonly #width: number;
  readonly #ahead: number;
  readonly #kernel: tf.Variable;
  readonly #bias: tf.Variable;

  /**
   * @param options.width k, steps that are seen
   * @param options.dilation δ, how far they lie apart (default 1)
   * @param options.ahead steps of the future that are seen (default 0)
   */
  constructor(
    parameters: Parameters,
    name: string,
    inputSize: number,
    outputSize: number,
    options: { width: number; dilation?: number; ahead?: number; initializer?: Initializer },
  ) {
    this.#width = options.width;
    this.#ahead = options.ahead ?? 0;
    this.dilation = options.dilation ?? 1;
    const shape = [options.width * inputSize, outputSize];
    this.#kernel = parameters.get(`${name}.kernel`, shape, options.initializer ?? glorotUniform);
    this.#bias = parameters.get(`${name}.bias`, [outputSize], constant(0));
  }

  /** @param x [rows, length, input] @returns [rows, length, output] */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const seen = Array.from({ length: this.#width }, (_, j) => later(x, j * this.dilation - this.#ahead));
      return this.#multiply(tf.concat(seen, 2));
    });
  }

  /** y at the last step alone, in a search that goes on step by step. @param x all that it sees, [rows, (k − 1) δ + 1, input] @returns [rows, 1, output] */
  last(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length, size] = x.shape;
      const seen = Array.from({ length: this.#width }, (_, j) =>
        tf.slice(x, [0, length - 1 - j * this.dilation, 0], [rows, 1, size]),
      );
      return this.#multiply(tf.concat(seen, 2));
    });
  }

  /** @param seen x_t, x_{t − δ} … side by side, [rows, length, k · input] */
  #multiply(seen: tf.Tensor3D): tf.Tensor3D {
    const [rows, length, size] = seen.shape;
    const y = tf.add(tf.matMul(tf.reshape(seen, [rows * length, size]), this.#kernel as tf.Tensor2D), this.#bias);
    return tf.reshape<tf.Rank.R3>(y, [rows, length, y.shape[1] as number]);
  }
}

/** x_{t − steps} at every t. @param x [rows, length, size] @param steps below 0: of the future */
function later(x: tf.Tensor3D, steps: number): tf.Tensor3D {
  const [rows, length, size] = x.shape;
  if (steps === 0) return x;
  if (Math.abs(steps) >= length) return tf.zeros(x.shape);
  return tf.pad(tf.slice(x, [0, Math.max(0, -steps), 0], [rows, length - Math.abs(steps), size]), [
    [0, 0],
    [Math.max(0, steps), Math.max(0, -steps)],
    [0, 0],
  ]);
}
