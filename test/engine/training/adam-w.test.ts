import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { AdamW } from '../../../src/engine/training/adam-w.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';

useTestBackend();

const gradientsOf = (variable: tf.Variable, values: number[]): tf.NamedTensorMap => ({
  [variable.name]: tf.tensor(values, variable.shape),
});

describe('AdamW', () => {
  it('takes the steps of the published algorithm', () => {
    const variable = tf.variable(tf.tensor2d([1, -2], [1, 2]));
    const optimiser = new AdamW([['w', variable]], { weightDecay: 0.1 });
    const expected = [1, -2];
    const m = [0, 0];
    const v = [0, 0];
    for (const [t, g] of [
      [0.3, -0.1],
      [0.2, 0.4],
      [-0.5, 0],
    ].entries()) {
      optimiser.apply(gradientsOf(variable, g), 0.01);
      for (const i of [0, 1]) {
        m[i] = 0.9 * (m[i] as number) + 0.1 * (g[i] as number);
        v[i] = 0.999 * (v[i] as number) + 0.001 * (g[i] as number) ** 2;
        const mHat = m[i] / (1 - 0.9 ** (t + 1));
        const vHat = v[i] / (1 - 0.999 ** (t + 1));
        expected[i] = (expected[i] as number) * (1 - 0.01 * 0.1) - (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
      }
      const found = variable.dataSync();
      for (const i of [0, 1]) expect(found[i]).toBeCloseTo(expected[i] as number, 5);
    }
  });

  it('clips by the global norm and returns it', () => {
    const run = (values: number[], clip: number): { norm: number; after: number[] } => {
      const variable = tf.variable(tf.tensor1d([0, 0]));
      const optimiser = new AdamW([['w', variable]], { epsilon: 1 });
      const norm = optimiser.apply(gradientsOf(variable, values), 1, clip);
      return { norm, after: [...variable.dataSync()] };
    };
    const clipped = run([30, 40], 5);
    expect(clipped.norm).toBeCloseTo(50, 4);
    expect(clipped.after).toEqual(run([3, 4], 0).after);
  });

  it('changes nothing on a gradient that is not finite', () => {
    const variable = tf.variable(tf.tensor1d([1]));
    const optimiser = new AdamW([['w', variable]]);
    expect(optimiser.apply(gradientsOf(variable, [NaN]), 1)).toBeNaN();
    expect(variable.dataSync()[0]).toBe(1);
    expect(optimiser.state().steps).toBe(0);
  });

  it('leaves vectors out of the decay', () => {
    const bias = tf.variable(tf.tensor1d([1]));
    new AdamW([['b', bias]], { weightDecay: 0.5 }).apply(gradientsOf(bias, [0]), 1);
    expect(bias.dataSync()[0]).toBe(1);
  });

  it('goes on from a stored state as if it had never stopped', () => {
    const steps = [[0.3], [0.2], [-0.5], [0.1]];
    const through = tf.variable(tf.tensor1d([1]));
    const whole = new AdamW([['w', through]], { averaging: 0.9 });
    for (const g of steps) whole.apply(gradientsOf(through, g), 0.1);

    const first = tf.variable(tf.tensor1d([1]));
    const before = new AdamW([['w', first]], { averaging: 0.9 });
    for (const g of steps.slice(0, 2)) before.apply(gradientsOf(first, g), 0.1);
    const stored = before.state();
    const second = tf.variable(tf.tensor1d([77]));
    const after = new AdamW([['w', second]], { averaging: 0.9 });
    after.restore(stored.steps, new Map([...stored.arrays].map(([name, { data }]) => [name, data])));
    for (const g of steps.slice(2)) after.apply(gradientsOf(second, g), 0.1);
    expect(second.dataSync()).toEqual(through.dataSync());
    expect(after.state().arrays.get('average.w')).toEqual(whole.state().arrays.get('average.w'));
  });

  it('shows the averaged weights only while asked to', async () => {
    const variable = tf.variable(tf.tensor1d([0]));
    const optimiser = new AdamW([['w', variable]], { averaging: 0.5 });
    for (let i = 0; i < 3; i++) optimiser.apply(gradientsOf(variable, [1]), 1);
    const trained = variable.dataSync()[0] as number;
    const seen = await optimiser.withAverage(async () => variable.dataSync()[0] as number);
    expect(seen).toBeGreaterThan(trained);
    expect(variable.dataSync()[0]).toBe(trained);
  });

  it('leaves no tensors behind', async () => {
    const variable = tf.variable(tf.tensor1d([0]));
    const optimiser = new AdamW([['w', variable]]);
    await expectNoLeak(() => {
      const gradients = gradientsOf(variable, [1]);
      optimiser.apply(gradients, 1);
      tf.dispose(gradients);
    });
  });
});
