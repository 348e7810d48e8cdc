import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../engine/random.ts';

/**
 * Each photo mirrored with probability one half and cropped to a random part of it.
 * @param pixels [batch, height, width, 3]
 * @param smallest how much of each side is left at least, 0..1; the sides are drawn apart, as photos are squashed anyway
 * @returns the same shape
 */
export function mirrorAndCrop(pixels: tf.Tensor4D, smallest: number, random: Random): tf.Tensor4D {
  const [batch, height, width] = pixels.shape;
  const boxes = Array.from({ length: batch }, (): [number, number, number, number] => {
    const tall = smallest + (1 - smallest) * random.next();
    const wide = smallest + (1 - smallest) * random.next();
    const top = (1 - tall) * random.next();
    const left = (1 - wide) * random.next();
    // A box whose left and right are exchanged is read from right to left.
    const [from, to] = random.next() < 0.5 ? [left, left + wide] : [left + wide, left];
    return [top, from, top + tall, to];
  });
  return tf.tidy(() => {
    const photo = tf.range(0, batch, 1, 'int32');
    return tf.image.cropAndResize(pixels, tf.tensor2d(boxes), photo, [height, width], 'bilinear');
  });
}
