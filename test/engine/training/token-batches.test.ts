import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { tokenBatches } from '../../../src/engine/training/token-batches.ts';

const random = new Random(3);
const LENGTHS = Array.from({ length: 200 }, () => ({ source: 1 + random.integer(30), target: 1 + random.integer(30) }));
const widthOf = (batch: readonly number[]): number =>
  Math.max(...batch.map((place) => Math.max(LENGTHS[place]!.source, LENGTHS[place]!.target)));

describe('tokenBatches', () => {
  it('has every pair once, and no batch with more tokens than asked for, padding counted', () => {
    const batches = tokenBatches(LENGTHS, 120, new Random(1));
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...LENGTHS.keys()]);
    for (const batch of batches) expect(widthOf(batch) * batch.length).toBeLessThanOrEqual(120);
  });

  it('is another order with another seed, and the same with the same', () => {
    const one = tokenBatches(LENGTHS, 120, new Random(1));
    expect(tokenBatches(LENGTHS, 120, new Random(1))).toEqual(one);
    expect(tokenBatches(LENGTHS, 120, new Random(2))).not.toEqual(one);
  });

  it('gives a pair that is too long a batch of its own, and refuses a size that fits nothing', () => {
    expect(
      tokenBatches(
        [
          { source: 9, target: 3 },
          { source: 1, target: 1 },
        ],
        5,
      ),
    ).toEqual([[1], [0]]);
    expect(() => tokenBatches(LENGTHS, 0)).toThrow('maxTokens must be at least 1, not 0.');
  });
});
