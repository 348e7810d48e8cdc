import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
  type CheckpointContent,
  type WeightArray,
} from '../../../src/engine/checkpoint/checkpoint.ts';
import { CheckpointError } from '../../../src/engine/checkpoint/checkpoint-error.ts';
import { fromFloat16, toFloat16 } from '../../../src/engine/float16.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { MemoryStore } from '../../support/memory-store.ts';

useTestBackend();

const random = new Random(1).next;
const array = (shape: number[]): WeightArray => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 4 * random() - 2),
});

const weights = new Map<string, WeightArray>([
  ['decoder.kernel', array([3, 5])],
  ['decoder.bias', array([5])],
  ['scale', array([])],
  ['empty', array([0, 2])],
  ['embedding', array([2, 2, 3])],
]);

const content: CheckpointContent = {
  architecture: 'captioner',
  config: { hidden: 512, attention: 'additive', layers: [1, 2.5], hard: false },
  metadata: { vocabulary: ['<start>', 'a', 'Straße', '犬'], best: null },
  weights,
  precision: 'float32',
  shardBytes: 64,
};

let store: MemoryStore;
beforeEach(async () => {
  store = new MemoryStore();
  await saveCheckpoint(store, content);
});

const bits = (data: Float32Array): number[] => [...new Uint32Array(data.slice().buffer)];

/** A manifest that may be changed into nonsense. */
type Loose = Record<string, unknown> & { weights: Record<string, unknown>[]; shards: Record<string, unknown>[] };

/** The manifest with a change, its own checksum set right by another implementation of SHA-256. */
function rewriteManifest(change: (manifest: Loose) => void): void {
  const manifest = JSON.parse(new TextDecoder().decode(store.files.get('model.json'))) as Loose;
  change(manifest);
  manifest.sha256 = '0'.repeat(64);
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const digest = createHash('sha256').update(text).digest('hex');
  store.files.set('model.json', new TextEncoder().encode(text.replace('0'.repeat(64), digest)));
}

