import { describe, expect, it } from 'vitest';
import { flowBetween } from '../../../src/renderer/attention/flow.ts';
import { spot } from '../support/spot.ts';

const GRID = [7, 7] as const;

describe('flowBetween', () => {
  it('begins and ends with the very maps', () => {
    expect([...flowBetween(spot(1, 1), spot(5, 5), GRID)(0)]).toEqual(spot(1, 1));
    expect([...flowBetween(spot(1, 1), spot(5, 5), GRID)(1)]).toEqual(spot(5, 5));
  });

  it('moves the mass from place to place, rather than fading out here and in there', () => {
    const middle = flowBetween(spot(3, 0), spot(3, 6), GRID)(0.5);
    expect(middle.indexOf(Math.max(...middle))).toBe(3 * 7 + 3);
    expect(middle[3 * 7]).toBeLessThan(0.1);
    expect(middle[3 * 7 + 6]).toBeLessThan(0.1);
  });

  it.each([0.1, 0.5, 0.9])('keeps the mass on the way (%d)', (t) => {
    const sum = flowBetween(spot(1, 2), spot(5, 4), GRID)(t).reduce((total, value) => total + value, 0);
    expect(sum).toBeGreaterThan(0.85);
    expect(sum).toBeLessThan(1.15);
  });
});
