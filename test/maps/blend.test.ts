import { describe, expect, it } from 'vitest';
import { BLEND_MODES } from '../../src/contract/constants/map-styles.ts';
import { blend, largest } from '../../src/maps/blend.ts';
import { colourAt } from '../../src/maps/colour-map.ts';

const photo = new Uint8Array([200, 100, 50, 200, 100, 50, 200, 100, 50]);
const map = [0, 1, 2];

describe('blend', () => {
  it('covers a grey photo with the map under heat', () => {
    const luma = 0.2126 * 200 + 0.7152 * 100 + 0.0722 * 50;
    const blended = blend(photo, map, { mode: 'heat', alpha: 0.5 });
    for (const [pixel, t] of [0, 0.5, 1].entries()) {
      const colour = colourAt('cividis', Math.round(t * 255) / 255);
      const expected = colour.map((channel) => Math.round(luma + (channel - luma) * 0.5));
      expect([...blended.subarray(pixel * 3, pixel * 3 + 3)]).toEqual(expected);
    }
  });

  it('leaves the photo alone where there is no attention under tint', () => {
    const blended = blend(photo, map, { mode: 'tint', alpha: 1, colourMap: 'viridis' });
    expect([...blended.subarray(0, 3)]).toEqual([200, 100, 50]);
    expect([...blended.subarray(6, 9)]).toEqual([...colourAt('viridis', 1)]);
  });

  it('leaves the photo alone where there is full attention under dim', () => {
    const blended = blend(photo, map, { mode: 'dim', alpha: 0.8 });
    expect([...blended]).toEqual([40, 20, 10, 120, 60, 30, 200, 100, 50]);
  });

  it('scales to a given peak, and clips above it', () => {
    const blended = blend(photo, [0, 2, 8], { mode: 'dim', alpha: 1, peak: 4 });
    expect([...blended]).toEqual([0, 0, 0, 100, 50, 25, 200, 100, 50]);
  });

  it.each(BLEND_MODES)('returns the photo at alpha 0 under %s, in grey under heat', (mode) => {
    const grey = new Uint8Array(9).fill(118);
    expect([...blend(grey, map, { mode, alpha: 0 })]).toEqual([...grey]);
  });

  it('does not change its arguments', () => {
    const before = [...photo];
    blend(photo, map);
    expect([...photo]).toEqual(before);
  });

  it('takes a map of nothing for no attention', () => {
    expect([...blend(photo, [0, 0, 0], { mode: 'tint' })]).toEqual([...photo]);
  });

  it('refuses a map of another size and an alpha out of range', () => {
    expect(() => blend(photo, [1, 2])).toThrow(/the photo has 3 pixels, the map 2/);
    expect(() => blend(photo, map, { alpha: 1.5 })).toThrow(/between 0 and 1, not 1.5/);
  });
});

it('finds the largest value of a map, also of a very large one', () => {
  const many = new Float32Array(300_000);
  many[123_456] = 0.5;
  expect(largest(many)).toBe(0.5);
  expect(largest([])).toBe(0);
});
