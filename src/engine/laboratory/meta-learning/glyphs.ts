import { Random } from '../../random.ts';

/** Pixels of a side of a drawing. */
export const GLYPH_SIDE = 14;
/** Glyphs of an alphabet. */
export const ALPHABET_SIZE = 12;

/** A stroke on a square of −1 to 1: from one end to the other, bent to the side by `bend` of its length. */
interface Stroke {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly bend: number;
}

export type Glyph = readonly Stroke[];

/**
 * An alphabet: glyphs of one hand. Its manner is drawn with it: how many strokes a glyph has, where strokes may end, and how much
 * they are bent.
 * @param seed the same alphabet for the same number
 */
export function drawAlphabet(seed: number): Glyph[] {
  const random = new Random(seed);
  const strokes = 2 + random.integer(3);
  const bent = random.next() * 0.6;
  const anchors = Array.from({ length: 5 + random.integer(4) }, (): [number, number] => [
    1.6 * random.next() - 0.8,
    1.6 * random.next() - 0.8,
  ]);
  return Array.from({ length: ALPHABET_SIZE }, () =>
    Array.from({ length: strokes }, () => {
      const from = random.integer(anchors.length);
      const to = (from + 1 + random.integer(anchors.length - 1)) % anchors.length;
      const bend = bent * (2 * random.next() - 1);
      return { from: anchors[from] as [number, number], to: anchors[to] as [number, number], bend };
    }),
  );
}

/** Points of a stroke that are joined by lines. */
const POINTS = 6;
/** Half the width of a line, and how soft its edge is, on the square. */
const INK = 0.1;
const EDGE = 0.15;

/** Draws a glyph by an unsteady hand: turned, shifted and stretched a little. @returns ink on [0, 1], row after row */
export function drawGlyph(glyph: Glyph, random: Random): Float32Array {
  const about = (most: number): number => most * (2 * random.next() - 1);
  const [angle, scale, dx, dy] = [about(0.15), 1 + about(0.1), about(0.1), about(0.1)];
  const [cosine, sine] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const pixels = new Float32Array(GLYPH_SIDE * GLYPH_SIDE);
  for (const { bend, from, to } of glyph) {
    const [x0, y0, x1, y1] = [from[0] + about(0.06), from[1] + about(0.06), to[0] + about(0.06), to[1] + about(0.06)];
    const points = Array.from({ length: POINTS }, (_, i): [number, number] => {
      const t = i / (POINTS - 1);
      const aside = bend * 4 * t * (1 - t);
      const x = x0 + t * (x1 - x0) - aside * (y1 - y0);
      const y = y0 + t * (y1 - y0) + aside * (x1 - x0);
      return [cosine * x - sine * y + dx, sine * x + cosine * y + dy];
    });
    for (let i = 1; i < POINTS; i++) inkLine(pixels, points[i - 1] as [number, number], points[i] as [number, number]);
  }
  return pixels;
}

function inkLine(pixels: Float32Array, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): void {
  const squared = Math.max(1e-9, (x1 - x0) ** 2 + (y1 - y0) ** 2);
  for (let at = 0; at < pixels.length; at++) {
    const x = ((at % GLYPH_SIDE) + 0.5) * (2 / GLYPH_SIDE) - 1;
    const y = (Math.floor(at / GLYPH_SIDE) + 0.5) * (2 / GLYPH_SIDE) - 1;
    const t = Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared));
    const away = Math.sqrt((x - x0 - t * (x1 - x0)) ** 2 + (y - y0 - t * (y1 - y0)) ** 2);
    const ink = Math.min(1, Math.max(0, 1 - (away - INK) / EDGE));
    if (ink > (pixels[at] as number)) pixels[at] = ink;
  }
}
