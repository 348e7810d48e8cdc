import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';
import type { Score } from './score.ts';

/**
 * Additive (MLP) score: e_i = vᵀ tanh(W_a a_i + W_h h + b)
 * (Bahdanau et al. 2015, appendix A.1.2; Xu et al. 2015, section 3.1.2, f_att).
 *
 * Weights: `NAME.annotations` [annotation size, size], `NAME.query` [query size, size],
 * `NAME.bias` [size], `NAME.v` [size, 1].
 */
export class AdditiveScore implements Score {
  readonly #annotations: tf.Variable;
  readonly #query: tf.Variable;
  readonly #bias: tf.Variable;
  readonly #v: tf.Variable;

  constructor(parameters: Parameters, name: string, annotationSize: number, querySize: number, size: number) {
    this.#annotations = parameters.get(`${name}.annotations`, [annotationSize, size]);
    this.#query = parameters.get(`${name}.query`, [querySize, size]);
    this.#bias = parameters.get(`${name}.bias`, [size], constant(0));
    this.#v = parameters.get(`${name}.v`, [size, 1]);
  }

  /** W_h, [query size, size]. */
  get query(): tf.Tensor2D {
    return this.#query as tf.Tensor2D;
  }

  /** v, [size, 1]. */
  get v(): tf.Tensor2D {
    return this.#v as tf.Tensor2D;
  }

  /** W_a a_i + b, [batch, locations, size]. */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [batch, locations, size] = annotations.shape;
      const flat = tf.reshape<tf.Rank.R2>(annotations, [batch * locations, size]);
      const projected = tf.add(tf.matMul(flat, this.#annotations as tf.Tensor2D), this.#bias);
      return tf.reshape<tf.Rank.R3>(projected, [batch, locations, -1]);
    });
  }

  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const [batch, locations, size] = keys.shape;
      const projected = tf.reshape(tf.matMul(query, this.query), [batch, 1, size]);
      const hidden = tf.reshape<tf.Rank.R2>(tf.tanh(tf.add(keys, projected)), [batch * locations, size]);
      return tf.reshape<tf.Rank.R2>(tf.matMul(hidden, this.v), [batch, locations]);
    });
  }
}
