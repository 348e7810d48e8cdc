import * as tf from '@tensorflow/tfjs-core';
import { Linear } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import { unprobed, type Probe } from '../probe.ts';

/** What is looked at. */
export interface MultiStepMemory {
  /** z_j, by which a place is found, [rows, places, size]. */
  keys: tf.Tensor3D;
  /** z_j + e_j, what it tells: the embedding beside what was made of it, [rows, places, size]. */
  values: tf.Tensor3D;
}

/**
 * The attention of one layer of ConvS2S (Gehring et al. 2017, section 3.3). Every layer of a decoder has its own: so it looks
 * several times before it writes, and knows where it looked before.
 *
 *   d_i = W_d h_i + b_d + g_i           (eq. 1; g_i is the embedding of what was written last)
 *   a_ij = softmax_j(d_i · z_j)
 *   c_i = Σ_j a_ij (z_j + e_j)          (eq. 2)
 *
 * Weights: `NAME.kernel` [size, size], `NAME.bias` [size].
 */
export class MultiStepAttention {
  readonly #summary: Linear;

  constructor(parameters: Parameters, name: string, size: number) {
    this.#summary = new Linear(parameters, name, size, size);
  }

  /**
   * @param h what the layer made, [rows, length, size]
   * @param g the embedding of what was written last, [rows, length, size]
   * @param bias is added to the scores, [length, places] or [rows, 1, places]: −∞ where nobody may look
   * @param probe sees `asks` (h), `query` (d), `energies` (d · z, before the bias), `weights` (a) and `context` (c)
   * @returns c, [rows, length, size], and a, [rows, length, places]
   */
  apply(
    h: tf.Tensor3D,
    g: tf.Tensor3D,
    { keys, values }: MultiStepMemory,
    bias?: tf.Tensor2D | tf.Tensor3D,
    probe: Probe = unprobed,
  ): { context: tf.Tensor3D; weights: tf.Tensor3D } {
    const [rows, length, size] = h.shape;
    const summary = this.#summary.apply(tf.reshape<tf.Rank.R2>(probe('asks', h), [rows * length, size]));
    const d = probe('query', tf.add<tf.Tensor3D>(tf.reshape(summary, [rows, length, size]), g));
    const scores = probe('energies', tf.matMul<tf.Tensor3D>(d, keys, false, true));
    const weights = probe('weights', tf.softmax(bias ? tf.add<tf.Tensor3D>(scores, bias) : scores));
    return { context: probe('context', tf.matMul<tf.Tensor3D>(weights, values)), weights };
  }
}
