import * as tf from '@tensorflow/tfjs-core';
import type { HeadMemory } from '../attention/multi-head.ts';
import type { RowTensors } from './text-decoder.ts';
import type { DecoderLayerOutput } from './transformer-layers.ts';

/** Whose encoder-decoder attention a search is shown; what is left out is averaged over. */
export interface Looks {
  /** Of the decoder, from 0. */
  layer?: number;
  /** From 0. */
  head?: number;
}

/** Layers as tensors by name: `0/keys`, `0/values`, `1/keys` ... */
export function flatten(layers: readonly HeadMemory[]): RowTensors {
  return Object.fromEntries(
    layers.flatMap(({ keys, values }, i): [string, tf.Tensor][] => [
      [`${i}/keys`, keys],
      [`${i}/values`, values],
    ]),
  );
}

export function unflatten(tensors: RowTensors): HeadMemory[] {
  const count = Object.keys(tensors).length / 2;
  return Array.from({ length: count }, (_, i) => ({
    keys: tensors[`${i}/keys`] as tf.Tensor4D,
    values: tensors[`${i}/values`] as tf.Tensor4D,
  }));
}

/** The mean of the encoder-decoder weights that are asked for, [rows, locations]. */
export function lookedAt(layers: readonly DecoderLayerOutput[], { layer, head }: Looks): tf.Tensor2D {
  const chosen = layers.filter((_, i) => layer === undefined || i === layer);
  const means = chosen.map(({ sourceWeights }) => {
    const own = head === undefined ? sourceWeights : tf.slice(sourceWeights, [0, head, 0, 0], [-1, 1, -1, -1]);
    return tf.mean<tf.Tensor2D>(own, [1, 2]);
  });
  return means.length === 1 ? (means[0] as tf.Tensor2D) : tf.div<tf.Tensor2D>(tf.addN(means), means.length);
}

/** The encoder-decoder weights of every head at one step, [rows, layers, heads, locations]. */
export function mapsOf(layers: readonly DecoderLayerOutput[]): tf.Tensor4D {
  const [{ sourceWeights }] = layers as [DecoderLayerOutput];
  const [rows, heads, , locations] = sourceWeights.shape;
  return tf.concat(
    layers.map((layer) => tf.reshape<tf.Rank.R4>(layer.sourceWeights, [rows, 1, heads, locations])),
    1,
  );
}

export function assertBelow(what: string, index: number | undefined, count: number): void {
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`There is no ${what} ${index}; the model has ${count}, counted from 0.`);
  }
}
