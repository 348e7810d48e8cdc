import { describe, expect, it } from 'vitest';
import { learningRate } from '../../../src/engine/training/schedule.ts';

describe('learningRate', () => {
  it.each([
    ['rises in a line', { rate: 1, warmUp: 4, decay: 'constant' }, 0, 0.25],
    ['reaches the rate', { rate: 1, warmUp: 4, decay: 'constant' }, 3, 1],
    ['stays', { rate: 2, decay: 'constant' }, 50, 2],
    ['starts a cosine at the rate', { rate: 2, decay: 'cosine' }, 0, 2],
    ['is halfway in the middle of a cosine', { rate: 2, decay: 'cosine' }, 50, 1],
    ['ends a cosine at its floor', { rate: 2, decay: 'cosine', floor: 0.1 }, 100, 0.2],
    ['falls with the root of the step', { rate: 1, warmUp: 25, decay: 'inverse-sqrt' }, 99, 0.5],
  ] as const)('%s', (_, schedule, step, expected) => {
    expect(learningRate(schedule, step, 100)).toBeCloseTo(expected, 10);
  });
});
