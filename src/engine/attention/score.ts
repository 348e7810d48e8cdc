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

  /**
   * How the two meet: `tanh`: e_i = vᵀ tanh(k_i + q); `product`: e_i = k_iᵀ q; `fixed`: e_i = k_i, nothing asks.
   * What q is, `asks` says.
   */
  readonly form: 'tanh' | 'product' | 'fixed';

  /** q, what meets the keys: a map of the query, or the query itself, [batch, key size]. */
  asks(query: tf.Tensor2D): tf.Tensor2D;

  /** v, [key size, 1], of a score that has one. */
  readonly v?: tf.Tensor2D;
}
