import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { Random } from '../../src/engine/random.ts';
import { expectNoLeak, itNative } from './backend.ts';
import { draw, expectEqual } from './tensors.ts';

type Found = { hidden: tf.Tensor2D; contexts: tf.Tensor2D; weights: tf.Tensor2D };

/**
 * Tests that a recurrence with a written-out gradient gives what its equations give, and their gradients.
 * @param inputs draws what goes in @param sizes of hidden states, contexts and weights
 */
export function compareRecurrences<Inputs extends Record<string, tf.Tensor>>(
  inputs: () => Inputs,
  written: (inputs: Inputs) => Found,
  equations: (inputs: Inputs) => Found,
  { active, sizes }: { active: readonly number[]; sizes: readonly number[] },
): void {
  it('gives the states, contexts and weights of the equations', async () => {
    await expectNoLeak(() => {
      const drawn = inputs();
      expectEqual(
        written(drawn),
        tf.tidy(() => equations(drawn)),
      );
      tf.dispose(Object.values(drawn));
    });
  });

  itNative('gives the gradients of the equations', async () => {
    await expectNoLeak(() => {
      const drawn = inputs();
      const names = Object.keys(drawn);
      const tokens = active.reduce((a, b) => a + b, 0);
      const random = new Random(5);
      // Errors of all three outputs, so that those of α (a penalty's, a teacher's) count as well.
      const errors = sizes.map((size) => draw(random, [tokens, size]));
      const gradientsOf = (recurrence: (given: Inputs) => Found): tf.Tensor[] =>
        tf.grads((...given: tf.Tensor[]) => {
          const { hidden, contexts, weights } = recurrence(
            Object.fromEntries(names.map((name, i) => [name, given[i]])) as Inputs,
          );
          return tf.addN([hidden, contexts, weights].map((x, i) => tf.sum(tf.mul(x, errors[i] as tf.Tensor))));
        })(names.map((name) => drawn[name] as tf.Tensor));
      const [found, expected] = [gradientsOf(written), gradientsOf(equations)];
      expectEqual(
        Object.fromEntries(names.map((name, i) => [name, found[i] as tf.Tensor])),
        Object.fromEntries(names.map((name, i) => [name, expected[i] as tf.Tensor])),
      );
      tf.dispose([...Object.values(drawn), ...errors]);
    });
  });
}
