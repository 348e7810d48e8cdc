import type * as tf from '@tensorflow/tfjs-core';
import type { Feed } from '../engine/graph/trace.ts';
import type { RowTensors } from '../engine/models/text-decoder.ts';

/** What tensors are like, by name. */
export type Feeds = Readonly<Record<string, Feed>>;

export const float = (...shape: (number | string)[]): Feed => ({ dataType: 'float32', shape });
export const integers = (...shape: (number | string)[]): Feed => ({ dataType: 'int32', shape });

/** The same under names that begin with `part/`. */
export function under<T>(part: string, entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`${part}/${name}`, entry]));
}

/** `under` undone: parts by their names, and what is in no part under the empty name. */
export function parted(tensors: Readonly<RowTensors>): Record<string, RowTensors> {
  const parts: Record<string, RowTensors> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const part = /^(memory|past)\//.exec(name)?.[1] ?? '';
    (parts[part] ??= {})[name.slice(part === '' ? 0 : part.length + 1)] = tensor;
  }
  return parts;
}

/** A list under `part/0`, `part/1` and so on. */
export function numbered<T>(part: string, entries: readonly T[]): Record<string, T> {
  return Object.fromEntries(entries.map((entry, i) => [`${part}/${i}`, entry]));
}

/** `numbered` undone. */
export function listed<T extends tf.Tensor>(part: string, tensors: Readonly<Record<string, tf.Tensor>>): T[] {
  const found: T[] = [];
  for (let i = 0; tensors[`${part}/${i}`]; i++) found.push(tensors[`${part}/${i}`] as T);
  return found;
}
