import { describe, expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/engine/float16.ts';

describe('float16', () => {
  const cases: [number, number][] = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [1e10, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.5, 0x0001],
    [1e-10, 0x0000],
    // Halfway between two neighbours: to the even one.
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    // A carry into the exponent.
    [2 - 2 ** -12, 0x4000],
    [2 ** -14 - 2 ** -26, 0x0400],
  ];
  test.each(cases)('%d is stored as the IEEE 754 bits %d', (value, half) => {
    expect(toFloat16(value)).toBe(half);
  });

  test('every half comes back as itself', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = fromFloat16(half);
      if (!Number.isNaN(value) && toFloat16(value) !== half) expect.fail(`${half} became ${toFloat16(value)}`);
    }
    expect(fromFloat16(toFloat16(NaN))).toBeNaN();
  });
});
