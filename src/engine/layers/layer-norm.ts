import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/**
 * Layer normalisation (Ba et al. 2016): (x − mean) / sqrt(variance + ε) · gain + bias over the last axis.
 * Weights: `NAME.gain` [size], `NAME.bias` [size].
 */
export class LayerNorm {
  readonly #gain: tf.Variable;
  readonly #bias: tf.Variable;
  readonly #epsilon: number;

  constructor(parameters: Parameters, name: string, size: number, epsilon = 1e-5) {
    this.#gain = parameters.get(`${name}.gain`, [size], constant(1));
    this.#bias = parameters.get(`${name}.bias`, [size], constant(0));
    this.#epsilon = epsilon;
  }

  /** @param x […, size] @returns the same shape */
  apply<T extends tf.Tensor>(x: T): T {
    return tf.tidy(() => {
      const { mean, variance } = tf.moments(x, -1, true);
      const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, this.#epsilon)));
      return tf.add<T>(tf.mul(normalised, this.#gain), this.#bias);
    });
  }
}
