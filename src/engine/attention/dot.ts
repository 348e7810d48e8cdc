import * as tf from '@tensorflow/tfjs-core';
import { innerProducts } from './products.ts';
import type { Score } from './score.ts';

/**
 * Dot score: e_i = hᵀ a_i (Luong et al. 2015, eq. 8, "dot"). No weights; the query and the annotation
 * vectors must have the same size.
 */
export class DotScore implements Score {
  readonly form = 'product';
  /** The annotations as they are, [batch, locations, size]. */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.clone(annotations);
  }

  /** @param keys [batch, locations, size] @param query [batch, size] @returns [batch, locations] */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
    return innerProducts(keys, query);
  }

  /** The query itself. */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.clone(query);
  }
}
