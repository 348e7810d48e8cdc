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
  return tf.tidy(() => tf.mul(x, tf.tensor(dropoutMask(x.size, rate, random), x.shape)));
}

/**
 * 0 or 1 / (1 − rate). A training step draws millions of these, so one draw decides two of them, by 16 bits
 * each, which tell rates apart to 1/65536; and it does so without branches, which chance would mispredict.
 */
function dropoutMask(size: number, rate: number, random: Random): Float32Array {
  const keep = 1 / (1 - rate);
  const threshold = Math.round(rate * 65536);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i += 2) {
    const bits = random.bits();
    mask[i] = keep * Number((bits & 0xffff) >= threshold);
    // Behind the end of an odd size nothing is stored.
    mask[i + 1] = keep * Number(bits >>> 16 >= threshold);
  }
  return mask;
}
