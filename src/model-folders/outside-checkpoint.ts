import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readStored, unpack, type Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import { CheckpointError } from '../engine/checkpoint/checkpoint-error.ts';
import { BYTES_PER_NUMBER, decodeManifest, sizeOf, type ShardEntry } from '../engine/checkpoint/manifest.ts';
import { sha256 } from '../engine/checkpoint/sha256.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { lateTensor } from '../engine/graph/late-tensor.ts';
import { setPlace, type WeightPlace } from '../engine/graph/weight-place.ts';
import { fileSource } from '../files/file-source.ts';
import { DirectoryStore } from './directory-store.ts';

/** How much of a file is in memory at a time while its checksum is taken. */
const CHUNK = 2 ** 20;

/**
 * `loadCheckpoint` for large models: every file's checksum is compared, but the numbers stay where they are. What runs
 * whole graphs reads them there (`WeightPlace`), so that they are in memory once; who asks a tensor for its numbers gets
 * them from the file, at each call. Needs plain JavaScript to hold the tensors, as beside ONNX Runtime.
 *
 * @returns tensors, which are the caller's to dispose
 * @throws CheckpointError that names the file and what is wrong with it
 */
export async function loadOutsideCheckpoint(directory: string): Promise<Checkpoint<tf.Tensor>> {
  const folder = resolve(directory);
  const bytes = await new DirectoryStore(folder).read(MANIFEST);
  const { architecture, config, metadata, shards, weights: entries } = await decodeManifest(bytes);
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, ...shards.map(({ bytes }) => bytes))));
  for (const shard of shards) assertShard(folder, shard, chunk);
  const weights = new Map<string, tf.Tensor>();
  for (const { dtype: type, name, offset, shape, shard } of entries) {
    const { file } = shards[shard] as ShardEntry;
    const bytes = sizeOf(shape) * BYTES_PER_NUMBER[type];
    const read = (): Uint8Array => fileSource(join(folder, file)).read(offset, offset + bytes);
    weights.set(name, outsideTensor(shape, { file: { folder, name: file, offset }, bytes, type, read }));
  }
  return {
    architecture,
    config,
    metadata,
    weights,
    files: [
      { name: MANIFEST, bytes: bytes.length, sha256: await sha256(bytes) },
      ...shards.map(({ bytes, file: name, sha256 }) => ({ name, bytes, sha256 })),
    ],
  };
}

/**
 * `loadCheckpoint` for models whose weights are mostly not asked for, since a graph of them is kept: they stay in memory as
 * they are stored, and in half precision take half of it. Needs plain JavaScript to hold the tensors, as beside ONNX Runtime.
 *
 * @returns tensors, which are the caller's to dispose
 * @throws CheckpointError that names the file and what is wrong with it
 */
export async function loadStoredCheckpoint(
  directory: string,
  onDescription?: Parameters<typeof readStored>[1],
): Promise<Checkpoint<tf.Tensor>> {
  const { weights: stored, ...rest } = await readStored(new DirectoryStore(directory), onDescription);
  const weights = new Map<string, tf.Tensor>();
  for (const [name, { bytes, dtype: type, shape }] of stored) {
    const isHalf = type === 'float16';
    const tensor = isHalf
      ? outsideTensor(shape, { bytes: bytes.length, type, read: () => bytes })
      : tf.tensor(unpack({ bytes, dtype: type }), shape, 'float32');
    weights.set(name, tensor);
  }
  return { ...rest, weights };
}

/**
 * @param chunk to read into: one for all files, since what each leaves would lie there until JavaScript next collects
 * @throws CheckpointError where a file is missing or not as the manifest says
 */
function assertShard(folder: string, { bytes, file, sha256 }: ShardEntry, chunk: Buffer): void {
  let handle: number;
  try {
    handle = openSync(join(folder, file), 'r');
  } catch (cause) {
    throw new CheckpointError(`The model in ${folder} is incomplete: ${file} is missing.`, { cause });
  }
  try {
    const { size } = fstatSync(handle);
    if (size !== bytes) {
      const problem = size < bytes ? 'cut off' : 'too long';
      throw new CheckpointError(`${file} is ${problem}: it has ${size} bytes instead of ${bytes}.`);
    }
    const hash = createHash('sha256');
    for (let length = readSync(handle, chunk); length > 0; length = readSync(handle, chunk)) {
      hash.update(chunk.subarray(0, length));
    }
    if (hash.digest('hex') !== sha256) {
      throw new CheckpointError(`${file} is damaged: its checksum does not match. Get the model again.`);
    }
  } finally {
    closeSync(handle);
  }
}

/** A tensor whose numbers are read when somebody asks for them. */
function outsideTensor(shape: number[], place: WeightPlace): tf.Tensor {
  const tensor = lateTensor(shape, () => unpack({ bytes: place.read(), dtype: place.type }));
  setPlace(tensor, place);
  return tensor;
}
