import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';
import { mapLocations, tanhEnergies } from './products.ts';
import type { Score } from './score.ts';
import { assertLastSize, assertSameBatch } from './shapes.ts';

/**
 * Additive (MLP) score: e_i = vᵀ tanh(W_a a_i + W_h h + b)
 * (Bahdanau et al. 2015, appendix A.1.2; Xu et al. 2015, section 3.1.2, f_att).
 *
 * Weights: `NAME.annotations` [annotation size, size], `NAME.query` [query size, size],
 * `NAME.bias` [size], `NAME.v` [size, 1].
 */
export class AdditiveScore implements Score {
  readonly form = 'tanh';
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

  /** W_a a_i + b. @param annotations [batch, locations, annotation size] @returns [batch, locations, size] */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => tf.add<tf.Tensor3D>(mapLocations(annotations, this.#annotations as tf.Tensor2D), this.#bias));
  }

  /** @param keys [batch, locations, size] @param query [batch, query size] @returns [batch, locations] */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    assertSameBatch(keys, query);
    assertLastSize('query', query, this.query.shape[0]);
    return tf.tidy(() => tanhEnergies(keys, this.asks(query), this.v));
  }

  /** W_h h. @param query [batch, query size] @returns [batch, size] */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.matMul(query, this.query);
  }
}
