import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { crossEntropy } from '../../../src/engine/training/losses.ts';
import { outputCrossEntropy } from '../../../src/engine/training/output-cross-entropy.ts';
import { describeNative, useTestBackend } from '../../support/backend.ts';
import { outputScores } from '../../support/output-scores.ts';

useTestBackend();

const random = new Random(9);
const draw = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random.next() - 1),
    shape,
  );

describeNative('outputCrossEntropy', () => {
  // 2,000 words make more than one chunk of 2,500 tokens.
  it.each([
    [5, 7, 0, true, 1, 1],
    [5, 7, 0.1, true, 0.2, 1],
    [6, 9, 0.1, false, 3, 0.5],
    [2500, 2000, 0.1, true, 1, 1],
  ])(
    '%d tokens of %d words, smoothing %d: the plain way (bias %s, times %d, then %d)',
    (tokens, words, smoothing, biased, scale, then) => {
      const x = draw(tokens, 4) as tf.Tensor2D;
      const table = draw(words, 4) as tf.Tensor2D;
      const bias = draw(words) as tf.Tensor1D;
      const targets = Int32Array.from({ length: tokens }, () => random.integer(words));
      const layer = (own: tf.Tensor[]) => ({
        table: own[1] as tf.Tensor2D,
        bias: biased ? (own[2] as tf.Tensor1D) : undefined,
      });
      const given = biased ? [x, table, bias] : [x, table];
      const plain = tf.valueAndGrads((...own: tf.Tensor[]) =>
        tf.mul(tf.sum(crossEntropy(outputScores(layer(own), own[0] as tf.Tensor2D), targets, smoothing)), scale * then),
      )(given);
      const chunked = tf.valueAndGrads((...own: tf.Tensor[]) => {
        const loss = outputCrossEntropy(own[0] as tf.Tensor2D, layer(own), targets, { smoothing, scale });
        return then === 1 ? loss : tf.mul(loss, then);
      })(given);
      const whole = plain.value.dataSync()[0]!;
      expect(chunked.value.dataSync()[0]! / whole).toBeCloseTo(1, 5);
      for (const [i, grad] of chunked.grads.entries()) {
        const difference = tf.max(tf.abs(tf.sub(grad, plain.grads[i]!))).dataSync()[0]!;
        expect(difference, `gradient ${i}`).toBeLessThan(1e-3);
      }
      tf.dispose([x, table, bias, plain.value, chunked.value, ...plain.grads, ...chunked.grads]);
    },
  );
});
