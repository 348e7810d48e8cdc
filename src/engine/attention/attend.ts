import * as tf from '@tensorflow/tfjs-core';
import { unprobed, type Probe } from '../probe.ts';
import type { Score } from './score.ts';

/** What attention returns. */
export type Attended = {
  /** ẑ = Σ_i α_i v_i, [batch, value size]. */
  context: tf.Tensor2D;
  /** α = softmax(e), [batch, locations]; rows sum to 1, masked locations are exactly 0. */
  weights: tf.Tensor2D;
};

/**
 * Soft attention: α = softmax(score(keys, query)), ẑ = Σ α_i v_i
 * (Bahdanau et al. 2015, eqs. 5-6; Xu et al. 2015, eqs. 4-6 and 13).
 *
 * @param score the score function
 * @param keys `score.keys(annotations)`, [batch, locations, key size]
 * @param values what is averaged, [batch, locations, value size]; usually the annotations themselves
 * @param query [batch, query size]
 * @param mask 1 where a location exists, 0 where it is padding, [batch, locations]; every row needs a 1
 * @param probe sees `query`, `energies` (e, before the mask), `weights` (α) and `context` (ẑ)
 */
export function attend(
  score: Score,
  keys: tf.Tensor3D,
  values: tf.Tensor3D,
  query: tf.Tensor2D,
  mask?: tf.Tensor2D,
  probe: Probe = unprobed,
): Attended {
  return tf.tidy(() => {
    const energies = probe('energies', score.energies(keys, probe('query', query)));
    const weights = probe('weights', tf.softmax(mask ? maskEnergies(energies, mask) : energies));
    return { context: probe('context', weightedSum(weights, values)), weights };
  });
}

/** Σ_i α_i v_i. @param weights [batch, locations] @param values [batch, locations, value size] @returns [batch, value size] */
export function weightedSum(weights: tf.Tensor2D, values: tf.Tensor3D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, locations] = weights.shape;
    const sum = tf.matMul(tf.reshape<tf.Rank.R3>(weights, [batch, 1, locations]), values);
    return tf.reshape<tf.Rank.R2>(sum, [batch, values.shape[2]]);
  });
}

/** Energies with −∞ where the mask is 0, so that the softmax gives those locations exactly no weight: e + log mask. */
function maskEnergies<T extends tf.Tensor>(energies: T, mask: tf.Tensor): T {
  return tf.tidy(() => tf.add(energies, tf.log(mask)));
}
