import { describe, expect, it } from 'vitest';
import { averageWeights } from '../../../src/engine/training/average-weights.ts';

const checkpoint = (...data: number[]) => new Map([['w', { shape: [data.length], data: Float32Array.from(data) }]]);

describe('averageWeights', () => {
  it('is the mean of each number', async () => {
    const mean = await averageWeights([checkpoint(1, 2), checkpoint(3, 4), checkpoint(5, 0)]);
    expect(mean.get('w')).toEqual({ shape: [2], data: Float32Array.of(3, 2) });
  });

  it.each([
    [[], 'There is no checkpoint to average.'],
    [[checkpoint(1), checkpoint(1, 2)], 'Checkpoint 2 has w in the shape [2]; the first has [1].'],
    [[checkpoint(1), new Map()], 'Checkpoint 2 has 0 weights, the first has 1.'],
    [[checkpoint(1), new Map([['v', checkpoint(1).get('w')!]])], 'Checkpoint 2 has no w; the first has [1].'],
  ])('refuses what is not of one model', async (checkpoints, message) => {
    await expect(averageWeights(checkpoints)).rejects.toThrow(message);
  });
});
