import { describe, expect, it } from 'vitest';
import { compareHeads, REDUNDANT_BELOW } from '../../../src/engine/attention/compare-heads.ts';
import {
  entropyOf,
  jensenShannon,
  klDivergence,
  meanEntropy,
  meanJensenShannon,
} from '../../../src/engine/attention/divergence.ts';

describe('entropy', () => {
  it.each([
    [[1, 0, 0], 0],
    [[0.25, 0.25, 0.25, 0.25], 2],
    // ½·1 + ¼·2 + ¼·2
    [[0.5, 0.25, 0.25], 1.5],
  ])('of %j is %f bits', (p, bits) => {
    expect(entropyOf(p)).toBeCloseTo(bits, 12);
    expect(meanEntropy([p, [1, 0]])).toBeCloseTo(bits / 2, 12);
  });
});

describe('the Kullback-Leibler divergence', () => {
  it('is that of the definition, and not symmetric', () => {
    // ½ log₂ (½ / ¼) + ½ log₂ (½ / ¾)
    expect(klDivergence([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.5 + 0.5 * Math.log2(2 / 3), 12);
    expect(klDivergence([0.25, 0.75], [0.5, 0.5])).toBeCloseTo(0.25 * -1 + 0.75 * Math.log2(1.5), 12);
  });

  it('is 0 of the same, and infinite of what the other holds impossible', () => {
    expect(klDivergence([0.3, 0.7], [0.3, 0.7])).toBe(0);
    expect(klDivergence([0.5, 0.5], [1, 0])).toBe(Infinity);
    expect(klDivergence([1, 0], [0.5, 0.5])).toBe(1);
  });

  it('is refused for lists of different lengths', () => {
    expect(() => klDivergence([1], [0.5, 0.5])).toThrow('Distributions over 1 and 2 places cannot be compared.');
  });
});

describe('the Jensen-Shannon divergence', () => {
  it('is 0 of the same and 1 of what has nothing in common', () => {
    expect(jensenShannon([0.2, 0.8], [0.2, 0.8])).toBe(0);
    expect(jensenShannon([1, 0], [0, 1])).toBe(1);
  });

  it('is H(m) less the mean of H(p) and H(q)', () => {
    const [p, q] = [
      [0.7, 0.2, 0.1],
      [0.1, 0.3, 0.6],
    ] as const;
    const middle = p.map((one, i) => (one + q[i]!) / 2);
    const expected = entropyOf(middle) - (entropyOf(p) + entropyOf(q)) / 2;
    expect(jensenShannon(p, q)).toBeCloseTo(expected, 12);
    expect(jensenShannon(q, p)).toBeCloseTo(expected, 12);
    expect(meanJensenShannon([p, q], [q, q])).toBeCloseTo(expected / 2, 12);
  });
});

describe('heads beside each other', () => {
  const left = {
    weights: [
      [1, 0],
      [1, 0],
    ],
  };
  const right = {
    weights: [
      [0, 1],
      [0, 1],
    ],
  };
  const nearlyLeft = {
    weights: [
      [0.99, 0.01],
      [1, 0],
    ],
  };

  it('are redundant where one before them looks the same way', () => {
    const compared = compareHeads([left, right, nearlyLeft]);
    expect(compared.map(({ redundant }) => redundant)).toEqual([false, false, true]);
    expect(compared.map(({ nearest }) => nearest?.head)).toEqual([2, 2, 0]);
    expect(compared[2]!.nearest!.divergence).toBeLessThan(REDUNDANT_BELOW);
    expect(compared[0]!.entropy).toBe(0);
  });

  it('have no nearest where there is one alone', () => {
    expect(compareHeads([left])).toEqual([{ entropy: 0, nearest: null, redundant: false }]);
  });
});
