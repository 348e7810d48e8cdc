import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { plotLines, type Line } from '../../src/pictures/line-plot.ts';

const line = (name: string, ...heights: number[]): Line => ({
  name,
  colour: '#3b528b',
  points: heights.map((y, x) => ({ x, y })),
});
const plot = (lines: Line[]): string => plotLines({ x: { name: 'words' }, left: { name: 'BLEU' }, lines });

/** Texts with the place of their baseline. */
function texts(svg: string): Map<string, number> {
  const found = [...svg.matchAll(/<text [^>]*?y="([\d.]+)"[^>]*>([^<]*)</g)];
  return new Map(found.map(([, y, content]) => [content!, Number(y)]));
}

describe('plotLines', () => {
  it('places points by the scale, between round numbers', () => {
    const svg = plot([line('a', 13, 28)]);
    const places = texts(svg);
    const [, ...heights] = /<path d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)" fill="none" stroke="#3b528b" stroke-width="2"/
      .exec(svg)!
      .map(Number);
    // Ticks at 10, 15 ... 30; a tick's label stands 4 below its line.
    const [ten, thirty] = [places.get('10')! - 4, places.get('30')! - 4];
    const at = (value: number): number => ten + ((value - 10) / 20) * (thirty - ten);
    expect(heights[0]).toBeCloseTo(at(13), 0);
    expect(heights[1]).toBeCloseTo(at(28), 0);
  });

  it.each([
    ['steps below 1 with their digits', [0.35, 0.6], ['0.35', '0.40', '0.60']],
    ['thousands with a comma', [0, 9000], ['0', '2,000', '10,000']],
    ['one value alone', [5, 5], ['5', '10']],
    ['values below 0', [-4, 4], ['-4', '0', '4']],
  ])('writes %s', (_, heights, labels) => {
    expect([...texts(plot([line('a', ...heights)])).keys()]).toEqual(expect.arrayContaining(labels));
  });

  it('keeps the names of lines that end at one height apart, and in the order of their ends', () => {
    const names = ['first', 'second', 'third', 'fourth'];
    const svg = plot(names.map((name, i) => line(name, 0, 40 - i / 10)));
    const places = names.map((name) => texts(svg).get(name)!);
    for (const [i, place] of places.entries()) if (i > 0) expect(place - places[i - 1]!).toBeGreaterThanOrEqual(17.9);
    expect(Math.min(...places)).toBeGreaterThan(40);
    expect(Math.max(...places)).toBeLessThan(440);
  });

  it('escapes names and titles', () => {
    const svg = plotLines({ title: 'a < b', x: { name: 'x & y' }, left: { name: 'z' }, lines: [line('"q"', 1, 2)] });
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('x &amp; y');
    expect(svg).toContain('&quot;q&quot;');
  });

  it('is a picture even without lines', async () => {
    const { width, height } = await sharp(Buffer.from(plot([]))).metadata();
    expect([width, height]).toEqual([960, 480]);
  });
});
