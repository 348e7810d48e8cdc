import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { partName } from '../../src/files/abandoned-parts.ts';
import type { GraphDef } from '../../src/engine/graph/graph-def.ts';
import { bake, trace } from '../../src/engine/graph/trace.ts';
import { KeptGraphs } from '../../src/native/kept-graphs.ts';
import { onnxRuntime } from '../../src/native/onnx-runtime.ts';
import { describeOnnx, useTestBackend } from '../support/backend.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** y = x W + 1, with a W that is large enough to lie outside ONNX's own bytes. */
function graphOf(factor: number): GraphDef {
  const weights = tf.tensor2d(
    Array.from({ length: 1600 }, (_, i) => (factor * i) / 1600),
    [40, 40],
  );
  const one = tf.scalar(1);
  const traced = trace({ x: { dataType: 'float32', shape: ['rows', 40] } }, ({ x }) => ({
    y: tf.add(tf.matMul(x as tf.Tensor2D, weights), one),
  }));
  return bake(traced);
}

const graphs = async (): Promise<string[]> => (await readdir(folder.path)).filter((name) => /^[0-9a-f]/.test(name));

/** What a graph gives, how often it was asked for, and whether it then is kept. */
async function run(key: string, { factor = 1, maker = 'this' } = {}): Promise<{ y: number[]; asked: number }> {
  let asked = 0;
  const make = (): GraphDef => {
    asked++;
    return graphOf(factor);
  };
  const runner = onnxRuntime({}, new KeptGraphs(folder.path, maker));
  const graph = await runner.load(make, 'test', { key, weights: [] });
  const y = tf.tidy(() => [...(graph.run({ x: tf.ones([1, 40]) })['y'] as tf.Tensor).dataSync()]);
  graph.dispose();
  // Nobody waits for what is written.
  if (asked > 0) await vi.waitFor(async () => expect((await readdir(folder.path)).some(isPart)).toBe(false));
  return { y, asked };
}

const isPart = (name: string): boolean => name.startsWith('.');

it('what a process that was killed has left goes at the next start', async () => {
  const left = partName(join(folder.path, 'graph.ort')).replace(`-${process.pid}-`, '-4194305-');
  await writeFile(left, 'begun');
  await new KeptGraphs(folder.path, 'this').read(join(folder.path, 'missing.ort'));
  await vi.waitFor(async () => expect(await readdir(folder.path)).toEqual([]));
});

describeOnnx('graphs that are kept', () => {
  it('are not made again, and give the same', async () => {
    const first = await run('a');
    expect(await graphs()).toHaveLength(1);
    expect(await run('a')).toEqual({ y: first.y, asked: 0 });
  });

  it('are made again of something else, and by somebody else', async () => {
    const { y } = await run('a');
    const other = await run('b', { factor: 2 });
    expect(other.asked).toBe(1);
    expect(other.y).not.toEqual(y);
    expect((await run('a', { maker: 'another' })).asked).toBe(1);
    expect(await graphs()).toHaveLength(3);
  });

  it('are made again where a byte is another, or some are missing', async () => {
    const { y } = await run('a');
    const [name] = await graphs();
    const file = join(folder.path, name as string);
    const whole = await readFile(file);
    const flipped = Buffer.from(whole);
    // In the middle lie weights.
    flipped[whole.length >> 1]! ^= 1;
    for (const damaged of [flipped, Buffer.alloc(whole.length), whole.subarray(0, 1000), Buffer.alloc(0)]) {
      await writeFile(file, damaged);
      expect(await run('a')).toEqual({ y, asked: 1 });
      expect(await run('a')).toEqual({ y, asked: 0 });
    }
  });

  it('are made again where those of another model lie under their name', async () => {
    const { y } = await run('a');
    const [name] = await graphs();
    await run('b', { factor: 2 });
    const other = (await graphs()).find((each) => each !== name);
    await rename(join(folder.path, other as string), join(folder.path, name as string));
    expect(await run('a')).toEqual({ y, asked: 1 });
    expect(await run('a')).toEqual({ y, asked: 0 });
  });

  it('are few of one origin, and gone when nobody needs them', async () => {
    await run('old');
    const [old] = await graphs();
    const then = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
    await utimes(join(folder.path, old as string), then, then);
    for (const maker of ['1', '2', '3']) await run('a', { maker });
    expect(await graphs()).toHaveLength(2);
    expect(await graphs()).not.toContain(old);
  });

  it('are done without where nothing can be written', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const runner = onnxRuntime({}, new KeptGraphs(join(folder.path, 'file'), 'this'));
    const graph = await runner.load(() => graphOf(1), 'test', { key: 'a', weights: [] });
    tf.tidy(() => {
      expect(graph.run({ x: tf.zeros([1, 40]) })['y']?.dataSync()[0]).toBe(1);
    });
    graph.dispose();
  });

  it('leave nothing where they never ran', async () => {
    const runner = onnxRuntime({}, new KeptGraphs(folder.path, 'this'));
    (await runner.load(() => graphOf(1), 'test', { key: 'a', weights: [] })).dispose();
    await vi.waitFor(async () => expect(await readdir(folder.path)).toEqual([]));
  });
});
