import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tiedOutput } from '../../../src/engine/layers/tied-output.ts';
import { Random } from '../../../src/engine/random.ts';
import { useTestBackend } from '../../support/backend.ts';

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
