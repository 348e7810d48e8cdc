import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { crossEntropy, doublyStochasticPenalty } from '../../../src/engine/training/losses.ts';
import { itNative, useTestBackend } from '../../support/backend.ts';

useTestBackend();

describe('crossEntropy', () => {
  const logits = [
    [1, 2, 0.5],
    [-1, 0, 3],
  ];
  const targets = Int32Array.of(1, 0);
  const logSum = (row: number[]): number => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));

  it.each([0, 0.1])('is that of the smoothed target, ε = %s', (smoothing) => {
    const values = crossEntropy(tf.tensor2d(logits), targets, smoothing).dataSync();
    for (const [n, row] of logits.entries()) {
      const expected = row.reduce((sum, x, k) => {
        const q = (k === targets[n] ? 1 - smoothing : 0) + smoothing / 3;
        return sum - q * (x - logSum(row));
      }, 0);
      expect(values[n]).toBeCloseTo(expected, 5);
    }
  });

  itNative.each([0, 0.1])('has the gradient p − q, ε = %s', (smoothing) => {
    const gradient = tf.grad((x) => tf.dot(crossEntropy(x as tf.Tensor2D, targets, smoothing), tf.tensor1d([2, -3])));
    const found = (gradient(tf.tensor2d(logits)) as tf.Tensor2D).arraySync();
    for (const [n, row] of logits.entries()) {
      for (const [k, x] of row.entries()) {
        const q = (k === targets[n] ? 1 - smoothing : 0) + smoothing / 3;
        expect(found[n]?.[k]).toBeCloseTo((n === 0 ? 2 : -3) * (Math.exp(x - logSum(row)) - q), 5);
      }
    }
  });
});

describe('doublyStochasticPenalty', () => {
  it('adds up (1 − Σ α)² over locations and rows, counting rows that ended', () => {
    const weights = [
      tf.tensor2d([
        [0.5, 0.5],
        [1, 0],
      ]),
      tf.tensor2d([[0.25, 0.75]]),
    ];
    const expected = (1 - 0.75) ** 2 + (1 - 1.25) ** 2 + 0 + 1;
    expect(doublyStochasticPenalty(weights).dataSync()[0]).toBeCloseTo(expected, 6);
  });

  it('is 0 where there is no attention', () => {
    expect(doublyStochasticPenalty([]).dataSync()[0]).toBe(0);
  });
});
