import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, test } from 'vitest';
import type { Diagnosis } from '../../src/cli/doctor/diagnose.ts';
import { trace, type Feed } from '../../src/engine/graph/trace.ts';
import { onnxRuntime } from '../../src/native/onnx-runtime.ts';
import { farthest } from '../engine/encoder/toy-encoder.ts';
import { describeOnnx, expectNoLeak, useTestBackend } from '../support/backend.ts';
import { useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

type Tensors = Record<string, tf.Tensor>;

/** One operation, or a few: what goes in, and what is done with it. The first size of every input stays open. */
interface Case {
  what: string;
  inputs: () => Tensors;
  compute: (inputs: Tensors) => tf.Tensor | tf.Tensor[];
}

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.37) * 2),
    shape,
    'float32',
  );

const positive = (...shape: number[]): tf.Tensor => tf.tidy(() => tf.add(tf.abs(numbers(...shape)), 0.1));

const of =
  (compute: (x: tf.Tensor) => tf.Tensor | tf.Tensor[]) =>
  ({ x }: Tensors): tf.Tensor | tf.Tensor[] =>
    compute(x as tf.Tensor);

const CASES: Case[] = [
  ...(['abs', 'erf', 'exp', 'neg', 'relu', 'relu6', 'sigmoid', 'square', 'tanh', 'log', 'rsqrt', 'sqrt'] as const).map(
    (name): Case => ({
      what: name,
      inputs: () => ({ x: ['log', 'rsqrt', 'sqrt'].includes(name) ? positive(2, 3) : numbers(2, 3) }),
      compute: of((x) => tf[name](tf.mul(x, 4))),
    }),
  ),
  ...(['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const).map((name): Case => ({
    what: `${name}, broadcast`,
    inputs: () => ({ a: numbers(2, 3, 4), b: positive(2, 1, 4) }),
    compute: ({ a, b }) => tf[name](a as tf.Tensor, b as tf.Tensor),
  })),
  ...(['max', 'mean', 'min', 'prod', 'sum'] as const).flatMap((name) =>
    [true, false].map((keeps): Case => ({
      what: `${name} whose axis is ${keeps ? 'kept' : 'left out'}`,
      inputs: () => ({ x: numbers(2, 3, 4) }),
      compute: of((x) => tf[name](x, [1], keeps)),
    })),
  ),
  { what: 'softmax', inputs: () => ({ x: numbers(2, 5) }), compute: of((x) => tf.softmax(x)) },
  {
    what: 'products of matrices, turned and not',
    inputs: () => ({ x: numbers(2, 3) }),
    compute: of((x) => {
      const kernel = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const turned = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      return [tf.matMul(x, kernel), tf.matMul(x, turned, false, true), tf.matMul(x, tf.mul(x, 2), true)];
    }),
  },
  {
    what: 'products of many matrices',
    inputs: () => ({ a: numbers(2, 3, 4), b: numbers(2, 5, 4), c: numbers(2, 4, 5) }),
    compute: ({ a, b, c }) => [
      tf.matMul(a as tf.Tensor, b as tf.Tensor, false, true),
      tf.matMul(a as tf.Tensor, c as tf.Tensor),
    ],
  },
  {
    what: 'sums of several, side by side, and apart',
    inputs: () => ({ a: numbers(2, 3), b: positive(2, 3) }),
    compute: ({ a, b }) => [
      tf.addN([a, b, a] as tf.Tensor[]),
      tf.concat([a, b] as tf.Tensor[], 1),
      ...tf.split(a as tf.Tensor, [1, 2], 1),
    ],
  },
  {
    what: 'parts',
    inputs: () => ({ x: numbers(2, 3, 4) }),
    compute: of((x) => [
      tf.slice(x, [0, 1, 1], [-1, 2, -1]),
      tf.slice(x, [0, 0, 0], [-1, -1, -1]),
      tf.gather(x, tf.tensor1d([2, 0, 0], 'int32'), 1),
      tf.expandDims(x, 1),
    ]),
  },
  {
    what: 'other shapes, some of them with two open sizes',
    inputs: () => ({ x: numbers(2, 3, 4) }),
    compute: of((x) => [
      tf.reshape(x, [-1, 4]),
      tf.reshape(x, [x.shape[0], 3, 2, 2]),
      tf.transpose(x, [2, 0, 1]),
      tf.tile(x, [1, 2, 1]),
    ]),
  },
  {
    what: 'the largest, and where they are',
    inputs: () => ({ x: numbers(3, 7) }),
    compute: of((x) => {
      const { indices, values } = tf.topk(x, 3);
      return [values, tf.cast(indices, 'float32'), tf.cast(tf.argMax(x, 1), 'float32')];
    }),
  },
  {
    what: 'one-hot rows',
    inputs: () => ({ x: numbers(3, 7) }),
    compute: of((x) => tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(x, 1), 7, 3, 1), 'float32')),
  },
];

