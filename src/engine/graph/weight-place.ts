import type * as tf from '@tensorflow/tfjs-core';

/** Where a weight's numbers lie in a file, for what reads them there itself. */
export interface WeightPlace {
  /** The file's folder, and its name there. */
  readonly folder: string;
  readonly file: string;
  /** Of its first byte. */
  readonly offset: number;
  readonly bytes: number;
  readonly type: 'float16' | 'float32';
  /** The bytes. */
  read(): Uint8Array;
}

const PLACES = new WeakMap<object, WeightPlace>();

/** Says where a tensor's numbers lie; so it is for all tensors that share its data. */
export function setPlace(tensor: tf.Tensor, place: WeightPlace): void {
  PLACES.set(tensor.dataId, place);
}

export function placeOf(tensor: tf.Tensor): WeightPlace | undefined {
  return PLACES.get(tensor.dataId);
}
