import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, readCheckpoint, type Checkpoint, type WeightArray } from '../engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from './directory-store.ts';
import { loadOutsideCheckpoint, loadStoredCheckpoint } from './outside-checkpoint.ts';
import { readJson } from '../files/read-file.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { isPublishedFolder } from './published/published-folder.ts';

/** The tfjs backend whose tensors are plain arrays. */
const PLAIN = 'cpu';

/**
 * `loadCheckpoint` of a folder, which may hold a model as its authors publish it. Beside ONNX Runtime, the weights of a
 * model that was added stay in its files (`loadOutsideCheckpoint`).
 * @param onDescription may be told all but the weights before these are read, so that other files are read meanwhile
 * @throws Error that names what is wrong
 */
export async function loadAnyCheckpoint(
  folder: string,
  onDescription?: Parameters<typeof loadStoredCheckpoint>[1],
): Promise<Checkpoint<tf.Tensor>> {
  if (!isPublishedFolder(folder)) {
    if (tf.getBackend() !== PLAIN) return loadCheckpoint(new DirectoryStore(folder));
    return (await isAdded(folder)) ? loadOutsideCheckpoint(folder) : loadStoredCheckpoint(folder, onDescription);
  }
  const { readPublished } = await import('./published/read-published.ts');
  const { weights: arrays, ...rest } = await readPublished(folder);
  const weights = new Map<string, tf.Tensor>();
  for (const [name, { shape, data }] of arrays) weights.set(name, tf.tensor(data, shape, 'float32'));
  return { ...rest, weights };
}

/** The same without a backend. @throws Error that names what is wrong */
export async function readAnyCheckpoint(folder: string): Promise<Checkpoint<WeightArray>> {
  if (!isPublishedFolder(folder)) return readCheckpoint(new DirectoryStore(folder));
  return (await import('./published/read-published.ts')).readPublished(folder);
}

/** Whether a folder holds a model that was added (`addModel`). */
async function isAdded(folder: string): Promise<boolean> {
  const manifest = await readJson(join(folder, MANIFEST)).catch(() => undefined);
  return (manifest as { metadata?: { published?: unknown } } | undefined)?.metadata?.published !== undefined;
}
