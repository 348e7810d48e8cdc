import { describe, expect, it } from 'vitest';
import { outlinePath, placeOf, shareInside } from '../../../src/renderer/attention/region.ts';
import { spot } from '../support/spot.ts';

const GRID = [7, 7] as const;

describe('shareInside', () => {
  const even = Array.from({ length: 49 }, () => 1 / 49);

  it.each([
    ['the whole photo', { x: 0, y: 0, width: 1, height: 1 }, 1],
    ['the left half', { x: 0, y: 0, width: 0.5, height: 1 }, 0.5],
    ['half a cell', { x: 0, y: 0, width: 1 / 14, height: 1 / 7 }, 0.5 / 49],
    ['nothing', { x: 0.5, y: 0.5, width: 0, height: 0 }, 0],
    ['beyond the edge', { x: -1, y: -1, width: 1.5, height: 3 }, 0.5],
  ])('of %s', (_, region, share) => {
    expect(shareInside(even, GRID, region)).toBeCloseTo(share, 6);
  });
});

describe('placeOf', () => {
  it.each([
    [0, 0, { row: 0, column: 0 }],
    [6, 0, { row: 2, column: 0 }],
    [3, 3, { row: 1, column: 1 }],
    [3, 6, { row: 1, column: 2 }],
  ])('of a spot at row %d, column %d', (row, column, place) => {
    expect(placeOf(spot(row, column), GRID)).toEqual(place);
  });

  it('is everywhere for even attention, even where it leans', () => {
    expect(
      placeOf(
        Array.from({ length: 49 }, () => 1 / 49),
        GRID,
      ),
    ).toBe('everywhere');
    expect(
      placeOf(
        Array.from({ length: 49 }, (_, cell) => 1 + (cell % 7) * 0.05),
        GRID,
      ),
    ).toBe('everywhere');
  });

  it('is nowhere without attention', () => {
    expect(placeOf([], [0, 0])).toBe('nowhere');
  });
});

it('outlines cells without the lines between them', () => {
  expect(outlinePath([0, 1], 7)).toBe('M0 0h1M0 1h1M0 0v1M1 0h1M1 1h1M2 0v1');
});
