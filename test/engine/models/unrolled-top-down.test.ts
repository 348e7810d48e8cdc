import * as tf from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { unrollTopDown, type TopDownInputs } from '../../../src/engine/models/unrolled-top-down.ts';
import { Random } from '../../../src/engine/random.ts';
import { useTestBackend } from '../../support/backend.ts';
import { compareRecurrences } from '../../support/compare-recurrences.ts';
import { draw } from '../../support/tensors.ts';

useTestBackend();

interface Case {
  name: string;
  photos: number;
  source: number[];
  active: number[];
  locations: number;
}

const cases: Case[] = [
  { name: 'rows of different lengths', photos: 2, source: [1, 0, 0, 1], active: [4, 4, 3, 1], locations: 3 },
  { name: 'a batch of one', photos: 1, source: [0], active: [1, 1, 1], locations: 4 },
  { name: 'one step', photos: 2, source: [0, 1, 1], active: [3], locations: 2 },
  { name: 'photos without a row', photos: 4, source: [2, 2, 0], active: [3, 2, 2, 1], locations: 3 },
];

const sizes = { annotation: 4, attention: 5, hidden: 3 };

describe('the unrolled pair of LSTMs', () => {
  describe.each(cases)('with $name', (shape) => {
    compareRecurrences(
      () => drawInputs(shape),
      (inputs) => unrollTopDown(inputs, rowsOf(shape)),
      (inputs) => traced(inputs, shape),
      { active: shape.active, sizes: [sizes.hidden, sizes.annotation, shape.locations] },
    );
  });
});

function rowsOf({ source, active }: Case): { source: Int32Array; active: number[] } {
  return { source: Int32Array.from(source), active };
}

function drawInputs({ photos, locations, active }: Case): TopDownInputs {
  const random = new Random(photos + 10 * active.length);
  const { annotation, attention, hidden } = sizes;
  const tokens = active.reduce((a, b) => a + b, 0);
  const shapes: { [name in keyof TopDownInputs]: number[] } = {
    annotations: [photos, locations, annotation],
    keys: [photos, locations, attention],
    wordGates: [tokens, 4 * hidden],
    kernel: [2 * hidden, 4 * hidden],
    query: [hidden, attention],
    v: [attention, 1],
    writerKernel: [annotation + 2 * hidden, 4 * hidden],
    writerBias: [4 * hidden],
  };
  const drawn = Object.entries(shapes).map(([name, shape]) => [name, draw(random, shape)]);
  return Object.fromEntries(drawn) as TopDownInputs;
}

/** The equations written anew from plain operations, one row after the other, without packing. */
function traced(
  inputs: TopDownInputs,
  { source, active }: Case,
): { hidden: tf.Tensor2D; contexts: tf.Tensor2D; weights: tf.Tensor2D } {
  const { annotation, attention, hidden } = sizes;
  const locations = inputs.annotations.shape[1];
  const of = (x: tf.Tensor, row: number): tf.Tensor => tf.slice(x, row, 1);
  const lstm = (sums: tf.Tensor, c: tf.Tensor2D): { h: tf.Tensor2D; c: tf.Tensor2D } => {
    const [i, f, o, g] = tf.split(sums, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const next: tf.Tensor2D = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return { h: tf.mul(tf.sigmoid(o), tf.tanh(next)), c: next };
  };
  const zero = tf.zeros<tf.Rank.R2>([1, hidden]);
  const states = source.map(() => ({ first: { h: zero, c: zero }, second: { h: zero, c: zero } }));
  const hiddens: tf.Tensor2D[] = [];
  const contexts: tf.Tensor2D[] = [];
  const weights: tf.Tensor2D[] = [];
  let token = 0;
  for (const rows of active) {
    for (let row = 0; row < rows; row++, token++) {
      const state = states[row]!;
      const a = tf.reshape(of(inputs.annotations, source[row]!), [locations, annotation]);
      const keys = tf.reshape(of(inputs.keys, source[row]!), [locations, attention]);
      const known = tf.add(
        tf.matMul(tf.concat([state.second.h, state.first.h], 1), inputs.kernel),
        of(inputs.wordGates, token),
      );
      const first = lstm(known, state.first.c);
      const energies = tf.matMul(tf.tanh(tf.add(keys, tf.matMul(first.h, inputs.query))), inputs.v);
      const alpha: tf.Tensor2D = tf.softmax(tf.reshape(energies, [1, locations]));
      const context: tf.Tensor2D = tf.matMul(alpha, a);
      const read = tf.matMul(tf.concat([context, first.h, state.second.h], 1), inputs.writerKernel);
      const second = lstm(tf.add(read, inputs.writerBias), state.second.c);
      states[row] = { first, second };
      hiddens.push(second.h);
      contexts.push(context);
      weights.push(alpha);
    }
  }
  expect(hiddens[0]?.shape).toEqual([1, hidden]);
  return { hidden: tf.concat(hiddens, 0), contexts: tf.concat(contexts, 0), weights: tf.concat(weights, 0) };
}
