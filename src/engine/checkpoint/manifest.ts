import { CheckpointError } from './checkpoint-error.ts';
import { findNonJson, type Json } from './json.ts';
import { sha256 } from './sha256.ts';
import { MANIFEST, SHARD_NAME } from './store.ts';

/** The format that is written, and the newest that can be read. */
const FORMAT_VERSION = 1;

/** How the numbers of a weight are stored: IEEE 754, little-endian. */
export type Precision = 'float16' | 'float32';

export const BYTES_PER_NUMBER: Readonly<Record<Precision, number>> = { float16: 2, float32: 4 };

/** Where a weight lies. */
export interface WeightEntry {
  name: string;
  shape: number[];
  dtype: Precision;
  /** Index into `shards`. */
  shard: number;
  /** Of its first byte in the shard; the numbers follow row by row without gaps. */
  offset: number;
}

export interface ShardEntry {
  file: string;
  bytes: number;
  sha256: string;
}

/** What `model.json` says, apart from its version and its own checksum. */
export interface Manifest {
  architecture: string;
  config: Json;
  metadata: Json;
  weights: WeightEntry[];
  shards: ShardEntry[];
}

const NO_DIGEST = '0'.repeat(64);
// The file's second line; everything before it is ASCII, so its place in the text is its place in the bytes.
const DIGEST = /^\{\n {2}"formatVersion": \d+,\n {2}"sha256": "([0-9a-f]{64})"/;

/**
 * `model.json` as bytes. Its field `sha256` is the SHA-256 of the file itself, taken with zeros in
 * the place of the field's 64 digits.
 */
export async function encodeManifest(manifest: Manifest): Promise<Uint8Array> {
  const lost = findNonJson(manifest.config, 'config') ?? findNonJson(manifest.metadata, 'metadata');
  if (lost) throw new CheckpointError(`A checkpoint cannot hold ${lost}: it is no JSON value.`);
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, sha256: NO_DIGEST, ...manifest }, null, 2)}\n`;
  const digest = await sha256(new TextEncoder().encode(text));
  return new TextEncoder().encode(text.replace(NO_DIGEST, digest));
}

/** Reads `model.json` and checks all that can be checked without the shards. @throws CheckpointError */
export async function decodeManifest(bytes: Uint8Array): Promise<Manifest> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`${MANIFEST} is not JSON: it is damaged or cut off.`, { cause: error });
  }
  if (!isRecord(value)) return fail('it is not an object');

  const { formatVersion } = value;
  if (!isCount(formatVersion) || formatVersion < 1) return fail('it has no formatVersion');
  if (formatVersion > FORMAT_VERSION) {
    throw new CheckpointError(
      `The model was saved in format ${formatVersion} by a newer version of Attend; this version reads format ${FORMAT_VERSION}. Update Attend to use it.`,
    );
  }

  const digest = DIGEST.exec(text);
  if (!digest?.[1]) return fail('it has no checksum at its beginning');
  // Not `slice`: that of a Buffer is a view, and the caller's bytes would change.
  const blank = Uint8Array.from(bytes);
  blank.fill('0'.charCodeAt(0), digest[0].length - 65, digest[0].length - 1);
  if ((await sha256(blank)) !== digest[1]) {
    throw new CheckpointError(`${MANIFEST} is damaged: its checksum does not match. Get the model again.`);
  }
  return checkManifest(value);
}

function checkManifest(value: Record<string, unknown>): Manifest {
  const { architecture, config, metadata, weights, shards } = value;
  if (typeof architecture !== 'string') return fail('it names no architecture');
  if (config === undefined || metadata === undefined) return fail('it has no config or no metadata');
  if (!Array.isArray(shards)) return fail('it lists no shards');
  if (!Array.isArray(weights)) return fail('it lists no weights');

  const checkedShards = shards.map((shard: unknown, i): ShardEntry => {
    if (!isRecord(shard)) return fail(`shard ${i} is not an object`);
    const { file, bytes, sha256: digest } = shard;
    if (typeof file !== 'string' || !SHARD_NAME.test(file)) return fail(`shard ${i} has no proper file name`);
    if (!isCount(bytes)) return fail(`shard ${i} has no proper length`);
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return fail(`shard ${i} has no proper checksum`);
    return { file, bytes, sha256: digest };
  });

  const names = new Set<string>();
  const checkedWeights = weights.map((weight: unknown, i): WeightEntry => {
    if (!isRecord(weight)) return fail(`weight ${i} is not an object`);
    const { name, shape, dtype, shard, offset } = weight;
    if (typeof name !== 'string') return fail(`weight ${i} has no name`);
    if (names.has(name)) return fail(`the weight ${name} is listed twice`);
    names.add(name);
    if (!Array.isArray(shape) || !shape.every(isCount)) return fail(`the weight ${name} has no proper shape`);
    if (dtype !== 'float16' && dtype !== 'float32') {
      return fail(`the weight ${name} is of type ${String(dtype)}; float16 and float32 can be read`);
    }
    if (!isCount(shard) || !isCount(offset)) return fail(`the weight ${name} has no proper place`);
    const holder = checkedShards[shard];
    if (!holder) return fail(`the weight ${name} lies in shard ${shard}, which is not listed`);
    const entry: WeightEntry = { name, shape, dtype, shard, offset };
    const end = endOf(entry);
    if (end > holder.bytes) {
      return fail(
        `the weight ${name} of shape [${shape.join(', ')}] ends at byte ${end} of ${holder.file}, which has ${holder.bytes}`,
      );
    }
    return entry;
  });

  assertApart(checkedWeights, checkedShards);

  return {
    architecture,
    config: config as Json,
    metadata: metadata as Json,
    weights: checkedWeights,
    shards: checkedShards,
  };
}

/** No two weights share a byte: one of them would have the numbers of the other. */
function assertApart(weights: readonly WeightEntry[], shards: readonly ShardEntry[]): void {
  for (const [i, { file }] of shards.entries()) {
    const inside = weights.filter(({ shape, shard }) => shard === i && sizeOf(shape) > 0);
    inside.sort((a, b) => a.offset - b.offset);
    for (const [j, next] of inside.entries()) {
      const before = inside[j - 1];
      if (!before || endOf(before) <= next.offset) continue;
      fail(`the weights ${before.name} and ${next.name} overlap in ${file}`);
    }
  }
}

/** Behind a weight's last byte. */
function endOf({ dtype, offset, shape }: WeightEntry): number {
  return offset + sizeOf(shape) * BYTES_PER_NUMBER[dtype];
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function fail(what: string): never {
  throw new CheckpointError(`${MANIFEST} does not describe a model: ${what}.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
