import { describe, expect, it } from 'vitest';
import {
  blank,
  centreRegion,
  elsewhere,
  isApart,
  mainRegion,
  otherWordRegion,
} from '../../src/captioning/occlusion.ts';

describe('the region of a word', () => {
  it.each([
    [0.5, [1]],
    [0.7, [1, 3]],
    [0.95, [0, 1, 3]],
  ])('is the fewest cells that hold %f of the attention', (share, region) => {
    expect(mainRegion([0.2, 0.5, 0.05, 0.25], share)).toEqual(region);
  });
});

describe('other regions', () => {
  it('keep the size and share no cell with the first', () => {
    const region = [0, 1, 4];
    const others = elsewhere(region, [4, 4], 5);
    expect(others).toHaveLength(5);
    for (const other of others) {
      expect(new Set(other).size).toBe(3);
      expect(other.some((cell) => region.includes(cell))).toBe(false);
    }
  });

  it('are none where the region leaves no room', () => {
    expect(elsewhere([0, 1, 2], [2, 2], 5)).toEqual([]);
  });

  it('are compact ones where the shape fits nowhere else', () => {
    // A cross through a 5 x 5 grid meets itself wherever it is moved.
    const cross = [2, 7, 10, 11, 12, 13, 14, 17, 22];
    const others = elsewhere(cross, [5, 5], 3);
    expect(others).toHaveLength(3);
    for (const other of others) {
      expect(other).toHaveLength(9);
      expect(other.some((cell) => cross.includes(cell))).toBe(false);
    }
  });

  it('come once each', () => {
    // A whole row moved sideways is the same row.
    const others = elsewhere([0, 1], [3, 2], 5).map((region) => region.join());
    expect(others.slice(0, 2)).toEqual(['2,3', '4,5']);
    expect(new Set(others).size).toBe(others.length);
  });
});

describe('what a region is held against', () => {
  it.each([
    [1, [3, 3], [4]],
    [5, [3, 3], [1, 3, 4, 5, 7]],
    [4, [4, 4], [5, 6, 9, 10]],
  ] as const)('is the middle: %i cells of %j', (count, grid, region) => {
    expect(centreRegion(count, grid)).toEqual(region);
  });

  it('is another place: half of it at most lies in the region', () => {
    expect(isApart([0, 1, 2, 3], [2, 3, 4, 5])).toBe(false);
    expect(isApart([0, 1, 2, 3], [3, 4, 5, 6])).toBe(true);
  });

  it('is what another word looked at, the one that shares least with it', () => {
    const near = [0.4, 0.1, 0.4, 0.1];
    const far = [0.1, 0.1, 0.4, 0.4];
    const map = [0.4, 0.4, 0.1, 0.1];
    expect(otherWordRegion([near, map, far], 1, [0, 1])).toEqual({ position: 2, region: [2, 3] });
    expect(otherWordRegion([near, map, []], 1, [0, 1])).toBeNull();
    expect(otherWordRegion([map, map], 1, [0, 1])).toBeNull();
  });
});

it('fills the cells with the mean colour and leaves the rest', () => {
  // A Buffer, as photos come: its slice would be the same memory.
  const pixels = Buffer.from(new Uint8Array(4 * 4 * 3).map((_, i) => (i < 24 ? 0 : 200)));
  const blanked = blank(pixels, 4, [2, 2], [3]);
  const at = (x: number, y: number): number[] => [...blanked.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)];
  expect(at(2, 2)).toEqual([100, 100, 100]);
  expect(at(3, 3)).toEqual([100, 100, 100]);
  expect(at(1, 3)).toEqual([200, 200, 200]);
  expect(at(3, 1)).toEqual([0, 0, 0]);
  expect(pixels[47]).toBe(200);
});
