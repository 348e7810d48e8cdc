import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Captioner } from '../../../src/engine/models/captioner.ts';
import { unrollAttentionLstm, type UnrolledInputs } from '../../../src/engine/models/unrolled-attention-lstm.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { captionerLoss } from '../../../src/engine/training/captioner-loss.ts';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';
import { expectNoLeak, itNative, useTestBackend } from '../../support/backend.ts';

useTestBackend();

interface Case {
  name: string;
  photos: number;
  photo: number[];
  active: number[];
  locations: number;
}

const cases: Case[] = [
  { name: 'rows of different lengths', photos: 2, photo: [1, 0, 0, 1], active: [4, 4, 3, 1], locations: 3 },
  { name: 'a batch of one', photos: 1, photo: [0], active: [1, 1, 1], locations: 4 },
  { name: 'one step', photos: 2, photo: [0, 1, 1], active: [3], locations: 2 },
  { name: 'photos without a row', photos: 4, photo: [2, 2, 0], active: [3, 2, 2, 1], locations: 3 },
  { name: 'one location', photos: 2, photo: [0, 1, 0], active: [3, 2, 1], locations: 1 },
];

const sizes = { annotation: 4, attention: 5, hidden: 3 };

describe('the unrolled recurrence', () => {
  describe.each(cases)('with $name', (shape) => {
    it('gives the states, contexts and weights of the recurrence traced step by step', async () => {
      await expectNoLeak(() => {
        const inputs = drawInputs(shape);
        const found = unrollAttentionLstm(inputs, rowsOf(shape));
        expectEqual(
          found,
          tf.tidy(() => traced(inputs, shape)),
        );
        tf.dispose(Object.values(inputs));
      });
    });

    itNative('gives the gradients of the recurrence traced step by step', async () => {
      await expectNoLeak(() => {
        const inputs = drawInputs(shape);
        const names = Object.keys(inputs) as (keyof UnrolledInputs)[];
        const tokens = shape.active.reduce((a, b) => a + b, 0);
        const random = new Random(5);
        const errors = [sizes.hidden, sizes.annotation, shape.locations].map((size) => draw(random, [tokens, size]));
        // Errors of all three outputs, so that those of α (the penalty's) count as well.
        const gradientsOf = (
          recurrence: (given: UnrolledInputs) => ReturnType<typeof unrollAttentionLstm>,
        ): tf.Tensor[] =>
          tf.grads((...given) => {
            const named = Object.fromEntries(names.map((name, i) => [name, given[i]])) as unknown as UnrolledInputs;
            const { hidden, contexts, weights } = recurrence(named);
            return tf.addN([hidden, contexts, weights].map((x, i) => tf.sum(tf.mul(x, errors[i] as tf.Tensor))));
          })(names.map((name) => inputs[name]));
        const found = gradientsOf((given) => unrollAttentionLstm(given, rowsOf(shape)));
        const expected = gradientsOf((given) => traced(given, shape));
        expectEqual(
          Object.fromEntries(names.map((name, i) => [name, found[i] as tf.Tensor])),
          Object.fromEntries(names.map((name, i) => [name, expected[i] as tf.Tensor])),
        );
        tf.dispose([...Object.values(inputs), ...errors]);
      });
    });
  });

  itNative('keeps the gradient right where the scores saturate', () => {
    const shape = cases[0] as Case;
    const inputs = drawInputs(shape);
    inputs.keys = tf.mul(inputs.keys, 30);
    const gradient = (unrolled: boolean): tf.Tensor =>
      tf.grad((query) => {
        const given = { ...inputs, query: query as tf.Tensor2D };
        const { hidden } = unrolled ? unrollAttentionLstm(given, rowsOf(shape)) : traced(given, shape);
        return tf.sum(tf.square(hidden));
      })(inputs.query);
    expectEqual({ query: gradient(true) }, { query: gradient(false) });
  });
});

describe('a captioner that trains through the unrolled recurrence', () => {
  itNative.each(['soft', 'none'] as const)('has the loss and gradients of the step by step one (%s)', (attention) => {
    const parameters = new Parameters(new Random(2).next);
    const captioner = new Captioner(
      {
        vocabularySize: 9,
        startToken: 0,
        endToken: 1,
        grid: [2, 3],
        featureSize: 5,
        annotationSize: 4,
        attention,
        attentionSize: 3,
        hiddenSize: 5,
        embeddingSize: 4,
      },
      parameters,
    );
    const features = draw(new Random(3), [4, 6, 5]) as tf.Tensor3D;
    // The last photo has no caption, the second three, one of them twice.
    const batch = packBatch([[3, 4, 5], [6], [7, 8, 3, 4], [6], []], [0, 1, 1, 1, 2], 0, 1);
    const variables = parameters.entries().map(([, variable]) => variable);
    const run = (stepByStep: boolean): Record<string, tf.Tensor> => {
      // The same seed: both ways draw the same dropout.
      const training = { random: new Random(4), annotationDropout: 0.3, dropout: 0.5, stepByStep };
      const { value, grads } = tf.variableGrads(
        () => captionerLoss(captioner, features, batch, { training, labelSmoothing: 0.1, penalty: 0.5 }),
        variables,
      );
      const named = parameters.entries().map(([name, variable]) => [name, grads[variable.name] as tf.Tensor]);
      return { loss: value, ...(Object.fromEntries(named) as Record<string, tf.Tensor>) };
    };
    expectEqual(run(false), run(true));
  });
});

