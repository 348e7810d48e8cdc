import * as tf from '@tensorflow/tfjs-core';
import { fromFloat16s, toFloat16 } from '../float16.ts';
import { CheckpointError } from './checkpoint-error.ts';
import type { Json } from './json.ts';
import {
  BYTES_PER_NUMBER,
  decodeManifest,
  encodeManifest,
  sizeOf,
  type Precision,
  type ShardEntry,
  type WeightEntry,
} from './manifest.ts';
import { sha256 } from './sha256.ts';
import { MANIFEST, type CheckpointStore } from './store.ts';

/** Numbers with a shape, outside the backend. */
export interface WeightArray {
  shape: number[];
  data: Float32Array;
}

/** What describes a model beside its weights. */
export interface CheckpointDescription {
  /** Which model reads the weights ("captioner"). */
  architecture: string;
  /** Its sizes and choices. */
  config: Json;
  /** What else belongs to it: vocabulary, preprocessing, results, the state of a training. */
  metadata: Json;
}

export interface CheckpointContent extends Omit<CheckpointDescription, 'metadata'> {
  /** Default: an empty object. */
  metadata?: Json;
  /** By name, float32. Optimiser state is weights too, under names of its own ("optimiser.m.NAME"). */
  weights: Iterable<readonly [string, tf.Tensor | WeightArray]>;
  /** float16 halves the size and rounds to 11 significant bits; float32 keeps every bit, so a training can go on from it. */
  precision: Precision;
  /** Size above which a shard takes no further weight (default 16 MiB). A weight is never divided. */
  shardBytes?: number;
}

/** A checkpoint as it was read. */
export interface Checkpoint<Weight> extends CheckpointDescription {
  /** In the order in which they were saved. */
  weights: Map<string, Weight>;
  /** The files: `model.json` first, then the shards. */
  files: { name: string; bytes: number; sha256: string }[];
}

const DEFAULT_SHARD_BYTES = 16 * 2 ** 20;

/**
 * Saves a model: `model.json` (format version, architecture, config, metadata; each weight's name,
 * shape, type, shard and offset; each shard's length and SHA-256) and shards with the bare numbers.
 *
 * The weights are read before the first `await`, so what is saved is one moment of a training that
 * goes on meanwhile. The tensors stay the caller's.
 *
 * @throws CheckpointError where the content cannot be stored exactly as promised
 */
export async function saveCheckpoint(store: CheckpointStore, content: CheckpointContent): Promise<void> {
  const { architecture, config, metadata = {}, precision } = content;
  const { entries, shards } = pack(content.weights, precision, content.shardBytes ?? DEFAULT_SHARD_BYTES);

  const files = new Map<string, Uint8Array>();
  const shardEntries: ShardEntry[] = [];
  for (const [i, bytes] of shards.entries()) {
    const digest = await sha256(bytes);
    const file = `weights-${i + 1}-${digest.slice(0, 16)}.bin`;
    files.set(file, bytes);
    shardEntries.push({ file, bytes: bytes.length, sha256: digest });
  }
  files.set(MANIFEST, await encodeManifest({ architecture, config, metadata, weights: entries, shards: shardEntries }));
  await store.write(files);
}

/**
 * Loads a model with its weights as float32 tensors, which are the caller's to dispose.
 * @throws CheckpointError that names the file and what is wrong with it; no tensor is left then
 */
export async function loadCheckpoint(store: CheckpointStore): Promise<Checkpoint<tf.Tensor>> {
  const { weights: arrays, ...rest } = await readCheckpoint(store);
  const weights = new Map<string, tf.Tensor>();
  for (const [name, { shape, data }] of arrays) weights.set(name, tf.tensor(data, shape, 'float32'));
  return { ...rest, weights };
}

/** `loadCheckpoint` without a backend: the weights are plain arrays. @throws CheckpointError */
export async function readCheckpoint(store: CheckpointStore): Promise<Checkpoint<WeightArray>> {
  const { weights, ...rest } = await readStored(store);
  return {
    ...rest,
    weights: new Map([...weights].map(([name, { shape, ...stored }]) => [name, { shape, data: unpack(stored) }])),
  };
}

/** A weight as it is stored. */
export interface StoredWeight {
  shape: number[];
  dtype: Precision;
  bytes: Uint8Array;
}

/**
 * The same with the numbers as they are stored.
 * @param onDescription is told all but the weights before these are read, and which files they will be read from
 * @throws CheckpointError
 */
