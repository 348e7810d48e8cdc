import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random.ts';

/**
 * Inverted dropout (Srivastava et al. 2014): each element is 0 with probability `rate`, otherwise
 * divided by 1 − rate. The mask comes from our own generator, so a run can be repeated on any backend.
 *
 * @param rate on [0, 1); 0 returns `x` itself
 * @param random nothing at inference: returns `x` itself
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, random: Random | undefined): T {
  if (rate === 0 || !random) return x;
  const keep = 1 / (1 - rate);
  const mask = new Float32Array(x.size);
  for (let i = 0; i < mask.length; i++) if (random.next() >= rate) mask[i] = keep;
  return tf.tidy(() => tf.mul(x, tf.tensor(mask, x.shape)));
}
