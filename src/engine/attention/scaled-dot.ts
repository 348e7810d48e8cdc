import * as tf from '@tensorflow/tfjs-core';
import { innerProducts } from './products.ts';
import type { Score } from './score.ts';

/**
 * Scaled dot score: e_i = hᵀ a_i / √d, d the size of both (Vaswani et al. 2017, eq. 1). No weights.
 *
 * The inner product of two vectors of d independent numbers of variance 1 has variance d; the
 * division brings it back to 1, where the softmax still has a gradient.
 */
export class ScaledDotScore implements Score {
  readonly form = 'product';
  /** The annotations over √d, [batch, locations, size]: scaled once a source rather than once a step. */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => tf.div<tf.Tensor3D>(annotations, Math.sqrt(annotations.shape[2])));
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