export async function readStored(
  store: CheckpointStore,
  onDescription?: (description: Omit<Checkpoint<unknown>, 'weights'>) => void,
): Promise<Checkpoint<StoredWeight>> {
  const manifestBytes = await readFile(store, MANIFEST);
  const { architecture, config, metadata, weights: entries, shards } = await decodeManifest(manifestBytes);
  const files = [
    { name: MANIFEST, bytes: manifestBytes.length, sha256: await sha256(manifestBytes) },
    ...shards.map(({ bytes, file, sha256 }) => ({ name: file, bytes, sha256 })),
  ];
  onDescription?.({ architecture, config, metadata, files });

  const weights = new Map<string, StoredWeight | undefined>(entries.map(({ name }) => [name, undefined]));
  for (const [i, shard] of shards.entries()) {
    const bytes = await readFile(store, shard.file);
    if (bytes.length !== shard.bytes) {
      const problem = bytes.length < shard.bytes ? 'cut off' : 'too long';
      throw new CheckpointError(`${shard.file} is ${problem}: it has ${bytes.length} bytes instead of ${shard.bytes}.`);
    }
    if ((await sha256(bytes)) !== shard.sha256) {
      throw new CheckpointError(`${shard.file} is damaged: its checksum does not match. Get the model again.`);
    }
    for (const { dtype, name, offset, shape, shard } of entries) {
      if (shard !== i) continue;
      const end = offset + sizeOf(shape) * BYTES_PER_NUMBER[dtype];
      weights.set(name, { shape, dtype, bytes: bytes.subarray(offset, end) });
    }
  }
  // Every weight's shard is listed (the manifest was checked), so every place is filled.
  return { architecture, config, metadata, weights: weights as Map<string, StoredWeight>, files };
}

async function readFile(store: CheckpointStore, name: string): Promise<Uint8Array> {
  try {
    return await store.read(name);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(`The model's file ${name} cannot be read: ${why}`, { cause: error });
  }
}

function pack(
  weights: CheckpointContent['weights'],
  precision: Precision,
  shardBytes: number,
): { entries: WeightEntry[]; shards: Uint8Array[] } {
  const entries: WeightEntry[] = [];
  const shards: Uint8Array[][] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const [name, weight] of weights) {
    if (names.has(name)) throw new CheckpointError(`The weight ${name} is given twice.`);
    names.add(name);
    const bytes = encodeNumbers(name, numbersOf(name, weight), precision);
    if (shards.length === 0 || (offset > 0 && offset + bytes.length > shardBytes)) {
      shards.push([]);
      offset = 0;
    }
    entries.push({ name, shape: [...weight.shape], dtype: precision, shard: shards.length - 1, offset });
    shards.at(-1)?.push(bytes);
    offset += bytes.length;
  }
  return { entries, shards: shards.map(concatenate) };
}

function numbersOf(name: string, weight: tf.Tensor | WeightArray): Float32Array {
  if (weight instanceof tf.Tensor) {
    if (weight.dtype !== 'float32') throw new CheckpointError(`The weight ${name} is ${weight.dtype}, not float32.`);
    return weight.dataSync<'float32'>();
  }
  if (weight.data.length !== sizeOf(weight.shape)) {
    throw new CheckpointError(
      `The weight ${name} has ${weight.data.length} numbers; its shape [${weight.shape.join(', ')}] needs ${sizeOf(weight.shape)}.`,
    );
  }
  return weight.data;
}

/** A copy of the numbers as bytes; typed arrays are little-endian on every machine that is supported. */
function encodeNumbers(name: string, numbers: Float32Array, precision: Precision): Uint8Array {
  if (precision === 'float32') return new Uint8Array(numbers.slice().buffer);
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    const half = toFloat16(number);
    if ((half & 0x7fff) === 0x7c00 && Number.isFinite(number)) {
      throw new CheckpointError(`The weight ${name} holds ${number}, which is too large for float16.`);
    }
    halves[i] = half;
  }
  return new Uint8Array(halves.buffer);
}

/** The numbers of a weight that is stored. */
export function unpack({ bytes, dtype }: Pick<StoredWeight, 'bytes' | 'dtype'>): Float32Array {
  // The copy also puts the numbers on an address that a typed array accepts. (Not `slice`: a store may
  // hand out a Buffer, whose `slice` is a view of the whole file.)
  const own = new Uint8Array(bytes).buffer;
  if (dtype === 'float32') return new Float32Array(own);
  return fromFloat16s(new Uint16Array(own));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
