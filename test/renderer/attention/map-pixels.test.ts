import { describe, expect, it } from 'vitest';
import { fieldOf, paintField, scaleGradient } from '../../../src/renderer/attention/map-pixels.ts';
import { blend } from '../../../src/maps/blend.ts';
import { spot } from '../support/spot.ts';

const GRID = [7, 7] as const;

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
    const weights = spot(1, 5).map((weight) => weight + 0.001);
    const { values, width, height } = fieldOf(weights, GRID, 'smooth');
    const most = values.indexOf(Math.max(...values));
    expect(Math.floor((Math.floor(most / width) / height) * 7)).toBe(1);
    expect(Math.floor(((most % width) / width) * 7)).toBe(5);
  });

  it('leaves one place alone the cell that it is, whichever shape is wished for', () => {
    const { hasEdges, height, values, width } = fieldOf(spot(1, 5), GRID, 'smooth');
    const lit = Array.from(values.keys()).filter((pixel) => values[pixel]! > 0);
    const cells = lit.map((pixel) => [
      Math.floor((Math.floor(pixel / width) * 7) / height),
      Math.floor(((pixel % width) * 7) / width),
    ]);
    expect(new Set(cells.map(String))).toEqual(new Set(['1,5']));
    expect(new Set(lit.map((pixel) => values[pixel])).size).toBe(1);
    expect(hasEdges).toBe(true);
  });
});

it('shows on the scale what lies on the photo', () => {
  expect(scaleGradient({ mode: 'tint', colourMap: 'cividis' })).toMatch(/^linear-gradient\(to right, rgb\(0 34 78\)/);
  expect(scaleGradient({ mode: 'dim', colourMap: 'cividis' })).toContain('rgb(245 245 245)');
});
