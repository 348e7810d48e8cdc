import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { Random } from '../../src/engine/random.ts';

/**
 * Compares the gradient of `loss` with finite differences, for every element of every variable. Where there are many, for
 * some, and along one direction in which all of them change: an element that is wrong is seen there.
 *
 * Differences of fourth order, (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h, because float32 forbids
 * the small h that the usual ones need. The loss must be smooth: no kink (ReLU) within 2h.
 *
 * @param loss a scalar of order 1
 * @param tolerance largest difference, relative to the larger of 1 and the gradient
 * @param every check only every so many-th element of a variable by itself (default all), where there are many
 */
export function expectGradients(
  variables: Iterable<readonly [string, tf.Variable]>,
  loss: () => tf.Scalar,
  tolerance = 3e-4,
  every = 1,
): void {
  const named = [...variables];
  const { value, grads } = tf.variableGrads(
    loss,
    named.map(([, variable]) => variable),
  );
  value.dispose();
  const valueNow = (): number => tf.tidy(() => loss().dataSync()[0] as number);

  for (const [name, variable] of named) {
    const gradient = grads[variable.name];
    if (!gradient) throw new Error(`${name} has no gradient.`);
    expect(gradient.shape, `shape of the gradient of ${name}`).toEqual(variable.shape);
    const analytic = gradient.dataSync<'float32'>();
    const original = Float32Array.from(variable.dataSync());
    const valueAlong = (direction: Float32Array, shift: number): number => {
      assign(
        variable,
        original.map((value, i) => value + shift * direction[i]!),
      );
      return valueNow();
    };
    const expectAlong = (where: string, direction: Float32Array): void => {
      const h = 2 ** -5;
      const near = valueAlong(direction, h) - valueAlong(direction, -h);
      const far = valueAlong(direction, 2 * h) - valueAlong(direction, -2 * h);
      const numeric = (8 * near - far) / (12 * h);
      const slope = analytic.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      const difference = Math.abs(numeric - slope) / Math.max(1, Math.abs(numeric));
      expect(difference, `${name}${where}: gradient ${slope}, finite difference ${numeric}`).toBeLessThan(tolerance);
    };
    for (let i = every - 1; i < original.length; i += every) {
      expectAlong(
        `[${i}]`,
        original.map((_, j) => Number(j === i)),
      );
    }
    if (every > 1) {
      const { next } = new Random(original.length);
      const length = 1 / Math.sqrt(original.length);
      expectAlong(
        ' as a whole',
        original.map(() => (next() < 0.5 ? -length : length)),
      );
    }
    assign(variable, original);
  }
  tf.dispose(grads);
}

function assign(variable: tf.Variable, values: Float32Array): void {
  const tensor = tf.tensor(values.slice(), variable.shape);
  variable.assign(tensor);
  tensor.dispose();
}
