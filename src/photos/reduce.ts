import type { Resample } from '../engine/published/image-processor.ts';

/** Bits behind the point of a coefficient, as Pillow has them for 8-bit pixels. */
const PRECISION = 22;

/** Filters with the half width of their windows, in pixels of the larger image. */
const FILTERS: Readonly<Record<Resample, { support: number; at: (x: number) => number }>> = {
  linear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Keys (1981) with a = -0.5.
  cubic: {
    support: 2,
    at: (x) => {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
    },
  },
  lanczos3: { support: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Which pixels of a line become one, and how much of each. */
interface Window {
  readonly first: number;
  readonly parts: Int32Array;
}

/**
 * Changes the size of an image as Pillow does, which the image processors of published models use: first along its rows,
 * then along its columns, each with a filter that widens with the reduction, rounded to 8 bits in between.
 *
 * @param pixels 8-bit RGB, row by row, of width × height
 * @returns the same of the other size
 */
export function reduce(
  pixels: Uint8Array,
  [width, height]: readonly [width: number, height: number],
  [toWidth, toHeight]: readonly [width: number, height: number],
  filter: Resample,
): Uint8Array {
  const across = windows(width, toWidth, filter);
  const rows = new Uint8Array(toWidth * height * 3);
  for (let y = 0; y < height; y++) {
    for (const [x, { first, parts }] of across.entries()) {
      sumUp(pixels, (y * width + first) * 3, 3, parts, rows, (y * toWidth + x) * 3);
    }
  }
  const result = new Uint8Array(toWidth * toHeight * 3);
  for (const [y, { first, parts }] of windows(height, toHeight, filter).entries()) {
    for (let x = 0; x < toWidth; x++) {
      sumUp(rows, (first * toWidth + x) * 3, toWidth * 3, parts, result, (y * toWidth + x) * 3);
    }
  }
  return result;
}

/** One pixel of some, `step` apart. */
function sumUp(from: Uint8Array, start: number, step: number, parts: Int32Array, to: Uint8Array, place: number): void {
  for (let colour = 0; colour < 3; colour++) {
    let sum = 1 << (PRECISION - 1);
    for (let i = 0, at = start + colour; i < parts.length; i++, at += step) {
      sum += (from[at] as number) * (parts[i] as number);
    }
    to[place + colour] = Math.min(255, Math.max(0, Math.floor(sum / 2 ** PRECISION)));
  }
}

function windows(from: number, to: number, name: Resample): Window[] {
  const filter = FILTERS[name];
  const scale = from / to;
  const widened = Math.max(1, scale);
  const support = filter.support * widened;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, x) => filter.at((x + first - centre + 0.5) / widened));
    const total = weights.reduce((a, b) => a + b, 0);
    const fixed = (weight: number): number => {
      const exact = (weight / total) * 2 ** PRECISION;
      return Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
    };
    return { first, parts: Int32Array.from(weights, fixed) };
  });
}
