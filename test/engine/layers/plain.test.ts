import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { PlainCell } from '../../../src/engine/layers/plain.ts';
import { recurrentCell } from '../../../src/engine/layers/recurrent-cell.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { itNative, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

useTestBackend();

const x = (): tf.Tensor2D =>
  tf.tensor2d([
    [0.3, -0.8],
    [1.1, 0.4],
  ]);
const h = (): tf.Tensor2D =>
  tf.tensor2d([
    [0.1, 0.2, -0.3],
    [0.5, -0.4, 0.6],
  ]);

describe('PlainCell', () => {
  it('computes its equation', () => {
    const given = new Map<string, tf.Tensor>([
      ['cell.kernel', tf.tensor2d([0.5, -0.4], [2, 1])],
      ['cell.bias', tf.tensor1d([0.1])],
    ]);
    const cell = new PlainCell(new Parameters(Math.random, given), 'cell', 1, 1);
    const found = cell.step(tf.tensor2d([[2]]), tf.tensor2d([[0.25]])).dataSync()[0];
    expect(found).toBeCloseTo(Math.tanh(2 * 0.5 + 0.25 * -0.4 + 0.1), 5);
  });

  it.each([2, 1])('steps the same where %i of its two columns were seen beforehand', (width) => {
    tf.tidy(() => {
      const cell = recurrentCell('plain', new Parameters(new Random(5).next), 'cell', 2, 3);
      const [whole] = cell.step(x(), [h()]);
      const rest = width === 2 ? null : tf.slice2d(x(), [0, 1], [2, 1]);
      const [parts] = cell.stepper(width)(cell.inputGates(tf.slice2d(x(), [0, 0], [2, width])), rest, [h()]);
      const [wanted, found] = [whole!.dataSync(), parts!.dataSync()];
      for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 5);
    });
  });

  itNative('has the gradients that finite differences find', () => {
    const parameters = new Parameters(new Random(5).next);
    const cell = new PlainCell(parameters, 'cell', 2, 3);
    expectGradients(parameters.entries(), () => tf.sum<tf.Scalar>(tf.square(cell.step(x(), cell.step(x(), h())))));
  });
});
