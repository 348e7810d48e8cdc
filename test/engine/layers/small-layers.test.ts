import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dropout } from '../../../src/engine/layers/dropout.ts';
import { Embedding } from '../../../src/engine/layers/embedding.ts';
import { LayerNorm } from '../../../src/engine/layers/layer-norm.ts';
import { Linear } from '../../../src/engine/layers/linear.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { describeNative, itNative, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

useTestBackend();

describe('Linear', () => {
  it('multiplies and adds', () => {
    const given = new Map<string, tf.Tensor>([
      ['map.kernel', tf.tensor2d([1, 2, 3, 4], [2, 2])],
      ['map.bias', tf.tensor1d([10, 20])],
    ]);
    const layer = new Linear(new Parameters(Math.random, given), 'map', 2, 2);
    expect([...layer.apply(tf.tensor2d([[5, 6]])).dataSync()]).toEqual([33, 54]);
  });

  itNative('has the gradients that finite differences find', () => {
    const parameters = new Parameters(new Random(1).next);
    const layer = new Linear(parameters, 'map', 3, 2);
    const x = tf.tensor2d([
      [1, -2, 0.5],
      [0.3, 0.7, -1.2],
    ]);
    expectGradients(parameters.entries(), () => tf.sum<tf.Scalar>(tf.square(layer.apply(x))));
  });
});

describe('Embedding', () => {
  const given = (): Map<string, tf.Tensor> => new Map([['words.table', tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])]]);

  it('looks words up', () => {
    const embedding = new Embedding(new Parameters(Math.random, given()), 'words', 3, 2);
    expect(embedding.lookUp(Int32Array.of(2, 0, 2)).arraySync()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
  });

  it('scores every word by its vector', () => {
    const embedding = new Embedding(new Parameters(Math.random, given()), 'words', 3, 2);
    expect(embedding.project(tf.tensor2d([[1, -1]])).arraySync()).toEqual([[-1, -1, -1]]);
  });
});

describeNative('Embedding gradient', () => {
  it('adds up where a word occurs twice', () => {
    const parameters = new Parameters(new Random(2).next);
    const embedding = new Embedding(parameters, 'words', 4, 2);
    expectGradients(parameters.entries(), () => tf.sum<tf.Scalar>(tf.square(embedding.lookUp(Int32Array.of(1, 3, 1)))));
  });
});

describe('LayerNorm', () => {
  it('brings every row to mean 0 and variance 1, then scales and shifts', () => {
    const given = new Map<string, tf.Tensor>([
      ['norm.gain', tf.tensor1d([1, 2, 3])],
      ['norm.bias', tf.tensor1d([0, 0, 1])],
    ]);
    const layer = new LayerNorm(new Parameters(Math.random, given), 'norm', 3, 0);
    const row = [...layer.apply(tf.tensor2d([[1, 2, 3]])).dataSync()];
    const unit = Math.sqrt(3 / 2);
    for (const [i, value] of [-unit, 0, 3 * unit + 1].entries()) expect(row[i]).toBeCloseTo(value, 5);
  });

  itNative('has the gradients that finite differences find', () => {
    const parameters = new Parameters(new Random(3).next);
    const layer = new LayerNorm(parameters, 'norm', 3);
    const x = tf.tensor2d([
      [1, -2, 0.5],
      [0.3, 0.7, -1.2],
    ]);
    expectGradients(parameters.entries(), () => tf.sum<tf.Scalar>(tf.square(layer.apply(tf.square(layer.apply(x))))));
  });
});

describe('dropout', () => {
  it('is nothing without a generator and at rate 0', () => {
    const x = tf.ones([4]);
    expect(dropout(x, 0.5, undefined)).toBe(x);
    expect(dropout(x, 0, new Random(1))).toBe(x);
  });

  it('drops the share it was asked for and keeps the mean', () => {
    const values = dropout(tf.ones([20000]), 0.3, new Random(1)).dataSync();
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(dropped).toBeGreaterThan(0.28);
    expect(dropped).toBeLessThan(0.32);
    for (const value of values) if (value !== 0) expect(value).toBeCloseTo(1 / 0.7, 5);
  });

  it('draws the same mask from the same seed', () => {
    const draw = (): number[] => [...dropout(tf.ones([50]), 0.5, new Random(9)).dataSync()];
    expect(draw()).toEqual(draw());
  });
});