describeOnnx('ONNX Runtime', () => {
  test.each(CASES)('gives what single operations give: $what', async ({ compute, inputs }) => {
    const given = inputs();
    const all = (tensors: Tensors): Tensors =>
      Object.fromEntries([compute(tensors)].flat().map((tensor, i) => [`y${i}`, tensor]));
    const feeds = Object.entries(given).map(([name, { shape }]): [string, Feed] => [
      name,
      { dataType: 'float32', shape: ['rows', ...shape.slice(1)] },
    ]);
    const graph = await onnxRuntime().loadTraced(trace(Object.fromEntries(feeds), all), 'test');
    const [whole, single] = [graph.run(given), all(given)];
    expect(Object.keys(whole)).toEqual(Object.keys(single));
    for (const [name, tensor] of Object.entries(whole)) {
      expect(tensor.shape, name).toEqual(single[name]?.shape);
      expect(farthest(tensor.dataSync(), (single[name] as tf.Tensor).dataSync()), name).toBeLessThan(1e-5);
    }
    graph.dispose();
  });

  test('takes no rows at all, and whole numbers', async () => {
    const feeds = {
      x: { dataType: 'float32', shape: ['rows', 'places', 3] },
      by: { dataType: 'int32', shape: ['rows'] },
    } as const;
    const traced = trace(feeds, ({ x, by }) => ({
      longer: tf.concat([x, x], 1),
      taken: tf.gather(x, by as tf.Tensor1D),
      by: tf.add(by, tf.scalar(1, 'int32')),
    }));
    const graph = await onnxRuntime().loadTraced(traced, 'test');
    const { by, longer, taken } = graph.run({ x: tf.zeros([2, 0, 3]), by: tf.tensor1d([1, 0], 'int32') });
    expect([longer?.shape, taken?.shape, by?.dtype]).toEqual([[2, 0, 3], [2, 0, 3], 'int32']);
    expect([...(by as tf.Tensor).dataSync()]).toEqual([2, 1]);
    graph.dispose();
  });

  test('keeps large weights and small ones, and leaves no tensors behind', async () => {
    const large = tf.ones([40, 40]);
    const small = tf.tensor1d([3]);
    await expectNoLeak(async () => {
      const traced = trace({ x: { dataType: 'float32', shape: ['rows', 40] } }, ({ x }) => ({
        y: tf.mul(tf.matMul(x as tf.Tensor2D, large as tf.Tensor2D), small),
      }));
      const graph = await onnxRuntime().loadTraced(traced, 'test');
      const x = tf.ones([1, 40]);
      const { y } = graph.run({ x });
      expect(y?.dataSync()[0]).toBe(120);
      tf.dispose([x, y]);
      graph.dispose();
      expect(() => graph.run({ x })).toThrow('deleted');
    });
  });
});

/** Where the loader finds the Vulkan that Chromium brings along, which needs no graphics card; nothing where there is none. */
const softwareCard = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']
  .filter((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')))
  .map((folder) => ({ LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json') }))
  .at(0);

describeOnnx('ONNX Runtime in a process of its own', () => {
  const cli = useCli();

  it('keeps no number for this computer, and has nothing to report', async () => {
    const { path, remove } = await temporaryFolder();
    const model = await writeTinyModel(path);
    await writeTinyPhoto(join(path, 'photo.png'), 1);
    const home = join(path, 'home');
    await mkdir(home);
    const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ATTEND_CACHE: join(path, 'cache') };
    const { code } = await cli.run(['caption', 'photo.png', '--model', model], { cwd: path, env });
    expect(code).toBe(0);
    // It did so in a folder that it made there.
    expect(await readdir(home, { recursive: true })).toEqual([]);
    await remove();
  });

  it.skipIf(softwareCard === undefined)(
    'captions on a WebGPU adapter, here one in software, as on the processor',
    async () => {
      const { path, remove } = await temporaryFolder();
      const model = await writeTinyModel(path);
      const args = ['doctor', '--device', 'webgpu', '--json', '--model', model];
      const { stdout } = await cli.run(args, { env: { ATTEND_BACKEND: 'onnx', ...softwareCard } });
      const { cards } = JSON.parse(stdout) as Diagnosis;
      expect(cards.offered).toContain('webgpu');
      expect(cards.tried).toMatchObject([{ card: 'webgpu', problem: null }]);
      await remove();
    },
  );
});
