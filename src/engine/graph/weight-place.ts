import type * as tf from '@tensorflow/tfjs-core';

/** Where a weight's numbers lie as they were stored: in a file, for what reads them there itself, or in memory. */
export interface WeightPlace {
  /** Left out: in memory. */
  readonly file?: {
    readonly folder: string;
    readonly name: string;
    /** Of its first byte. */
    readonly offset: number;
  };
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
