import { describe, expect, it } from 'vitest';
import { COLOUR_MAPS } from '../../src/contract/constants/map-styles.ts';
import { colourAt, colourTable, hexColour, type Rgb } from '../../src/maps/colour-map.ts';

/** CIELAB (D65) of an sRGB colour: IEC 61966-2-1, then CIE 15. */
function lab(colour: readonly number[]): [number, number, number] {
  const [r, g, b] = colour.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** What a person without red (protan) or green (deutan) cones sees: Viénot, Brettel & Mollon 1999, in linear RGB. */
function dichromat(kind: 'protan' | 'deutan', colour: Rgb): number[] {
  const linear = colour.map((value) => (value / 255) ** 2.2);
  const toLms = [
    [17.8824, 43.5161, 4.11935],
    [3.45565, 27.1554, 3.86714],
    [0.0299566, 0.184309, 1.46709],
  ];
  const [l, m, s] = toLms.map((row) => row.reduce((sum, value, i) => sum + value * linear[i]!, 0)) as [
    number,
    number,
    number,
  ];
  const seen = kind === 'protan' ? [2.02344 * m - 2.52581 * s, m, s] : [l, 0.494207 * l + 1.24827 * s, s];
  const toRgb = [
    [0.080944, -0.130504, 0.116721],
    [-0.0102485, 0.0540194, -0.113615],
    [-0.000365294, -0.00412163, 0.693513],
  ];
  return toRgb.map((row) => {
    const value = row.reduce((sum, factor, i) => sum + factor * seen[i]!, 0);
    return 255 * Math.min(1, Math.max(0, value)) ** (1 / 2.2);
  });
}

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, i) => value - b[i]!));
const steps = (count: number) => Array.from({ length: count }, (_, step) => step / (count - 1));

describe.each(COLOUR_MAPS)('%s', (name) => {
  it('rises in lightness at every step', () => {
    const lightness = steps(65).map((t) => lab(colourAt(name, t))[0]);
    for (let step = 1; step < lightness.length; step++) {
      expect(lightness[step]!).toBeGreaterThan(lightness[step - 1]!);
    }
    expect(lightness.at(-1)! - lightness[0]!).toBeGreaterThan(70);
  });

  it('rises in lightness evenly', () => {
    const lightness = steps(17).map((t) => lab(colourAt(name, t))[0]);
    const mean = (lightness.at(-1)! - lightness[0]!) / 16;
    for (let step = 1; step < lightness.length; step++) {
      const rise = (lightness[step]! - lightness[step - 1]!) / mean;
      expect(rise).toBeGreaterThan(0.5);
      expect(rise).toBeLessThan(1.5);
    }
  });

  it.each(['protan', 'deutan'] as const)('keeps its order and its steps for %s vision', (kind) => {
    const seen = steps(17).map((t) => lab(dichromat(kind, colourAt(name, t))));
    for (let step = 1; step < seen.length; step++) {
      expect(seen[step]![0]).toBeGreaterThan(seen[step - 1]![0]);
      expect(distance(seen[step]!, seen[step - 1]!)).toBeGreaterThan(2.5);
    }
  });

  it('clamps values beyond its ends', () => {
    expect(colourAt(name, -3)).toEqual(colourAt(name, 0));
    expect(colourAt(name, 7)).toEqual(colourAt(name, 1));
  });

  it('fills its table with the same colours', () => {
    const table = colourTable(name);
    expect(table).toHaveLength(768);
    expect([...table.subarray(384, 387)]).toEqual([...colourAt(name, 128 / 255)]);
  });
});

// Entries of the published 256-colour tables that lie between our anchors.
it.each([
  [
    'viridis',
    { 0: '#440154', 9: '#470e61', 40: '#453781', 72: '#375b8d', 120: '#23898e', 200: '#70cf57', 255: '#fde725' },
  ],
  [
    'cividis',
    { 0: '#00224e', 9: '#00295d', 40: '#273e6e', 72: '#4b546c', 120: '#767676', 200: '#c4b468', 255: '#fee838' },
  ],
  [
    'inferno',
    { 0: '#000004', 9: '#040314', 40: '#2f0a5b', 72: '#64156e', 120: '#b0315b', 200: '#fb9d07', 255: '#fcffa4' },
  ],
] as const)('%s is the published map to the eye', (name, entries) => {
  for (const [entry, hex] of Object.entries(entries)) {
    const published = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    // A CIELAB distance of 2.3 is the usual just noticeable difference.
    expect(distance(lab(colourAt(name, Number(entry) / 255)), lab(published)), `${name} ${entry}`).toBeLessThan(2.3);
  }
});

it('writes colours as hexadecimal', () => {
  expect(hexColour([0, 10, 255])).toBe('#000aff');
});
