import * as tf from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { unrollAttentionLstm, type UnrolledInputs } from '../../../src/engine/models/unrolled-attention-lstm.ts';
import { Random } from '../../../src/engine/random.ts';
import { itNative, useTestBackend } from '../../support/backend.ts';
import { compareRecurrences } from '../../support/compare-recurrences.ts';
import { draw, expectEqual } from '../../support/tensors.ts';

useTestBackend();

interface Case {
  name: string;
  photos: number;
  source: number[];
  active: number[];
  locations: number;
  /** Whether the query sees the word. */
  sees?: boolean;
}

const cases: Case[] = [
  { name: 'rows of different lengths', photos: 2, source: [1, 0, 0, 1], active: [4, 4, 3, 1], locations: 3 },
  { name: 'a batch of one', photos: 1, source: [0], active: [1, 1, 1], locations: 4 },
  { name: 'one step', photos: 2, source: [0, 1, 1], active: [3], locations: 2 },
  { name: 'photos without a row', photos: 4, source: [2, 2, 0], active: [3, 2, 2, 1], locations: 3 },
  { name: 'one location', photos: 2, source: [0, 1, 0], active: [3, 2, 1], locations: 1 },
];

const sizes = { annotation: 4, attention: 5, hidden: 3 };

const shapes = cases.flatMap((shape) => [
  shape,
  { ...shape, name: `${shape.name}, the query seeing the word`, sees: true },
]);

describe('the unrolled recurrence', () => {
  describe.each(shapes)('with $name', (shape) => {
    compareRecurrences(
      () => drawInputs(shape),
      (inputs) => unrollAttentionLstm(inputs, rowsOf(shape)),
      (inputs) => traced(inputs, shape),
      { active: shape.active, sizes: [sizes.hidden, sizes.annotation, shape.locations] },
    );
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

function rowsOf({ source, active }: Case): { source: Int32Array; active: number[] } {
  return { source: Int32Array.from(source), active };
}

function drawInputs({ photos, locations, active, sees }: Case): UnrolledInputs {
  const random = new Random(photos + 10 * active.length);
  const { annotation, attention, hidden } = sizes;
  const tokens = active.reduce((a, b) => a + b, 0);
  const shapes: { [name in keyof UnrolledInputs]: number[] } = {
    annotations: [photos, locations, annotation],
    keys: [photos, locations, attention],
    h: [photos, hidden],
    c: [photos, hidden],
    ...(sees && { wordQueries: [tokens, attention] }),
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
  { source, active }: Case,
): { hidden: tf.Tensor2D; contexts: tf.Tensor2D; weights: tf.Tensor2D } {
  const { annotation, attention, hidden } = sizes;
  const locations = inputs.annotations.shape[1];
  const of = (x: tf.Tensor, row: number): tf.Tensor => tf.slice(x, row, 1);
  const states = source.map((p) => ({ h: of(inputs.h, p) as tf.Tensor2D, c: of(inputs.c, p) as tf.Tensor2D }));
  const hiddens: tf.Tensor2D[] = [];
  const contexts: tf.Tensor2D[] = [];
  const weights: tf.Tensor2D[] = [];
  let token = 0;
  for (const rows of active) {
    for (let row = 0; row < rows; row++, token++) {
      const { h, c } = states[row] as { h: tf.Tensor2D; c: tf.Tensor2D };
      const a = tf.reshape(of(inputs.annotations, source[row] as number), [locations, annotation]);
      const keys = tf.reshape(of(inputs.keys, source[row] as number), [locations, attention]);
      const fromH = tf.matMul(h, inputs.query);
      const query = inputs.wordQueries ? tf.add(fromH, of(inputs.wordQueries, token)) : fromH;
      const energies = tf.matMul(tf.tanh(tf.add(keys, query)), inputs.v);
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
