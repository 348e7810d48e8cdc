import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { mapLocations, tanhEnergies } from './products.ts';
import type { Score } from './score.ts';
import { assertLastSize, assertSameBatch } from './shapes.ts';

/**
 * Concat score: e_i = vᵀ tanh(W [h; a_i]) (Luong et al. 2015, eq. 8, "concat").
 *
 * It differs from the additive score in what its weights are (one matrix, no bias), not in what it
 * can express: W [h; a_i] = W_h h + W_a a_i, and so it is computed.
 *
 * Weights: `NAME.kernel` [query size + annotation size, size], the query's rows first; `NAME.v` [size, 1].
 */
export class ConcatScore implements Score {
  readonly form = 'tanh';
  readonly #kernel: tf.Variable;
  readonly #v: tf.Variable;
  readonly #annotationSize: number;
  readonly #querySize: number;
  readonly #size: number;

  constructor(parameters: Parameters, name: string, annotationSize: number, querySize: number, size: number) {
    this.#kernel = parameters.get(`${name}.kernel`, [querySize + annotationSize, size]);
    this.#v = parameters.get(`${name}.v`, [size, 1]);
    this.#annotationSize = annotationSize;
    this.#querySize = querySize;
    this.#size = size;
  }

  /** W_a a_i. @param annotations [batch, locations, annotation size] @returns [batch, locations, size] */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => mapLocations(annotations, this.#rows(this.#querySize, this.#annotationSize)));
  }

  /** @param keys [batch, locations, size] @param query [batch, query size] @returns [batch, locations] */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    assertSameBatch(keys, query);
    assertLastSize('query', query, this.#querySize);
    return tf.tidy(() => tanhEnergies(keys, this.asks(query), this.v));
  }

  /** W_h h. @param query [batch, query size] @returns [batch, size] */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.matMul(query, this.#rows(0, this.#querySize)));
  }

  /** v, [size, 1]. */
  get v(): tf.Tensor2D {
    return this.#v as tf.Tensor2D;
  }

  #rows(from: number, count: number): tf.Tensor2D {
    return tf.slice(this.#kernel as tf.Tensor2D, [from, 0], [count, this.#size]);
  }
}
