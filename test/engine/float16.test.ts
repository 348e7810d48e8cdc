import { describe, expect, it } from 'vitest';
import { fromFloat16, fromFloat16s, MAX_FLOAT16, toFloat16 } from '../../src/engine/float16.ts';

const isNaNHalf = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;

describe('half precision', () => {
  it('brings each of the 65,536 halves back bit for bit, and every NaN as a NaN', () => {
    const wrong: number[] = [];
    for (let half = 0; half < 0x10000; half++) {
      const back = toFloat16(fromFloat16(half));
      if (isNaNHalf(half) ? !isNaNHalf(back) : back !== half) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });

  it('rises strictly from half to half, and rounds to the nearest of two neighbours, ties to even', () => {
    const wrong: number[] = [];
    for (let half = 0; half < 0x7bff; half++) {
      const low = fromFloat16(half);
      const high = fromFloat16(half + 1);
      const middle = (low + high) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      // Float32 has at least one number on each side of the middle.
      const step = Math.max(middle * 2 ** -23, 2 ** -149);
      const right =
        high > low &&
        toFloat16(middle) === even &&
        toFloat16(middle - step) === half &&
        toFloat16(middle + step) === half + 1;
      const mirrored = toFloat16(-middle) === (even | 0x8000);
      if (!right || !mirrored) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [MAX_FLOAT16, 0x7bff],
    [65519.99609375, 0x7bff],
    [65520, 0x7c00],
    [1e30, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [1e-30, 0x0000],
    [0, 0x0000],
    [-0, 0x8000],
  ])('%f is stored as the IEEE 754 bits %d', (value, half) => {
    expect(toFloat16(value)).toBe(half);
  });

  it('keeps the sign of zero and the nature of the infinities', () => {
    expect(fromFloat16(0x8000)).toBe(-0);
    expect(fromFloat16(0xfc00)).toBe(-Infinity);
    expect(fromFloat16(0x7c01)).toBeNaN();
  });

  it('says the same of many halves as of each', () => {
    const halves = Uint16Array.from({ length: 0x10000 }, (_, half) => half);
    expect(fromFloat16s(halves)).toEqual(Float32Array.from(halves, (half) => fromFloat16(half)));
  });
});
