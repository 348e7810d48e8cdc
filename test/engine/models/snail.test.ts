import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTraining } from '../../../src/engine/laboratory/gradients.ts';
import {
  AttentionBlock,
  Snail,
  SNAIL_PARTS,
  TemporalBlock,
  type SnailParts,
} from '../../../src/engine/models/snail.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectGradients } from '../../support/finite-differences.ts';

beforeAll(startTraining);

const [ROWS, LENGTH, INPUT] = [2, 4, 3];

function snail(parts: SnailParts): { model: Snail; parameters: Parameters } {
  const parameters = new Parameters(new Random(3).next);
  const attention = [
    [2, 2],
    [2, 3],
  ] as const;
  const config = { parts, inputSize: INPUT, classes: 2, length: LENGTH, filters: 2, attention };
  return { model: new Snail(config, parameters), parameters };
}

function drawn(random: Random): number[] {
  return Array.from({ length: ROWS * LENGTH * INPUT }, () => 2 * random.next() - 1);
}

const table = (parameters: Parameters, name: string): number[][] =>
  (new Map(parameters.entries()).get(name) as tf.Tensor2D).arraySync();

const times = (x: readonly number[], kernel: number[][]): number[] =>
  kernel[0]!.map((_, j) => x.reduce((sum, value, i) => sum + value * kernel[i]![j]!, 0));

describe('SNAIL', () => {
  it.each(SNAIL_PARTS)('has the gradients of finite differences: %s', (parts) => {
    const { model, parameters } = snail(parts);
    const x = tf.tensor3d(drawn(new Random(5)), [ROWS, LENGTH, INPUT]);
    expectGradients(parameters.entries(), () => tf.tidy(() => tf.mean(tf.square(model.apply(x).logits))), 5e-4, 2);
    x.dispose();
    parameters.dispose();
  });

  it.each(SNAIL_PARTS)('sees nothing of the future: %s', (parts) => {
    const { model, parameters } = snail(parts);
    const values = drawn(new Random(5));
    const read = (): number[][] =>
      tf.tidy(() => model.apply(tf.tensor3d(values, [ROWS, LENGTH, INPUT])).logits.arraySync()[0]!);
    const before = read();
    values[2 * INPUT] = 9;
    const after = read();
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toEqual(before[2]);
    if (parts !== 'attention') expect(after[3]).not.toEqual(before[3]);
    parameters.dispose();
  });

  it('is without one part in its ablations', () => {
    const names = (parts: SnailParts): string => {
      const { parameters } = snail(parts);
      const all = parameters.entries().map(([name]) => name.split('.')[1]);
      parameters.dispose();
      return [...new Set(all)].join(' ');
    };
    expect(SNAIL_PARTS.map(names)).toEqual(['attention temporal output', 'attention output', 'temporal output']);
  });
});

describe('an attention block', () => {
  it('puts what it found beside what came in', () => {
    const parameters = new Parameters(new Random(7).next);
    const block = new AttentionBlock(parameters, 'a', INPUT, 2, 2);
    const values = drawn(new Random(8));
    const own = tf.tidy(() => block.apply(tf.tensor3d(values, [ROWS, LENGTH, INPUT])).output.arraySync()[0]!);
    const x = Array.from({ length: LENGTH }, (_, t) => values.slice(t * INPUT, (t + 1) * INPUT));
    const [q, k, v] = ['query', 'key', 'value'].map((part) =>
      x.map((one) => times(one, table(parameters, `a.${part}.kernel`))),
    );
    for (let t = 0; t < LENGTH; t++) {
      const powers = k!
        .slice(0, t + 1)
        .map((key) => Math.exp(key.reduce((sum, n, i) => sum + n * q![t]![i]!, 0) / Math.SQRT2));
      const sum = powers.reduce((a, b) => a + b, 0);
      const found = [0, 1].map((i) => powers.reduce((all, power, j) => all + (power / sum) * v![j]![i]!, 0));
      for (const [i, value] of [...x[t]!, ...found].entries()) expect(own[t]![i]).toBeCloseTo(value, 5);
    }
    parameters.dispose();
  });
});

describe('a temporal block', () => {
  it('doubles its dilation until it sees as far as the sequence is long', () => {
    const parameters = new Parameters(new Random(7).next);
    const block = new TemporalBlock(parameters, 't', 1, 6, 2);
    expect(block.size).toBe(1 + 3 * 2);
    const values = new Array<number>(8).fill(0.5);
    const last = (): number[] => tf.tidy(() => block.apply(tf.tensor3d(values, [1, 8, 1])).output.arraySync()[0]![7]!);
    const before = last();
    values[0] = 1;
    expect(last()).not.toEqual(before);
    parameters.dispose();
  });
});
