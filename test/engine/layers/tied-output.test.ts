import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { SearchOutput, tiedOutput } from '../../../src/engine/layers/tied-output.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';

useTestBackend();

describe('tiedOutput', () => {
  it.each([1, 2, 3, 24])('is the dot product of every one of %i rows with every vector', (rows) => {
    const [words, size] = [37, 11];
    const random = new Random(5);
    const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.next() - 0.5);
    const [x, table] = [draw(rows * size), draw(words * size)];
    const expected = Array.from({ length: rows * words }, (_, i) => {
      const [row, word] = [Math.floor(i / words), i % words];
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (x[row * size + k] as number) * (table[word * size + k] as number);
      return sum;
    });
    const scores = tf.tidy(() => tiedOutput(tf.tensor2d(x, [rows, size]), tf.tensor2d(table, [words, size])));
    expect(scores.shape).toEqual([rows, words]);
    [...scores.dataSync()].forEach((score, i) => expect(score).toBeCloseTo(expected[i] as number, 5));
    scores.dispose();
  });

  it('leaves nothing behind but the scores', () => {
    const [x, table] = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([4, 3])];
    const before = tf.memory().numTensors;
    const scores = tiedOutput(x, table);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([x, table, scores]);
  });
});

describe('SearchOutput', () => {
  it('gives the same scores, also after the table was changed, and goes with the weights', async () => {
    const x = tf.tensor2d([1, 2, -1, 0.5, 3, 0.25], [2, 3]);
    await expectNoLeak(() => {
      const parameters = new Parameters(new Random(2).next);
      const table = parameters.get('words.table', [5, 3]);
      const output = new SearchOutput(parameters, table as tf.Tensor2D);
      for (const change of [1, -2]) {
        tf.tidy(() => table.assign(tf.mul(table, change)));
        tf.tidy(() => {
          const expected = tf.matMul(x, table as tf.Tensor2D, false, true).dataSync();
          [...output.scores(x).dataSync()].forEach((score, i) => expect(score).toBeCloseTo(expected[i] as number, 5));
        });
      }
      const untouched = new SearchOutput(parameters, table as tf.Tensor2D);
      tf.tidy(() => {
        const expected = tf.matMul(x, table as tf.Tensor2D, false, true).dataSync();
        [...untouched.scores(x).dataSync()].forEach((score, i) => expect(score).toBeCloseTo(expected[i] as number, 5));
      });
      parameters.dispose();
    });
    x.dispose();
  });
});
