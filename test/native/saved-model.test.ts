import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binary, exactFloats, placeholder } from '../../src/engine/graph/graph-def.ts';
import type { GraphDef } from '../../src/engine/graph/graph-def.ts';
import { loadNativeGraph, writeSavedModel } from '../../src/native/saved-model.ts';
import { describeNative, useTestBackend } from '../support/backend.ts';

useTestBackend();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-graphs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** a + 2b and a * b, of vectors. */
const arithmetic: GraphDef = {
  nodes: [
    placeholder('a', 'float32', [-1]),
    placeholder('b', 'float32', [-1]),
    exactFloats('two', [2]),
    binary('twice', 'Mul', 'b', 'two'),
    binary('sum', 'AddV2', 'a', 'twice'),
    binary('product', 'Mul', 'a', 'b'),
  ],
  inputs: {
    first: { node: 'a', dataType: 'float32', shape: [-1] },
    second: { node: 'b', dataType: 'float32', shape: [-1] },
  },
  outputs: {
    sum: { node: 'sum', dataType: 'float32', shape: [-1] },
    product: { node: 'product', dataType: 'float32', shape: [-1] },
  },
};

describeNative('a whole graph', () => {
  test('takes and gives tensors by name', async () => {
    const graph = await loadNativeGraph(arithmetic, folder);
    const { sum, product } = graph.run({ second: tf.tensor1d([3, 4]), first: tf.tensor1d([1, 2]) });
    expect([...(await sum!.data())]).toEqual([7, 10]);
    expect([...(await product!.data())]).toEqual([3, 8]);
    graph.dispose();
  });

  test('is written once, and nothing is left lying beside it', async () => {
    const home = join(folder, 'once');
    const [a, b] = await Promise.all([writeSavedModel(arithmetic, home), writeSavedModel(arithmetic, home)]);
    const c = await writeSavedModel(arithmetic, home);
    expect(new Set([a, b, c]).size).toBe(1);
    expect(await readdir(home)).toHaveLength(1);
  });

  test.each([
    ['zeroed', (bytes: Buffer) => bytes.fill(0, 100, 140)],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 50)],
    ['empty', () => Buffer.alloc(0)],
  ])('is written anew where what is there was %s', async (_, damage) => {
    const home = join(folder, 'damaged');
    const file = join(await writeSavedModel(arithmetic, home), 'saved_model.pb');
    const sound = await readFile(file);
    await writeFile(file, damage(Buffer.from(sound)));
    await writeSavedModel(arithmetic, home);
    expect((await readFile(file)).equals(sound)).toBe(true);
  });

  test('of other content goes elsewhere', async () => {
    const other = {
      ...arithmetic,
      nodes: arithmetic.nodes.map((n) => (n.name === 'two' ? exactFloats('two', [3]) : n)),
    };
    expect(await writeSavedModel(other, folder)).not.toBe(await writeSavedModel(arithmetic, folder));
  });
});
