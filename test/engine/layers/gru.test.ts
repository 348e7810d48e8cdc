import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { GruCell } from '../../../src/engine/layers/gru.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { itNative, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

useTestBackend();

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('GruCell', () => {
  it('computes the equations of a unit', () => {
    const given = new Map<string, tf.Tensor>([
      ['cell.gates.kernel', tf.tensor2d([0.5, -0.4, 0.3, 0.8], [2, 2])],
      ['cell.gates.bias', tf.tensor1d([0.1, -0.2])],
      ['cell.candidate.kernel', tf.tensor2d([0.6, -0.7], [2, 1])],
      ['cell.candidate.bias', tf.tensor1d([0.05])],
    ]);
    const cell = new GruCell(new Parameters(Math.random, given), 'cell', 1, 1);
    const h = cell.step(tf.tensor2d([[2]]), tf.tensor2d([[0.25]])).dataSync()[0];
    const z = sigmoid(2 * 0.5 + 0.25 * 0.3 + 0.1);
    const r = sigmoid(2 * -0.4 + 0.25 * 0.8 - 0.2);
    const candidate = Math.tanh(2 * 0.6 + r * 0.25 * -0.7 + 0.05);
    expect(h).toBeCloseTo((1 - z) * 0.25 + z * candidate, 5);
  });

  itNative('has the gradients that finite differences find', () => {
    const parameters = new Parameters(new Random(5).next);
    const cell = new GruCell(parameters, 'cell', 2, 3);
    const x = tf.tensor2d([
      [0.3, -0.8],
      [1.1, 0.4],
    ]);
    const h = tf.tensor2d([
      [0.1, 0.2, -0.3],
      [0.5, -0.4, 0.6],
    ]);
    expectGradients(parameters.entries(), () => tf.sum<tf.Scalar>(tf.square(cell.step(x, cell.step(x, h)))));
  });
});
