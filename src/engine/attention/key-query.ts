import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { innerProducts, mapLocations } from './products.ts';
import type { Score } from './score.ts';
import { assertLastSize } from './shapes.ts';

/**
 * Key-query score: e_i = (W_q h)ᵀ (W_k a_i), an inner product in a space that both are mapped to; one
 * head of Vaswani et al. 2017, section 3.2.2, without the scaling. With `size` below both sizes it is
 * the general score with a W of rank `size`.
 *
 * Weights: `NAME.key` [annotation size, size], `NAME.query` [query size, size].
 */
export class KeyQueryScore implements Score {
  readonly form = 'product';
  readonly #key: tf.Variable;
  readonly #query: tf.Variable;
  readonly #querySize: number;

  constructor(parameters: Parameters, name: string, annotationSize: number, querySize: number, size: number) {
    this.#key = parameters.get(`${name}.key`, [annotationSize, size]);
    this.#query = parameters.get(`${name}.query`, [querySize, size]);
    this.#querySize = querySize;
  }

  /** W_k a_i. @param annotations [batch, locations, annotation size] @returns [batch, locations, size] */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return mapLocations(annotations, this.#key as tf.Tensor2D);
  }

  /** @param keys [batch, locations, size] @param query [batch, query size] @returns [batch, locations] */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    assertLastSize('query', query, this.#querySize);
    return tf.tidy(() => innerProducts(keys, this.asks(query)));
  }

  /** W_q h. @param query [batch, query size] @returns [batch, size] */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.matMul(query, this.#query);
  }
}
