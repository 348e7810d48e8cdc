import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { startTraining } from '../../../src/engine/laboratory/gradients.ts';
import { rowsAt } from '../../../src/engine/layers/rows.ts';
import { useTestBackend } from '../../support/backend.ts';

useTestBackend();

describe('rowsAt', () => {
  const cases: [string, number[]][] = [
    ['all in their order', [0, 1, 2, 3]],
    ['one', [2]],
    ['one several times', [1, 1, 1]],
    ['neighbours', [1, 2]],
    ['some, out of order', [3, 0, 1, 3, 2]],
  ];
  it.each(cases)('takes %s, from tensors of every rank', (_, rows) => {
    tf.tidy(() => {
      const take = rowsAt(Int32Array.from(rows));
      for (const shape of [[4], [4, 3], [4, 3, 2], [4, 2, 3, 2]]) {
        const x = tf.reshape(
          tf.range(
            0,
            shape.reduce((a, b) => a * b),
          ),
          shape,
        );
        const all = x.arraySync() as unknown[];
        expect(take(x).arraySync()).toEqual(rows.map((row) => all[row]));
      }
    });
  });

  it('keeps the type of the numbers', () => {
    tf.tidy(() => {
      for (const rows of [
        [1, 0],
        [0, 1],
      ]) {
        expect(rowsAt(Int32Array.from(rows))(tf.tensor1d([5, 6], 'int32')).dtype).toBe('int32');
      }
    });
  });

  it('leaves nothing behind in a tidy', () => {
    const x = tf.ones([3, 2]);
    const before = tf.memory().numTensors;
    tf.tidy(() => void rowsAt(Int32Array.of(2, 0, 1))(x));
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });

  it('can be trained through on plain JavaScript where rows follow each other', async () => {
    const usual = tf.getBackend();
    await startTraining();
    try {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
      for (const rows of [
        [0, 1, 2, 3],
        [1, 2],
      ]) {
        const gradient = tf.grad((of: tf.Tensor) => tf.sum(tf.square(rowsAt(Int32Array.from(rows))(of))))(x);
        const twice = x.arraySync().map((own, row) => own.map((value) => (rows.includes(row) ? 2 * value : 0)));
        expect(gradient.arraySync()).toEqual(twice);
      }
    } finally {
      await tf.setBackend(usual);
    }
  });
});
