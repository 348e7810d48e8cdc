import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Compares the gradient of `loss` with finite differences, for every element of every variable.
 *
 * Differences of fourth order, (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h, because float32 forbids
 * the small h that the usual ones need. The loss must be smooth: no kink (ReLU) within 2h.
 *
 * @param loss a scalar of order 1
 * @param tolerance largest difference, relative to the larger of 1 and the gradient
 * @param every check only every so many-th element of a variable (default all), where there are many
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
    const analytic = gradient.dataSync();
    const original = Float32Array.from(variable.dataSync());
    const valueAt = (index: number, shift: number): number => {
      const shifted = original.slice();
      shifted[index] = (original[index] as number) + shift;
      assign(variable, shifted);
      return valueNow();
    };
    const h = 2 ** -5;
    for (let i = 0; i < original.length; i += every) {
      const near = valueAt(i, h) - valueAt(i, -h);
      const far = valueAt(i, 2 * h) - valueAt(i, -2 * h);
      const numeric = (8 * near - far) / (12 * h);
      const difference = Math.abs(numeric - (analytic[i] as number)) / Math.max(1, Math.abs(numeric));
      expect(difference, `${name}[${i}]: gradient ${analytic[i]}, finite difference ${numeric}`).toBeLessThan(
        tolerance,
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
