import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DigitRun } from '../../../src/engine/laboratory/digit-run.ts';
import {
  DIGIT_ATTENTIONS,
  DIGIT_TASKS,
  drawDigits,
  END,
  solve,
  START,
  tokenOf,
} from '../../../src/engine/laboratory/digit-task.ts';
import { startTraining } from '../../../src/engine/laboratory/gradients.ts';
import { Random } from '../../../src/engine/random.ts';
import { textBatch, textLoss } from '../../../src/engine/training/text-loss.ts';
import { expectNoLeak } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

beforeAll(startTraining);

describe('the task', () => {
  it.each([
    ['reverse', [2, 1, 3]],
    ['copy', [3, 1, 2]],
    ['sort', [1, 2, 3]],
  ] as const)('%s', (task, digits) => {
    expect(solve(task, [3, 1, 2].map(tokenOf))).toEqual(digits.map(tokenOf));
  });

  it('draws every digit, and is the same for the same seed', () => {
    const digits = drawDigits(300, new Random(5));
    expect(new Set(digits).size).toBe(10);
    expect(drawDigits(300, new Random(5))).toEqual(digits);
  });
});

describe('training on plain JavaScript', () => {
  it.each(DIGIT_ATTENTIONS)('has the gradients of finite differences: %s', (attention) => {
    const run = new DigitRun({ task: 'reverse', attention });
    const data = textBatch([{ source: [4, 7, 5, END], target: [5, 7, 4] }], START, END);
    const training = { random: new Random(1), dropout: 0 };
    expectGradients(run.parameters(), () => textLoss(run.model, data, { training }), 3e-4, 97);
    run.dispose();
  });

  it('learns to reverse short strings, looking along the anti-diagonal', async () => {
    const run = new DigitRun({
      task: 'reverse',
      attention: 'additive',
      longest: 4,
      batch: 16,
      updates: 260,
      rate: 0.012,
    });
    const before = await run.exact(4);
    const losses: number[] = [];
    while (!run.isOver) losses.push(run.update());
    expect(before).toBe(0);
    expect(losses[0]).toBeGreaterThan(2);
    expect(await run.exact(3)).toBeGreaterThan(0.8);
    const { weights, written } = await run.look([3, 5, 9].map(tokenOf));
    expect(written).toEqual([...[9, 5, 3].map(tokenOf), END]);
    const likeliest = weights.slice(0, 3).map((row) => row.indexOf(Math.max(...row)));
    // Of three digits and their end, the decoder may look beside a digit, never from left to right.
    expect(likeliest[0]!).toBeGreaterThan(likeliest[2]!);
    run.dispose();
  });

  it('is the same again with the same seed, and leaves no tensors behind', async () => {
    const train = (): number[] => {
      const run = new DigitRun({ task: 'sort', attention: 'dot', longest: 3, batch: 4 });
      const losses = [run.update(), run.update(), run.update()];
      run.dispose();
      return losses;
    };
    const first = await expectNoLeak(train);
    expect(train()).toEqual(first);
    expect(tf.getBackend()).toBe('cpu');
  });

  it.each(DIGIT_TASKS)('tells what it writes, and where it looked: %s', async (task) => {
    const run = new DigitRun({ task, attention: 'key-query' });
    const { weights, written } = await run.look([1, 2].map(tokenOf));
    expect(weights).toHaveLength(written.length);
    for (const row of weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    const blind = new DigitRun({ task, attention: 'none' });
    expect((await blind.look([tokenOf(4)])).weights).toEqual([]);
    run.dispose();
    blind.dispose();
  });
});
