import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Random } from '../../src/engine/random.ts';

/** A tensor of numbers drawn uniformly on ±1. */
export function draw(random: Random, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * random.next() - 1),
    shape,
  );
}

/** Relative to the largest element of each tensor; disposes of both. */
export function expectEqual(found: Record<string, tf.Tensor>, expected: Record<string, tf.Tensor>): void {
  for (const [name, tensor] of Object.entries(expected)) {
    const [a, b] = [found[name]?.dataSync() ?? [], tensor.dataSync()];
    expect(found[name]?.shape, name).toEqual(tensor.shape);
    const scale = Math.max(1e-6, ...b.map(Math.abs));
    const worst = Math.max(...b.map((value, i) => Math.abs(value - (a[i] as number))));
    expect(worst / scale, `${name}: largest difference, relative`).toBeLessThan(1e-4);
  }
  tf.dispose([found, expected]);
}
