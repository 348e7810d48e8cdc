import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { innerProducts, mapLocations } from './products.ts';
import type { Score } from './score.ts';

/**
 * General (bilinear) score: e_i = hᵀ W a_i (Luong et al. 2015, eq. 8, "general").
 *
 * Weights: `NAME.annotations` [annotation size, query size], which is Wᵀ.
 */
export class GeneralScore implements Score {
  readonly form = 'product';
  readonly #annotations: tf.Variable;

  constructor(parameters: Parameters, name: string, annotationSize: number, querySize: number) {
    this.#annotations = parameters.get(`${name}.annotations`, [annotationSize, querySize]);
  }

  /** W a_i. @param annotations [batch, locations, annotation size] @returns [batch, locations, query size] */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return mapLocations(annotations, this.#annotations as tf.Tensor2D);
  }

  /** @param keys [batch, locations, query size] @param query [batch, query size] @returns [batch, locations] */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    return innerProducts(keys, query);
  }

  /** The query itself. */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.clone(query);
  }
}
