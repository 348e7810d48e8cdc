import * as tf from '@tensorflow/tfjs-core';
import type { Score } from './score.ts';

/**
 * A product score over √d: e_i / √d, d the size of what is multiplied (Vaswani et al. 2017, section 3.2.1).
 *
 * The inner product of two vectors of d independent numbers of variance 1 has variance d; the division brings it back to
 * 1, where the softmax still has a gradient. The keys are divided: once a source rather than once a step.
 *
 * @throws RangeError for a score that is no product
 */
export function scaled(score: Score): Score {
  if (score.form !== 'product') throw new RangeError('Only scores that are products can be scaled.');
  return {
    form: score.form,
    keys: (annotations) =>
      tf.tidy(() => {
        const keys = score.keys(annotations);
        return tf.div<tf.Tensor3D>(keys, Math.sqrt(keys.shape[2]));
      }),
    energies: (keys, query) => score.energies(keys, query),
    asks: (query) => score.asks(query),
  };
}
