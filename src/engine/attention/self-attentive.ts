import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { mapLocations } from './products.ts';
import type { Score } from './score.ts';

/**
 * Self-attentive pooling: e_i = vᵀ tanh(W a_i), without a query: how much each location matters by itself,
 * so that attention is an importance-weighted sum (Lin et al. 2017, "A structured self-attentive
 * sentence embedding", eq. 5).
 *
 * Weights: `NAME.kernel` [annotation size, size], `NAME.v` [size, 1].
 */
export class SelfAttentiveScore implements Score {
  readonly form = 'fixed';
  readonly #kernel: tf.Variable;
  readonly #v: tf.Variable;

  constructor(parameters: Parameters, name: string, annotationSize: number, size: number) {
    this.#kernel = parameters.get(`${name}.kernel`, [annotationSize, size]);
    this.#v = parameters.get(`${name}.v`, [size, 1]);
  }

  /** e_i already: nothing depends on the step. @param annotations [batch, locations, annotation size] @returns [batch, locations, 1] */
  keys(annotations: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const hidden = tf.tanh(mapLocations(annotations, this.#kernel as tf.Tensor2D));
      return mapLocations(hidden, this.#v as tf.Tensor2D);
    });
  }

  /** @param keys [batch, locations, 1] @returns [batch, locations] */
  energies(keys: tf.Tensor3D): tf.Tensor2D {
    return tf.reshape<tf.Rank.R2>(keys, [keys.shape[0], keys.shape[1]]);
  }

  /** Nobody: the query is left aside. @returns [batch, 0] */
  asks(query: tf.Tensor2D): tf.Tensor2D {
    return tf.zeros([query.shape[0], 0]);
  }
}
