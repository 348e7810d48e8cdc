import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { DescribedWords } from '../../../src/engine/models/described-words.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { draw } from '../../support/tensors.ts';

useTestBackend();

const random = new Random(3);
const drawn = (shape: number[]): tf.Tensor => draw(random, shape);
const sizes = { featureSize: 5, vocabularySize: 6 };
const weightsOf = (rank: number): Map<string, tf.Tensor> =>
  new Map([
    ['described.reduce', drawn([5, rank])],
    ['described.kernel', drawn([rank, 3])],
    ['described.bias', drawn([3])],
  ]);

describe('the words that a photo is described with', () => {
  it('are those of a linear classifier on the mean cell, by their numbers in the vocabulary', async () => {
    const weights = weightsOf(2);
    const grids = drawn([2, 4, 5]) as tf.Tensor3D;
    const [U, V, b] = [...weights.values()] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
    const scores = tf.add(tf.matMul(tf.matMul(tf.mean<tf.Tensor2D>(grids, 1), U), V), b);
    const expected = (tf.logSigmoid(scores).arraySync() as number[][]).map(([first, second, third]) => [
      ...[0, first, 0, third, 0, second],
    ]);
    const found = await new DescribedWords(weights, [1, 5, 3], sizes).of(grids);
    expect(found).toHaveLength(2);
    for (const [photo, logs] of found.entries()) {
      logs.forEach((log, word) => expect(log).toBeCloseTo(expected[photo]![word]!, 5));
    }
    tf.dispose([grids, ...weights.values()]);
  });

  it('are never sure, whatever the photo', async () => {
    const weights = weightsOf(1);
    const grids = tf.fill<tf.Rank.R3>([1, 1, 5], 1e6);
    const [logs] = await new DescribedWords(weights, [1, 2, 3], sizes).of(grids);
    for (const word of [1, 2, 3]) {
      expect(logs![word]).toBeLessThan(0);
      expect(logs![word]).toBeGreaterThan(-Infinity);
    }
    tf.dispose([grids, ...weights.values()]);
  });

  it('keep no tensor, and need none of the given ones afterwards', async () => {
    const weights = weightsOf(2);
    const words = await expectNoLeak(() => new DescribedWords(weights, [1, 5, 3], sizes));
    tf.dispose([...weights.values()]);
    const grids = drawn([1, 4, 5]) as tf.Tensor3D;
    await expectNoLeak(() => words.of(grids));
    grids.dispose();
  });

  it.each([
    ['missing', 'described.bias', undefined, 'described.bias should be [3], not [nothing].'],
    ['of another model', 'described.reduce', [4, 2], 'described.reduce should be [5,2], not [4,2].'],
  ])('refuse weights that are %s', (_, name, shape, message) => {
    const weights = weightsOf(2);
    const other = shape && drawn(shape);
    const given = new Map(weights);
    if (other) given.set(name, other);
    else given.delete(name);
    expect(() => new DescribedWords(given, [1, 5, 3], sizes)).toThrow(message);
    tf.dispose([...weights.values(), ...(other ? [other] : [])]);
  });
});
