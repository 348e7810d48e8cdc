import * as tf from '@tensorflow/tfjs-core';
import { constant, glorotUniform, type Initializer, type Parameters } from '../parameters.ts';

/**
 * A convolution along time that sees nothing of the future: y_t = b + Σ_j x_{t − j δ} W_j, j from 0 to k − 1; what lies before
 * the beginning is 0. With a dilation δ of more than 1 it leaves steps out (Kalchbrenner et al. 2016, ByteNet).
 *
 * Weights: `NAME.kernel` [k · input, output] (the rows of j = 0 first), `NAME.bias` [output].
 */
export class CausalConvolution {
  readonly dilation: number;
  readonly #width: number;
  readonly #kernel: tf.Variable;
  readonly #bias: tf.Variable;

  /** @param options.width k, steps that are seen; @param options.dilation δ, how far they lie apart (default 1) */
  constructor(
    parameters: Parameters,
    name: string,
    inputSize: number,
    outputSize: number,
    options: { width: number; dilation?: number; initializer?: Initializer },
  ) {
    this.#width = options.width;
    this.dilation = options.dilation ?? 1;
    const shape = [options.width * inputSize, outputSize];
    this.#kernel = parameters.get(`${name}.kernel`, shape, options.initializer ?? glorotUniform);
    this.#bias = parameters.get(`${name}.bias`, [outputSize], constant(0));
  }

  /** @param x [rows, length, input] @returns [rows, length, output] */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length, inputSize] = x.shape;
      const seen = Array.from({ length: this.#width }, (_, j) => later(x, j * this.dilation));
      const together = tf.reshape<tf.Rank.R2>(tf.concat(seen, 2), [rows * length, this.#width * inputSize]);
      const y = tf.add(tf.matMul(together, this.#kernel as tf.Tensor2D), this.#bias);
      return tf.reshape<tf.Rank.R3>(y, [rows, length, y.shape[1] as number]);
    });
  }
}

/** x_{t − steps} at every t. @param x [rows, length, size] */
function later(x: tf.Tensor3D, steps: number): tf.Tensor3D {
  const [rows, length, size] = x.shape;
  if (steps === 0) return x;
  if (steps >= length) return tf.zeros(x.shape);
  return tf.pad(tf.slice(x, [0, 0, 0], [rows, length - steps, size]), [
    [0, 0],
    [steps, 0],
    [0, 0],
  ]);
}
