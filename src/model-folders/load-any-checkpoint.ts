import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, readCheckpoint, type Checkpoint, type WeightArray } from '../engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from './directory-store.ts';
import { isPublishedFolder, readPublished } from './published/read-published.ts';

/** `loadCheckpoint` of a folder, which may hold a model as its authors publish it. @throws Error that names what is wrong */
export async function loadAnyCheckpoint(folder: string): Promise<Checkpoint<tf.Tensor>> {
  if (!isPublishedFolder(folder)) return loadCheckpoint(new DirectoryStore(folder));
  const { weights: arrays, ...rest } = await readPublished(folder);
  const weights = new Map<string, tf.Tensor>();
  for (const [name, { shape, data }] of arrays) weights.set(name, tf.tensor(data, shape, 'float32'));
  return { ...rest, weights };
}

/** The same without a backend. @throws Error that names what is wrong */
export function readAnyCheckpoint(folder: string): Promise<Checkpoint<WeightArray>> {
  return isPublishedFolder(folder) ? readPublished(folder) : readCheckpoint(new DirectoryStore(folder));
}
