import type * as tf from '@tensorflow/tfjs-core';

/**
 * A score function: how well each annotation vector (or encoder state) matches a query.
 *
 * The part that depends on the annotations alone is computed once a source by `keys`; each decoding
 * step then only calls `energies`.
 */
export interface Score {
  /**
   * @param annotations a_i, [batch, locations, annotation size]
   * @returns whatever `energies` needs of them, [batch, locations, key size]
   */
  keys(annotations: tf.Tensor3D): tf.Tensor3D;

  /**
   * @param keys from `keys`, [batch, locations, key size]
   * @param query the decoder's state, [batch, query size]; a score without a query ignores it
   * @returns e_i, unnormalised, [batch, locations]
   */
  energies(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D;
}
