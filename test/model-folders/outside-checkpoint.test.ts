import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { trace } from '../../src/engine/graph/trace.ts';
import { placeOf } from '../../src/engine/graph/weight-place.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { loadAnyCheckpoint } from '../../src/model-folders/load-any-checkpoint.ts';
import { loadOutsideCheckpoint, loadStoredCheckpoint } from '../../src/model-folders/outside-checkpoint.ts';
import { backendUnderTest, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

/** As many rows of a table as are loaded in several parts. */
const ROWS = 2 ** 18 + 3;

/** Whether two tensors have the same numbers; as bytes, since of millions a matcher would take a minute. */
const areSame = (one: tf.Tensor, other: tf.Tensor): boolean =>
  Buffer.from(one.dataSync<'float32'>().slice().buffer).equals(Buffer.from(other.dataSync<'float32'>().slice().buffer));

describe.skipIf(backendUnderTest !== 'onnx')('weights that stay in their files (needs ATTEND_BACKEND=onnx)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attend-outside-'));
    const drawn = (length: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => ((i * 7919) % 251) / 64 - 2);
    await saveCheckpoint(new DirectoryStore(folder), {
      architecture: 'test',
      config: {},
      metadata: { published: { name: 'test' } },
      weights: [
        ['map', { shape: [3, 17], data: drawn(51) }],
        ['table', { shape: [ROWS, 17], data: drawn(ROWS * 17) }],
      ],
      precision: 'float16',
      shardBytes: 100,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are the same numbers, for who asks for them and for whole graphs', async () => {
    await expectNoLeak(async () => {
      const [own, expected] = [await loadAnyCheckpoint(folder), await loadCheckpoint(new DirectoryStore(folder))];
      expect(own.files).toEqual(expected.files);
      for (const [name, weight] of own.weights) {
        expect(placeOf(weight)).toBeDefined();
        expect(areSame(weight, expected.weights.get(name)!)).toBe(true);
      }
      const compute =
        ({ weights }: typeof own) =>
        ({ tokens, x }: { tokens: tf.Tensor; x: tf.Tensor }) => {
          const [map, table] = [weights.get('map') as tf.Tensor2D, weights.get('table') as tf.Tensor2D];
          const inner = tf.matMul(x, map);
          return { rows: tf.gather(table, tokens), scores: tf.matMul(inner, table, false, true) };
        };
      const traced = trace(
        { tokens: { dataType: 'int32', shape: ['count'] }, x: { dataType: 'float32', shape: ['rows', 3] } },
        compute(own),
      );
      const graph = await runnerUnderTest().loadTraced(traced, 'test');
      const widening = await runnerUnderTest().loadTraced(traced, 'test', { halves: 1 });
      const inputs = { tokens: tf.tensor1d([5, ROWS - 1], 'int32'), x: tf.tensor2d([1, -2, 0.5, 0.25, 3, -1], [2, 3]) };
      const [found, wanted] = [graph.run(inputs), tf.tidy(() => compute(expected)(inputs))];
      expect(found['rows']!.arraySync()).toEqual(wanted.rows.arraySync());
      const apart = tf.tidy(() => tf.max(tf.abs(tf.sub(found['scores']!, wanted.scores))).dataSync()[0]!);
      expect(found['scores']!.shape).toEqual([2, ROWS]);
      expect(apart).toBeLessThan(1e-4);
      // Widened at each run, they are the same.
      for (const _ of [1, 2]) {
        const again = widening.run(inputs);
        expect(areSame(again['scores']!, found['scores']!)).toBe(true);
        tf.dispose(again);
      }
      graph.dispose();
      widening.dispose();
      tf.dispose([found, wanted, inputs, [...own.weights.values()], [...expected.weights.values()]]);
    });
  });

  it('are the same numbers as they were stored in memory', async () => {
    await expectNoLeak(async () => {
      const [own, expected] = [await loadStoredCheckpoint(folder), await loadCheckpoint(new DirectoryStore(folder))];
      expect(own.files).toEqual(expected.files);
      for (const [name, weight] of own.weights) {
        expect(placeOf(weight)).toMatchObject({ bytes: 2 * weight.size, type: 'float16' });
        expect(areSame(weight, expected.weights.get(name)!)).toBe(true);
      }
      tf.dispose([[...own.weights.values()], [...expected.weights.values()]]);
    });
  });

  it('are refused where a file is another, cut off or missing', async () => {
    const [shard] = (await readdir(folder)).filter((name) => name.startsWith('weights-1-'));
    const path = join(folder, shard!);
    await writeFile(path, new Uint8Array(102));
    await expect(loadOutsideCheckpoint(folder)).rejects.toThrow(`${shard} is damaged: its checksum does not match`);
    await truncate(path, 100);
    await expect(loadOutsideCheckpoint(folder)).rejects.toThrow('is cut off: it has 100 bytes instead of 102');
    await rm(path);
    await expect(loadOutsideCheckpoint(folder)).rejects.toThrow(`is incomplete: ${shard} is missing`);
  });
});
