import { describe, expect, it } from 'vitest';
import { upsample, type UpsampleMethod } from '../../src/maps/upsample.ts';
import { indexOfLargest } from '../photos/synthetic-photo.ts';

const METHODS: readonly UpsampleMethod[] = ['gaussian', 'cells'];

/** Weights of an attention step: uneven, positive, summing to one. */
function unevenWeights(count: number): number[] {
  const raw = Array.from({ length: count }, (_, index) => Math.exp(3 * Math.sin(index * 12.9898)));
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => value / sum);
}

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

describe.each(METHODS)('upsampling, %s', (method) => {
  it.each([
    [
      [7, 7],
      [224, 224],
    ],
    [
      [7, 7],
      [90, 400],
    ],
    [
      [10, 10],
      [333, 71],
    ],
    [
      [1, 1],
      [5, 9],
    ],
    [
      [3, 5],
      [3, 5],
    ],
    [
      [7, 7],
      [1, 300],
    ],
    [
      [7, 7],
      [4, 3],
    ],
    [
      [14, 14],
      [1, 1],
    ],
  ] as const)('keeps the mass of a %j grid at %j and is never negative', (grid, size) => {
    const weights = unevenWeights(grid[0] * grid[1]);
    const map = upsample(weights, grid, size, { method });
    expect(map).toHaveLength(size[0] * size[1]);
    expect(sumOf(map)).toBeCloseTo(1, 5);
    expect(Math.min(...map)).toBeGreaterThanOrEqual(0);
  });

  it('keeps sums other than one', () => {
    expect(sumOf(upsample([1, 2, 3, 4], [2, 2], [64, 48], { method }))).toBeCloseTo(10, 4);
  });

  it('makes an even map of even weights, up to the edges', () => {
    const map = upsample(new Array(49).fill(1 / 49), [7, 7], [70, 105], { method });
    for (const value of map) expect(value * 70 * 105).toBeCloseTo(1, 3);
  });

  it('leaves nothing of no weights', () => {
    expect([...upsample([0, 0, 0, 0], [2, 2], [4, 4], { method })]).toEqual(new Array(16).fill(0));
  });

  it.each([
    [0, 0],
    [0, 6],
    [3, 3],
    [2, 5],
    [6, 0],
    [6, 6],
  ])('puts the peak of cell %i, %i inside that cell, and most of its mass near it', (row, col) => {
    const weights = new Array(49).fill(0);
    weights[row * 7 + col] = 1;
    const [height, width] = [140, 210];
    const map = upsample(weights, [7, 7], [height, width], { method });
    const peak = indexOfLargest(map);
    expect(Math.floor(Math.floor(peak / width) / 20)).toBe(row);
    expect(Math.floor((peak % width) / 30)).toBe(col);
    const near = map.filter((_, index) => {
      const dy = Math.floor(index / width) / 20 - row - 0.5;
      const dx = (index % width) / 30 - col - 0.5;
      return Math.abs(dy) < 1.5 && Math.abs(dx) < 1.5;
    });
    expect(sumOf(near)).toBeGreaterThan(0.85);
  });

  it('is symmetric', () => {
    const map = upsample([1, 0, 0, 1], [2, 2], [30, 30], { method });
    const turned = Float32Array.from(map).reverse();
    for (const [index, value] of map.entries()) expect(value).toBeCloseTo(turned[index]!, 7);
  });

  it('takes typed arrays', () => {
    expect(upsample(new Float32Array([0.25, 0.75]), [1, 2], [2, 4], { method })).toHaveLength(8);
  });
});

describe('the Gaussian', () => {
  it('equals a brute-force enlargement and filter, as in the figures of the paper', () => {
    // Each cell enlarged to 16 x 16 pixels, then filtered with a Gaussian of 20/224 of the side, mirrored at the edges.
    const grid = 5;
    const scale = 16;
    const side = grid * scale;
    const weights = unevenWeights(grid * grid);
    const sigma = (20 / 224) * side;
    const reach = Math.ceil(sigma * 6);
    const gauss = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
    const norm = sumOf(gauss);
    const mirror = (index: number) => {
      const period = ((index % (2 * side)) + 2 * side) % (2 * side);
      return period < side ? period : 2 * side - 1 - period;
    };
    const enlarged = Array.from({ length: side * side }, (_, index) => {
      const row = Math.floor(index / side / scale);
      return weights[row * grid + Math.floor((index % side) / scale)]! / scale ** 2;
    });
    const filter = (image: number[], at: (y: number, x: number, offset: number) => number) =>
      image.map((_, index) =>
        gauss.reduce(
          (sum, g, i) => sum + (g / norm) * image[at(Math.floor(index / side), index % side, i - reach)]!,
          0,
        ),
      );
    const across = filter(enlarged, (y, x, offset) => y * side + mirror(x + offset));
    const expected = filter(across, (y, x, offset) => mirror(y + offset) * side + x);

    const map = upsample(weights, [grid, grid], [side, side]);
    const peak = Math.max(...expected);
    for (const [index, value] of map.entries()) expect(Math.abs(value - expected[index]!) / peak).toBeLessThan(1e-3);
  });

  it('spreads further with a larger sigma', () => {
    const one = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    const peak = (sigma: number) => Math.max(...upsample(one, [3, 3], [60, 60], { sigma }));
    expect(peak(0.05)).toBeGreaterThan(peak(0.1));
    expect(peak(0.1)).toBeGreaterThan(peak(0.3));
  });
});

it('shows cells as they are, each even', () => {
  const map = upsample([0.1, 0.2, 0.3, 0.4], [2, 2], [4, 6], { method: 'cells' });
  const row = (left: number, right: number) => [left, left, left, right, right, right].map((mass) => mass / 6);
  const expected = [...row(0.1, 0.2), ...row(0.1, 0.2), ...row(0.3, 0.4), ...row(0.3, 0.4)];
  for (const [index, value] of map.entries()) expect(value).toBeCloseTo(expected[index]!, 6);
});

describe('weights that do not fit', () => {
  it.each<[string, number[], RegExp]>([
    ['too few', [1, 2, 3], /2 x 2 grid needs 4 weights, not 3/],
    ['negative', [1, -1, 0, 0], /weight 1 is -1/],
    ['not a number', [1, 0, NaN, 0], /weight 2 is NaN/],
    ['infinite', [Infinity, 0, 0, 0], /weight 0 is Infinity/],
  ])('are refused: %s', (_, weights, reason) => {
    expect(() => upsample(weights, [2, 2], [8, 8])).toThrow(reason);
  });

  it('refuses a sigma that is not positive', () => {
    expect(() => upsample([1], [1, 1], [2, 2], { sigma: 0 })).toThrow(/sigma must be positive/);
  });
});

describe('a map coarser than its grid', () => {
  it('keeps the weight of cells that no pixel lies in, in the pixel around them', () => {
    // Twenty cells on four pixels: the kernel of a cell is narrower than the way to the next pixel.
    for (const cell of [0, 6, 13, 19]) {
      const weights = Array.from({ length: 20 }, (_, i) => (i === cell ? 1 : 0));
      const map = upsample(weights, [1, 20], [1, 4], { method: 'cells' });
      expect(Array.from(map)).toEqual([0, 1, 2, 3].map((pixel) => (pixel === Math.floor(cell / 5) ? 1 : 0)));
    }
  });
});