function rowsOf({ photo, active }: Case): { photo: Int32Array; active: number[] } {
  return { photo: Int32Array.from(photo), active };
}

function draw(random: Random, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * random.next() - 1),
    shape,
  );
}

function drawInputs({ photos, locations, active }: Case): UnrolledInputs {
  const random = new Random(photos + 10 * active.length);
  const { annotation, attention, hidden } = sizes;
  const tokens = active.reduce((a, b) => a + b, 0);
  const shapes: Record<keyof UnrolledInputs, number[]> = {
    annotations: [photos, locations, annotation],
    keys: [photos, locations, attention],
    h: [photos, hidden],
    c: [photos, hidden],
    wordGates: [tokens, 4 * hidden],
    kernel: [annotation + hidden, 4 * hidden],
    query: [hidden, attention],
    v: [attention, 1],
    gateKernel: [hidden, 1],
    gateBias: [1],
  };
  const drawn = Object.entries(shapes).map(([name, shape]) => [name, draw(random, shape)]);
  return Object.fromEntries(drawn) as UnrolledInputs;
}

/** The equations written anew from plain operations, one row after the other, without packing. */
function traced(
  inputs: UnrolledInputs,
  { photo, active }: Case,
): { hidden: tf.Tensor2D; contexts: tf.Tensor2D; weights: tf.Tensor2D } {
  const { annotation, attention, hidden } = sizes;
  const locations = inputs.annotations.shape[1];
  const of = (x: tf.Tensor, row: number): tf.Tensor => tf.slice(x, row, 1);
  const states = photo.map((p) => ({ h: of(inputs.h, p) as tf.Tensor2D, c: of(inputs.c, p) as tf.Tensor2D }));
  const hiddens: tf.Tensor2D[] = [];
  const contexts: tf.Tensor2D[] = [];
  const weights: tf.Tensor2D[] = [];
  let token = 0;
  for (const rows of active) {
    for (let row = 0; row < rows; row++, token++) {
      const { h, c } = states[row] as { h: tf.Tensor2D; c: tf.Tensor2D };
      const a = tf.reshape(of(inputs.annotations, photo[row] as number), [locations, annotation]);
      const keys = tf.reshape(of(inputs.keys, photo[row] as number), [locations, attention]);
      const energies = tf.matMul(tf.tanh(tf.add(keys, tf.matMul(h, inputs.query))), inputs.v);
      const alpha: tf.Tensor2D = tf.softmax(tf.reshape(energies, [1, locations]));
      const beta = tf.sigmoid(tf.add(tf.matMul(h, inputs.gateKernel), inputs.gateBias));
      const context: tf.Tensor2D = tf.mul(tf.matMul(alpha, a), beta);
      const sums = tf.add(tf.matMul(tf.concat([context, h], 1), inputs.kernel), of(inputs.wordGates, token));
      const [i, f, o, g] = tf.split(sums, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const nextC: tf.Tensor2D = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      const nextH: tf.Tensor2D = tf.mul(tf.sigmoid(o), tf.tanh(nextC));
      states[row] = { h: nextH, c: nextC };
      hiddens.push(nextH);
      contexts.push(context);
      weights.push(alpha);
    }
  }
  expect(hiddens[0]?.shape).toEqual([1, hidden]);
  return { hidden: tf.concat(hiddens, 0), contexts: tf.concat(contexts, 0), weights: tf.concat(weights, 0) };
}

/** Relative to the largest element of each tensor; disposes of both. */
function expectEqual(found: Record<string, tf.Tensor>, expected: Record<string, tf.Tensor>): void {
  for (const [name, tensor] of Object.entries(expected)) {
    const [a, b] = [found[name]?.dataSync() ?? [], tensor.dataSync()];
    expect(found[name]?.shape, name).toEqual(tensor.shape);
    const scale = Math.max(1e-6, ...b.map(Math.abs));
    const worst = Math.max(...b.map((value, i) => Math.abs(value - (a[i] as number))));
    expect(worst / scale, `${name}: largest difference, relative`).toBeLessThan(1e-4);
  }
  tf.dispose([found, expected]);
}
