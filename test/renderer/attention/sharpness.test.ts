import { describe, expect, it } from 'vitest';
import { largest } from '../../../src/maps/blend.ts';
import { fieldOf } from '../../../src/renderer/attention/map-pixels.ts';
import { fullValue, halfArea } from '../../../src/renderer/attention/sharpness.ts';

describe('the sharpness of a map', () => {
  it.each([
    ['an even one', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0.5],
    ['all on one cell', [0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 0.1],
    ['two cells that hold half between them', [0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0, 0, 0], 0.2],
    ['none at all', [0, 0, 0, 0], 0.5],
  ])('is the part of the photo that holds half of it: %s', (_, weights, part) => {
    expect(halfArea(weights)).toBeCloseTo(part, 12);
  });
});

describe('the value that is drawn as full', () => {
  it.each([
    ['the largest of a sharp map', [0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0, 0, 0, 0], 0.5],
    [
      'three times an even share for a map that is nearly even',
      [0.12, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.08],
      0.3,
    ],
  ])('is %s', (_, map, full) => {
    expect(fullValue(map)).toBeCloseTo(full, 12);
  });

  it('draws a smooth map as strongly as its cells', () => {
    const cells = Array.from({ length: 49 }, (_, cell) => (cell === 24 ? 0.52 : 0.01));
    const smooth = fieldOf(cells, [7, 7], 'smooth');
    expect(largest(smooth.values) / fullValue(smooth.values)).toBe(1);
    const even = fieldOf(Array<number>(49).fill(1 / 49), [7, 7], 'smooth');
    expect(largest(even.values) / fullValue(even.values)).toBeCloseTo(1 / 3, 3);
  });
});
