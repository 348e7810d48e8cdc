import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { usePlainKernels } from '../../../src/engine/laboratory/plain-kernels.ts';
import { Random } from '../../../src/engine/random.ts';

const random = new Random(3);
const drawn = (...shape: number[]): tf.Tensor => {
  const size = shape.reduce((product, one) => product * one, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.next() - 0.5),
    shape,
  );
};

/** What the kernels are used for, and what goes past them: each with inputs of its own. */
const CASES: [string, () => tf.Tensor[]][] = [
  ['a product', () => [tf.matMul(drawn(5, 7), drawn(7, 3)), tf.matMul(drawn(6, 9), drawn(9, 5))]],
  ['a product of transposed matrices', () => [tf.matMul(drawn(7, 5), drawn(3, 7), true, true)]],
  ['products of a batch', () => [tf.matMul(drawn(4, 2, 9), drawn(4, 6, 9), false, true)]],
  ['products with one matrix', () => [tf.matMul(drawn(4, 2, 9), drawn(1, 9, 6))]],
  ['sums', () => [tf.add(drawn(3, 4), drawn(3, 4)), tf.add(drawn(3, 4), drawn(4)), tf.add(drawn(4), drawn(3, 4))]],
  ['differences', () => [tf.sub(1, drawn(3, 4)), tf.sub(drawn(3, 4), drawn(4)), tf.sub(drawn(4), drawn(3, 4))]],
  [
    'products of numbers',
    () => [tf.mul(drawn(2, 3, 4), drawn(3, 4)), tf.mul(2, drawn(3)), tf.mul(drawn(3, 1), drawn(3, 4))],
  ],
  ['whole numbers', () => [tf.add(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32'))]],
  ['slices', () => [tf.slice(drawn(4, 5, 6), [1, 2, 3], [2, -1, 2]), tf.slice(drawn(4, 5), 2, 1)]],
  [
    'splits',
    () => [
      ...tf.split(drawn(3, 6), [1, 2, 3], 1),
      ...tf.split(drawn(4, 2), 2, 0),
      ...tf.split(drawn(2, 6), [4, -1], -1),
    ],
  ],
  [
    'padding',
    () => [
      tf.pad(
        drawn(2, 3),
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
      tf.pad(drawn(3), [[0, 2]]),
    ],
  ],
  [
    'transposition',
    () => [
      tf.transpose(drawn(2, 3)),
      tf.transpose(drawn(2, 3, 4), [1, 0, 2]),
      tf.transpose(drawn(2, 3, 4, 5), [0, 2, 3, 1]),
    ],
  ],
  [
    'sums of rows',
    () => [tf.sum(drawn(4, 5), 0), tf.sum(drawn(4, 5), 0, true), tf.sum(drawn(4, 5), 1), tf.sum(drawn(4, 5))],
  ],
  [
    'sums over axes side by side, and over others',
    () => [
      tf.sum(drawn(2, 3, 4), 1),
      tf.sum(drawn(2, 3, 4), [2, 1], true),
      tf.sum(drawn(2, 3, 4), -1, true),
      tf.sum(drawn(2, 3, 4), [0, 2]),
    ],
  ],
  [
    'what is repeated in the middle',
    () => [
      tf.add(drawn(2, 3, 4), drawn(2, 1, 4)),
      tf.sub(drawn(2, 1, 4), drawn(2, 3, 4)),
      tf.mul(drawn(2, 3, 4), drawn(2, 3, 1)),
      tf.mul(drawn(2, 1, 4), drawn(1, 3, 4)),
      tf.add(drawn(2, 3, 4), drawn(1, 3, 1)),
    ],
  ],
  [
    'what is done to each number',
    () => [tf.neg(drawn(3, 4)), tf.square(drawn(5)), tf.tanh(drawn(2, 3, 4)), tf.sigmoid(drawn(4))],
  ],
  ['whole numbers, one by one', () => [tf.neg(tf.tensor1d([1, -2], 'int32')), tf.square(tf.tensor1d([3], 'int32'))]],
  ['the softmax', () => [tf.softmax(drawn(3, 5)), tf.softmax(tf.mul(drawn(2, 3, 4), 90)), tf.softmax(drawn(6))]],
  [
    'what is put side by side',
    () => [
      tf.concat([drawn(2, 3), drawn(2, 4)], 1),
      tf.concat([drawn(2, 3, 2), drawn(1, 3, 2)], 0),
      tf.concat([drawn(2, 3, 2), drawn(2, 3, 1), drawn(2, 3, 4)], -1),
      tf.concat([tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3], 'int32')]),
    ],
  ],
  [
    'what is taken apart',
    () => [...tf.unstack(drawn(2, 3, 4), 1), ...tf.unstack(drawn(2, 3), 0), ...tf.unstack(drawn(2, 3), -1)],
  ],
  [
    'rows that are looked up',
    () => [
      tf.gather(drawn(4, 3), tf.tensor1d([3, 0, 3], 'int32')),
      tf.gather(drawn(4, 3), tf.tensor2d([[1, 2]], [1, 2], 'int32')),
      tf.gather(drawn(4, 3), tf.tensor1d([2, 0], 'int32'), 1),
      tf.gather(drawn(4, 3, 2), tf.tensor1d([2, 0], 'int32')),
    ],
  ],
  ['sums of segments', () => [tf.unsortedSegmentSum(drawn(5, 3), tf.tensor1d([2, 0, 2, 3, 0], 'int32'), 5)]],
  [
    'a gradient',
    () => {
      const table = drawn(4, 6) as tf.Tensor2D;
      const loss = (x: tf.Tensor): tf.Scalar =>
        tf.sum(tf.tanh(tf.matMul(tf.gather(x as tf.Tensor2D, tf.tensor1d([1, 3, 1], 'int32')), table, false, true)));
      return [tf.grad(loss)(table)];
    },
  ],
];

describe('the faster kernels of plain JavaScript', () => {
  /** By the usual kernels, with the same numbers. */
  const usual = new Map<string, number[][]>();
  const numbers = (tensors: tf.Tensor[]): number[][] => tensors.map((x) => [...x.shape, ...x.dataSync()]);
  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const [name, compute] of CASES) {
      random.state = 7;
      usual.set(name, numbers(compute()));
    }
    usePlainKernels();
  });

  it.each(CASES)('compute what the usual ones compute: %s', (name, compute) => {
    random.state = 7;
    const own = numbers(compute());
    expect(own.map(({ length }) => length)).toEqual(usual.get(name)!.map(({ length }) => length));
    for (const [i, values] of own.entries()) {
      for (const [j, value] of values.entries()) expect(value).toBeCloseTo(usual.get(name)![i]![j]!, 5);
    }
  });
});
