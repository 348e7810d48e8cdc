import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, readCheckpoint, type Checkpoint, type WeightArray } from '../engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from './directory-store.ts';
import { loadOutsideCheckpoint } from './outside-checkpoint.ts';
import { readJson } from '../files/read-file.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { isPublishedFolder, readPublished } from './published/read-published.ts';

/** The tfjs backend whose tensors are plain arrays. */
const PLAIN = 'cpu';

/**
 * `loadCheckpoint` of a folder, which may hold a model as its authors publish it. Beside ONNX Runtime, the weights of a
 * model that was added stay in its files (`loadOutsideCheckpoint`).
 * @throws Error that names what is wrong
 */
export async function loadAnyCheckpoint(folder: string): Promise<Checkpoint<tf.Tensor>> {
  if (!isPublishedFolder(folder)) {
    return tf.getBackend() === PLAIN && (await isAdded(folder))
      ? loadOutsideCheckpoint(folder)
      : loadCheckpoint(new DirectoryStore(folder));
  }
  const { weights: arrays, ...rest } = await readPublished(folder);
  const weights = new Map<string, tf.Tensor>();
  for (const [name, { shape, data }] of arrays) weights.set(name, tf.tensor(data, shape, 'float32'));
  return { ...rest, weights };
}

/** The same without a backend. @throws Error that names what is wrong */
export function readAnyCheckpoint(folder: string): Promise<Checkpoint<WeightArray>> {
  return isPublishedFolder(folder) ? readPublished(folder) : readCheckpoint(new DirectoryStore(folder));
}

/** Whether a folder holds a model that was added (`addModel`). */
async function isAdded(folder: string): Promise<boolean> {
  const manifest = await readJson(join(folder, MANIFEST)).catch(() => undefined);
  return (manifest as { metadata?: { published?: unknown } } | undefined)?.metadata?.published !== undefined;
}