describe('a checkpoint', () => {
  it('comes back with its description and its weights in their order', async () => {
    const loaded = await readCheckpoint(store);
    expect(loaded).toMatchObject({ architecture: 'captioner', config: content.config, metadata: content.metadata });
    expect([...loaded.weights]).toEqual([...weights]);
  });

  it('keeps every bit in float32, NaN payloads, infinities and subnormals included', async () => {
    const odd = new Float32Array(new Uint32Array([0x7fc12345, 0xff800000, 0x00000001, 0x80000000, 0x3f800001]).buffer);
    await saveCheckpoint(store, { ...content, weights: [['optimiser.m.odd', { shape: [5], data: odd }]] });
    expect(bits((await readCheckpoint(store)).weights.get('optimiser.m.odd')!.data)).toEqual(bits(odd));
  });

  it('rounds to half precision in float16 and takes half the bytes', async () => {
    const full = (await readCheckpoint(store)).files.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
    await saveCheckpoint(store, { ...content, precision: 'float16' });
    const half = await readCheckpoint(store);
    expect(half.files.slice(1).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(full / 2);
    for (const [name, { data }] of weights) {
      expect(half.weights.get(name)?.data).toEqual(data.map((value) => fromFloat16(toFloat16(value))));
    }
  });

  it('saves tensors and loads tensors, and leaves none behind', async () => {
    const tensors = [...weights].map(([name, { shape, data }]) => [name, tf.tensor(data.slice(), shape)] as const);
    await expectNoLeak(() => saveCheckpoint(store, { ...content, weights: tensors }));
    tf.dispose(tensors.map(([, tensor]) => tensor));
    await expectNoLeak(async () => {
      const loaded = await loadCheckpoint(store);
      for (const [name, { shape, data }] of weights) {
        const tensor = loaded.weights.get(name)!;
        expect(tensor.shape).toEqual(shape);
        expect(bits(tensor.dataSync<'float32'>())).toEqual(bits(data));
      }
      tf.dispose([...loaded.weights.values()]);
    });
  });

  it('is one moment of weights that change while it is saved', async () => {
    const data = Float32Array.of(1, 2);
    const saving = saveCheckpoint(store, { ...content, weights: [['w', { shape: [2], data }]] });
    data.fill(9);
    await saving;
    expect([...(await readCheckpoint(store)).weights.get('w')!.data]).toEqual([1, 2]);
  });

  it('comes back from a store that hands out views into a larger Buffer, which stay as they are', async () => {
    const original = new Map(store.files);
    for (const [name, bytes] of original) {
      const larger = Buffer.alloc(bytes.length + 16, 0xee);
      larger.set(bytes, 5);
      store.files.set(name, larger.subarray(5, 5 + bytes.length));
    }
    const loaded = await readCheckpoint(store);
    expect([...loaded.weights]).toEqual([...weights]);
    for (const { name, bytes, sha256 } of loaded.files) {
      expect(bytes).toBe(original.get(name)?.length);
      expect(sha256, name).toBe(createHash('sha256').update(original.get(name)!).digest('hex'));
    }
    for (const [name, bytes] of original) expect(Uint8Array.from(store.files.get(name)!)).toEqual(bytes);
  });

  it('can be read without this code', () => {
    const manifest = JSON.parse(new TextDecoder().decode(store.files.get('model.json'))) as {
      formatVersion: number;
      weights: { name: string; shape: number[]; dtype: string; shard: number; offset: number }[];
      shards: { file: string; bytes: number; sha256: string }[];
    };
    expect(manifest.formatVersion).toBe(1);
    for (const { name, shape, dtype, shard, offset } of manifest.weights) {
      const { file, bytes, sha256 } = manifest.shards[shard]!;
      const shardBytes = store.files.get(file)!;
      expect(shardBytes.length).toBe(bytes);
      expect(createHash('sha256').update(shardBytes).digest('hex')).toBe(sha256);
      expect(dtype).toBe('float32');
      const view = new DataView(shardBytes.buffer, shardBytes.byteOffset);
      const expected = weights.get(name)!;
      expect(shape).toEqual(expected.shape);
      expect([...expected.data].map((_, i) => view.getFloat32(offset + 4 * i, true))).toEqual([...expected.data]);
    }
  });

  it('divides the weights over shards of the wished size, a weight never', async () => {
    const sizes = (await readCheckpoint(store)).files.slice(1).map(({ bytes }) => bytes);
    expect(sizes).toEqual([60, 24, 48]);
    await saveCheckpoint(store, { ...content, shardBytes: Infinity });
    expect((await readCheckpoint(store)).files).toHaveLength(2);
    await saveCheckpoint(store, { ...content, shardBytes: 1 });
    expect([...(await readCheckpoint(store)).weights]).toEqual([...weights]);
  });

  it('may have no weights at all', async () => {
    await saveCheckpoint(store, { ...content, weights: [] });
    expect((await readCheckpoint(store)).weights.size).toBe(0);
  });
});

describe('loading refuses', () => {
  it('any single wrong byte in any file', async () => {
    for (const [name, bytes] of store.files) {
      for (let i = 0; i < bytes.length; i++) {
        const wrong = bytes.slice();
        wrong[i]! ^= 1 << (i % 8);
        store.files.set(name, wrong);
        await expect(readCheckpoint(store), `${name}, byte ${i}`).rejects.toThrow(CheckpointError);
      }
      store.files.set(name, bytes);
    }
    await readCheckpoint(store);
  });

  it('any file cut off or with something behind it', async () => {
    for (const [name, bytes] of store.files) {
      for (const wrong of [
        bytes.slice(0, -1),
        bytes.slice(0, bytes.length >> 1),
        new Uint8Array(),
        Uint8Array.of(...bytes, 10),
      ]) {
        store.files.set(name, wrong);
        await expect(readCheckpoint(store)).rejects.toThrow(CheckpointError);
      }
      store.files.set(name, bytes);
    }
  });

  const shard = (): string => [...store.files.keys()].find((name) => name !== 'model.json')!;
  const setText = (text: string): void => void store.files.set('model.json', new TextEncoder().encode(text));

  it.each<[string, () => void, RegExp]>([
    ['a missing manifest', () => store.files.delete('model.json'), /model\.json cannot be read: no such file/],
    ['a missing shard', () => store.files.delete(shard()), /weights-1-[0-9a-f]{16}\.bin cannot be read: no such file/],
    [
      'a shard cut off',
      () => store.files.set(shard(), store.files.get(shard())!.slice(0, 7)),
      /is cut off: it has 7 bytes instead of 60/,
    ],
    [
      'a shard with a wrong byte',
      () =>
        store.files.set(
          shard(),
          store.files.get(shard())!.map((b, i) => (i === 9 ? b ^ 4 : b)),
        ),
      /weights-1-\S+ is damaged: its checksum/,
    ],
    ['broken JSON', () => setText('{ "formatVersion": 1, '), /model\.json is not JSON/],
    [
      'text that is not UTF-8',
      () => store.files.set('model.json', Uint8Array.of(0x22, 0xff, 0x22)),
      /model\.json is not JSON/,
    ],
    ['JSON of something else', () => setText('[1, 2]'), /does not describe a model: it is not an object/],
    ['no format version', () => setText('{}'), /it has no formatVersion/],
    ['no checksum', () => setText('{ "formatVersion": 1 }'), /it has no checksum/],
    [
      'a newer format',
      () => rewriteManifest((m) => Object.assign(m, { formatVersion: 7 })),
      /saved in format 7 by a newer version of Attend; this version reads format 1/,
    ],
    [
      'an edited manifest',
      () => setText(new TextDecoder().decode(store.files.get('model.json')).replace('512', '513')),
      /model\.json is damaged: its checksum/,
    ],
    [
      'no architecture',
      () => rewriteManifest((m) => Object.assign(m, { architecture: undefined })),
      /it names no architecture/,
    ],
    ['no config', () => rewriteManifest((m) => Object.assign(m, { config: undefined })), /it has no config/],
    ['no weights', () => rewriteManifest((m) => Object.assign(m, { weights: undefined })), /it lists no weights/],
    ['no shards', () => rewriteManifest((m) => Object.assign(m, { shards: {} })), /it lists no shards/],
    [
      'a shard outside the folder',
      () => rewriteManifest((m) => Object.assign(m.shards[0]!, { file: '../weights-1-0123456789abcdef.bin' })),
      /shard 0 has no proper file name/,
    ],
    [
      'a shard without a checksum',
      () => rewriteManifest((m) => Object.assign(m.shards[1]!, { sha256: 'x' })),
      /shard 1 has no proper checksum/,
    ],
    [
      'a shard of negative length',
      () => rewriteManifest((m) => Object.assign(m.shards[1]!, { bytes: -1 })),
      /shard 1 has no proper length/,
    ],
    [
      'a weight listed twice',
      () => rewriteManifest((m) => Object.assign(m.weights[1]!, { name: m.weights[0]?.['name'] })),
      /decoder\.kernel is listed twice/,
    ],
    [
      'a wrong shape',
      () => rewriteManifest((m) => Object.assign(m.weights[0]!, { shape: [3, 6] })),
      /decoder\.kernel of shape \[3, 6\] ends at byte 72 of weights-1-\S+, which has 60/,
    ],
    [
      'a weight in the place of another',
      () => rewriteManifest((m) => Object.assign(m.weights[1]!, { shard: 0, offset: 56, shape: [1] })),
      /the weights decoder\.kernel and \S+ overlap in weights-1-/,
    ],
    [
      'a shape that is none',
      () => rewriteManifest((m) => Object.assign(m.weights[0]!, { shape: [3, -5] })),
      /decoder\.kernel has no proper shape/,
    ],
    [
      'an unknown type',
      () => rewriteManifest((m) => Object.assign(m.weights[0]!, { dtype: 'int8' })),
      /decoder\.kernel is of type int8; float16 and float32 can be read/,
    ],
    [
      'a weight in a shard that is not there',
      () => rewriteManifest((m) => Object.assign(m.weights[0]!, { shard: 9 })),
      /decoder\.kernel lies in shard 9, which is not listed/,
    ],
    [
      'a weight without a place',
      () => rewriteManifest((m) => Object.assign(m.weights[0]!, { offset: undefined })),
      /decoder\.kernel has no proper place/,
    ],
    [
      'a weight that is no object',
      () => rewriteManifest((m) => Object.assign(m.weights, { 2: null })),
      /weight 2 is not an object/,
    ],
  ])('%s, and says so', async (_, damage, message) => {
    damage();
    await expectNoLeak(async () => {
      const error = await loadCheckpoint(store).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(CheckpointError);
      expect((error as Error).message).toMatch(message);
    });
  });
});

describe('saving refuses', () => {
  it.each<[string, Partial<CheckpointContent>, string]>([
    [
      'two weights of one name',
      {
        weights: [
          ['w', array([1])],
          ['w', array([1])],
        ],
      },
      'The weight w is given twice.',
    ],
    [
      'a shape that does not fit',
      { weights: [['w', { shape: [2, 2], data: new Float32Array(3) }]] },
      'The weight w has 3 numbers; its shape [2, 2] needs 4.',
    ],
    [
      'a number beyond float16',
      { precision: 'float16', weights: [['w', { shape: [1], data: Float32Array.of(70000) }]] },
      'The weight w holds 70000, which is too large for float16.',
    ],
    ['NaN in the config', { config: { a: [1, { b: NaN }] } }, 'A checkpoint cannot hold config.a[1].b'],
    ['a date in the metadata', { metadata: { when: new Date(0) as never } }, 'A checkpoint cannot hold metadata.when'],
  ])('%s, and keeps the old checkpoint', async (_, change, message) => {
    await expect(saveCheckpoint(store, { ...content, ...change })).rejects.toThrow(message);
    expect([...(await readCheckpoint(store)).weights]).toEqual([...weights]);
  });

  it('a tensor of whole numbers', async () => {
    const tensor = tf.tensor1d([1, 2], 'int32');
    await expect(saveCheckpoint(store, { ...content, weights: [['w', tensor]] })).rejects.toThrow(
      'The weight w is int32, not float32.',
    );
    tensor.dispose();
  });
});
