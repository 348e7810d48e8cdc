import * as tf from '@tensorflow/tfjs-core';
import type { CaptionerStart, CaptionerSteps } from '../../engine/models/captioner-decoder.ts';
import { Random } from '../../engine/random.ts';

/**
 * What takes the place of a model's own attention.
 *
 * - `uniform`: every cell counts the same;
 * - `permuted`: each photo's weights, dealt out to other cells, the same for all words;
 * - `other`: where the same words would have looked in another photo, the next of the batch.
 */
export const REPLACEMENTS = ['uniform', 'permuted', 'other'] as const;
export type Replacement = (typeof REPLACEMENTS)[number];

/**
 * The steps of a captioner whose attention is replaced, all else being as it was. It is done to the keys: the scores of
 * the cells, and so the weights, depend on nothing else of the photo.
 * @param seed of what is permuted
 */
export function replaceAttention(steps: CaptionerSteps, replacement: Replacement, seed = 1): CaptionerSteps {
  return {
    start(features) {
      const { keys, ...start } = steps.start(features);
      if (!keys) throw new Error('A captioner without attention has none to replace.');
      const replaced = tf.tidy(() => replacedKeys(keys, replacement, seed));
      keys.dispose();
      return { ...start, keys: replaced } satisfies CaptionerStart;
    },
    step: (inputs) => steps.step(inputs),
  };
}

function replacedKeys(keys: tf.Tensor3D, replacement: Replacement, seed: number): tf.Tensor3D {
  const [photos, locations, size] = keys.shape;
  switch (replacement) {
    case 'uniform':
      return tf.zerosLike(keys);
    case 'other':
      return photos === 1 ? tf.clone(keys) : tf.concat([tf.slice(keys, 1), tf.slice(keys, 0, 1)], 0);
    case 'permuted': {
      const random = new Random(seed);
      const places = Array.from({ length: photos }, (_, photo) =>
        random.shuffle([...Array(locations).keys()]).map((cell) => photo * locations + cell),
      ).flat();
      const flat = tf.reshape<tf.Rank.R2>(keys, [photos * locations, size]);
      return tf.reshape(tf.gather(flat, tf.tensor1d(places, 'int32')), keys.shape);
    }
  }
}
