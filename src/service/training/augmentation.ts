import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../engine/random.ts';

/**
 * Each photo mirrored with probability one half and cropped to a random part of at least 85 % of each side.
 * @param pixels [batch, height, width, 3]
 * @returns the same shape
 */
export function mirrorAndCrop(pixels: tf.Tensor4D, random: Random): tf.Tensor4D {
  const [batch, height, width] = pixels.shape;
  const boxes = Array.from({ length: batch }, (): [number, number, number, number] => {
    const side = 0.85 + 0.15 * random.next();
    const top = (1 - side) * random.next();
    const left = (1 - side) * random.next();
    // A box whose left and right are exchanged is read from right to left.
    const [from, to] = random.next() < 0.5 ? [left, left + side] : [left + side, left];
    return [top, from, top + side, to];
  });
  return tf.tidy(() => {
    const photo = tf.range(0, batch, 1, 'int32');
    return tf.image.cropAndResize(pixels, tf.tensor2d(boxes), photo, [height, width], 'bilinear');
  });
}
