import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { LstmCell } from '../../../src/engine/layers/lstm.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, itNative, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

useTestBackend();

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('LstmCell', () => {
  it('computes the equations of a cell with one unit', () => {
    const given = new Map<string, tf.Tensor>([
      ['cell.kernel', tf.tensor2d([0.5, -0.4, 0.3, 0.8, 0.1, 0.2, -0.6, 0.7], [2, 4])],
      ['cell.bias', tf.tensor1d([0.01, 1, -0.02, 0.03])],
    ]);
    const cell = new LstmCell(new Parameters(Math.random, given), 'cell', 1, 1);
    const state = { h: tf.tensor2d([[0.25]]), c: tf.tensor2d([[-0.5]]) };
    const next = cell.step(tf.tensor2d([[2]]), state);
    const i = sigmoid(2 * 0.5 + 0.25 * 0.1 + 0.01);
    const f = sigmoid(2 * -0.4 + 0.25 * 0.2 + 1);
    const o = sigmoid(2 * 0.3 + 0.25 * -0.6 - 0.02);
    const g = Math.tanh(2 * 0.8 + 0.25 * 0.7 + 0.03);
    const c = f * -0.5 + i * g;
    expect(next.c.dataSync()[0]).toBeCloseTo(c, 5);
    expect(next.h.dataSync()[0]).toBeCloseTo(o * Math.tanh(c), 5);
  });

  it('opens the forget gate at first', () => {
    const parameters = new Parameters(new Random(1).next);
    new LstmCell(parameters, 'cell', 3, 2);
    const bias = parameters.entries().find(([name]) => name === 'cell.bias')?.[1];
    expect([...(bias?.dataSync() ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('gives the same step when part of the input went in beforehand', () => {
    const random = new Random(2);
    const cell = new LstmCell(new Parameters(random.next), 'cell', 5, 4);
    const x = tf.randomUniform<tf.Rank.R2>([3, 5], -1, 1, 'float32', 7);
    const state = {
      h: tf.randomUniform<tf.Rank.R2>([3, 4], -1, 1, 'float32', 8),
      c: tf.randomUniform<tf.Rank.R2>([3, 4], -1, 1, 'float32', 9),
    };
    const whole = cell.step(x, state);
    const gates = cell.inputGates(tf.slice2d(x, [0, 0], [3, 2]));
    const parts = cell.stepFrom(gates, tf.slice2d(x, [0, 2], [3, 3]), cell.recurrentKernel(2), state);
    expectClose(parts.h, whole.h);
    expectClose(parts.c, whole.c);
  });

  itNative('has the gradients that finite differences find', () => {
    const parameters = new Parameters(new Random(3).next);
    const cell = new LstmCell(parameters, 'cell', 2, 3);
    const x = tf.tensor2d([
      [0.3, -0.8],
      [1.1, 0.4],
    ]);
    const state = {
      h: tf.tensor2d([
        [0.1, 0.2, -0.3],
        [0.5, -0.4, 0.6],
      ]),
      c: tf.tensor2d([
        [0.7, -0.1, 0.2],
        [-0.9, 0.3, 0.4],
      ]),
    };
    expectGradients(parameters.entries(), () => {
      const first = cell.step(x, state);
      return tf.sum<tf.Scalar>(tf.square(cell.step(x, first).h));
    });
  });

  it('leaves no tensors behind', async () => {
    const cell = new LstmCell(new Parameters(new Random(4).next), 'cell', 2, 2);
    const x = tf.ones<tf.Rank.R2>([1, 2]);
    const state = { h: tf.zeros<tf.Rank.R2>([1, 2]), c: tf.zeros<tf.Rank.R2>([1, 2]) };
    await expectNoLeak(() => {
      const next = cell.step(x, state);
      tf.dispose([next.h, next.c]);
    });
  });
});

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  const a = actual.dataSync();
  for (const [i, value] of expected.dataSync().entries()) expect(a[i]).toBeCloseTo(value, 5);
}
