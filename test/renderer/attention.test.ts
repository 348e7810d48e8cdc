import { describe, expect, it } from 'vitest';
import { flowBetween } from '../../src/renderer/attention/flow.ts';
import { fieldOf, paintField, scaleGradient } from '../../src/renderer/attention/map-pixels.ts';
import { outlinePath, placeOf, shareInside } from '../../src/renderer/attention/region.ts';
import { blend } from '../../src/maps/blend.ts';

const GRID = [7, 7] as const;

/** All attention on one cell. */
function spot(row: number, column: number): number[] {
  return Array.from({ length: 49 }, (_, cell) => (cell === row * 7 + column ? 1 : 0));
}

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

describe('paintField', () => {
  const photo = Uint8Array.from({ length: 49 * 3 }, (_, i) => (i * 37) % 256);
  const weights = Array.from({ length: 49 }, (_, cell) => cell + 1);

  it.each(['tint', 'dim', 'heat'] as const)('laid over the photo gives what exports give: %s', (mode) => {
    const field = fieldOf(weights, GRID, 'cells');
    const pixels = new Uint8ClampedArray(49 * 4);
    paintField(field, { mode, colourMap: 'cividis', strength: 0.7 }, pixels);
    const exported = blend(photo, field.values, { mode, colourMap: 'cividis', alpha: 0.7 });
    for (let pixel = 0; pixel < 49; pixel++) {
      const [red, green, blue] = [0, 1, 2].map((channel) => photo[pixel * 3 + channel]!) as [number, number, number];
      const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      const cover = pixels[pixel * 4 + 3]! / 255;
      for (const [channel, own] of [red, green, blue].entries()) {
        const below = mode === 'heat' ? luma : own;
        const shown = below + (pixels[pixel * 4 + channel]! - below) * cover;
        expect(Math.abs(shown - exported[pixel * 3 + channel]!)).toBeLessThanOrEqual(1.5);
      }
    }
  });

  it('is not there before it is faded in', () => {
    const pixels = new Uint8ClampedArray(49 * 4).fill(9);
    paintField(fieldOf(weights, GRID, 'cells'), { mode: 'heat', colourMap: 'viridis', strength: 1 }, pixels, {
      visible: 0,
    });
    expect(pixels.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 0)).toBe(true);
  });

  it('keeps the largest cell the largest when smooth', () => {
    const { values, width, height } = fieldOf(spot(1, 5), GRID, 'smooth');
    const most = values.indexOf(Math.max(...values));
    expect(Math.floor((Math.floor(most / width) / height) * 7)).toBe(1);
    expect(Math.floor(((most % width) / width) * 7)).toBe(5);
  });
});

it('shows on the scale what lies on the photo', () => {
  expect(scaleGradient({ mode: 'tint', colourMap: 'cividis' })).toMatch(/^linear-gradient\(to right, rgb\(0 34 78\)/);
  expect(scaleGradient({ mode: 'dim', colourMap: 'cividis' })).toContain('rgb(245 245 245)');
});

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
