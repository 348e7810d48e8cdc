import { describe, expect, it } from 'vitest';
import { Bootstrap, type Share } from '../../../src/engine/metrics/bootstrap.ts';
import { Random } from '../../../src/engine/random.ts';

const random = new Random(3);
/** Numbers with mean 2 and standard deviation 1/√12 ... of 400 photos. */
const shares: Share[] = Array.from({ length: 400 }, () => ({ sum: 1.5 + random.next(), count: 1 }));

describe('Bootstrap', () => {
  const bootstrap = new Bootstrap(400, 2000, 1);

  it('gives a mean the interval that the central limit theorem gives it', () => {
    const mean = shares.reduce((sum, share) => sum + share.sum, 0) / 400;
    const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share.sum - mean) ** 2, 0) / 400);
    const { high, low, value } = bootstrap.mean(shares);
    expect(value).toBeCloseTo(mean, 10);
    expect(low).toBeCloseTo(mean - (1.96 * deviation) / 20, 2);
    expect(high).toBeCloseTo(mean + (1.96 * deviation) / 20, 2);
  });

  it('pairs what it compares: a constant difference and a constant quotient are certain', () => {
    const more = shares.map(({ count, sum }) => ({ sum: sum + 0.5, count }));
    const difference = bootstrap.difference(more, shares);
    for (const value of Object.values(difference)) expect(value).toBeCloseTo(0.5, 10);
    const quotient = bootstrap.quotient(
      shares.map(({ sum }) => ({ sum: 3 * sum, count: 1 })),
      shares,
    );
    for (const value of Object.values(quotient)) expect(value).toBeCloseTo(3, 10);
  });

  it('counts a photo with many words as many, and keeps them together', () => {
    const { value } = new Bootstrap(2, 10, 1).mean([
      { sum: 3, count: 3 },
      { sum: 0, count: 1 },
    ]);
    expect(value).toBe(0.75);
  });

  it('draws the same again from the same seed', () => {
    expect(new Bootstrap(400, 50, 5).mean(shares)).toEqual(new Bootstrap(400, 50, 5).mean(shares));
    expect(new Bootstrap(400, 50, 6).mean(shares)).not.toEqual(new Bootstrap(400, 50, 5).mean(shares));
  });
});
