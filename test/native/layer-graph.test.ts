import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { trace, type Traced } from '../../src/engine/graph/trace.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { loadAnyCheckpoint } from '../../src/model-folders/load-any-checkpoint.ts';
import { loadLayerGraph } from '../../src/native/layer-graph.ts';
import { backendUnderTest, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

const LAYERS = 3;
const SIZE = 6;

describe.skipIf(backendUnderTest !== 'onnx')('one graph for all layers (needs ATTEND_BACKEND=onnx)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attend-layers-'));
    const drawn = (length: number, seed: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => (((i + seed) * 7919) % 251) / 256 - 0.5);
    await saveCheckpoint(new DirectoryStore(folder), {
      architecture: 'test',
      config: {},
      metadata: { published: { name: 'test' } },
      weights: Array.from({ length: LAYERS }, (_, i) => i).flatMap((i) => [
        [`${i}.map`, { shape: [SIZE, SIZE], data: drawn(SIZE * SIZE, 100 * i) }],
        [`${i}.bias`, { shape: [SIZE], data: drawn(SIZE, 100 * i + 50) }],
      ]),
      precision: 'float16',
      shardBytes: 100,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const layer = (weights: ReadonlyMap<string, tf.Tensor>, i: number, x: tf.Tensor): tf.Tensor =>
    tf.tidy(() => tf.tanh(tf.add(tf.matMul(x, weights.get(`${i}.map`) as tf.Tensor2D), weights.get(`${i}.bias`)!)));
  const recorded = (weights: ReadonlyMap<string, tf.Tensor>): Traced[] =>
    Array.from({ length: LAYERS }, (_, i) =>
      trace({ x: { dataType: 'float32', shape: ['rows', SIZE] } }, ({ x }) => ({ y: layer(weights, i, x) })),
    );

  it('computes with the weights of the layer that is run, also once their files are gone', async () => {
    await expectNoLeak(async () => {
      const [own, expected] = [await loadAnyCheckpoint(folder), await loadCheckpoint(new DirectoryStore(folder))];
      const stack = (await loadLayerGraph(recorded(own.weights), 'layer', runnerUnderTest()))!;
      for (const name of await readdir(folder)) await rm(join(folder, name));
      for (const rows of [1, 4]) {
        const x = tf.tidy(() => tf.reshape(tf.linspace(-1, 1, rows * SIZE), [rows, SIZE]));
        // Back and forth: nothing is left of the layer before.
        for (const i of [0, 2, 1, 0]) {
          const [{ y }, wanted] = [stack.run(i, { x }), layer(expected.weights, i, x)];
          expect(y!.shape).toEqual([rows, SIZE]);
          expect(tf.tidy(() => tf.max(tf.abs(tf.sub(y!, wanted))).dataSync()[0]!)).toBeLessThan(1e-6);
          tf.dispose([y!, wanted]);
        }
        x.dispose();
      }
      stack.dispose();
      tf.dispose([[...own.weights.values()], [...expected.weights.values()]]);
    });
  });

  it('is none where the weights do not lie in files', async () => {
    const weights = new Map(
      Array.from({ length: LAYERS }, (_, i) => i).flatMap((i): [string, tf.Tensor][] => [
        [`${i}.map`, tf.ones([SIZE, SIZE])],
        [`${i}.bias`, tf.ones([SIZE])],
      ]),
    );
    expect(await loadLayerGraph(recorded(weights), 'layer', runnerUnderTest())).toBeUndefined();
  });
});
