import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../../src/engine/parameters.ts';

/** Numbers that follow from a weight's name; scripts/fixtures/named_numbers.py has the same function. */
export function numbers(name: string, size: number): Float32Array {
  const seed = Array.from(name).reduce((sum, character, place) => sum + (place + 1) * character.codePointAt(0)!, 0);
  const offset = name.endsWith('gain') ? 1 : 0;
  return Float32Array.from(
    { length: size },
    (_, index) => (Math.imul(index + seed, 2654435761) >>> 0) / 2 ** 32 - 0.5 + offset,
  );
}

/** Gives each weight the numbers that follow from its name. @param scale of all of them */
export function fillByName(parameters: Parameters, scale = 1): void {
  for (const [weight, variable] of parameters.entries()) {
    tf.tidy(() => {
      variable.assign(tf.mul(tf.tensor(numbers(weight, variable.size), variable.shape), scale));
    });
  }
}
