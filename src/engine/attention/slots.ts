import * as tf from '@tensorflow/tfjs-core';

/**
 * Rows that lie in a rectangle: tokens in sentences of different lengths, or the beams of several sources. What is done to
 * each row is done to rows, without the places that have none; what rows of a sentence or source do together is done in the
 * rectangle.
 */
export type Slots = {
  /** Which row is at each place; any row where there is none. int32, [sentences, places of each]. */
  slots: tf.Tensor2D;
  /** Which place each row has, counted through all sentences. int32, [rows]. */
  places: tf.Tensor1D;
};

/** @param x [rows, size] @returns [sentences × places of each, size]; `x` where there are no slots */
export function intoSlots(x: tf.Tensor2D, slots: Slots | undefined): tf.Tensor2D {
  if (!slots) return x;
  const [sentences, each] = slots.slots.shape;
  return tf.reshape(tf.gather<tf.Tensor>(x, slots.slots), [sentences * each, x.shape[1]]);
}

/** @param x [sentences × places of each, ...] @returns [rows, ...]; `x` where there are no slots */
export function outOfSlots<T extends tf.Tensor>(x: T, slots: Slots | undefined): T {
  return slots ? tf.gather(x, slots.places) : x;
}
