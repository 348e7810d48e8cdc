import sharp from 'sharp';
import { expect, it } from 'vitest';
import { plotIntervals } from '../../src/pictures/interval-plot.ts';

it('draws a dot and its interval for each figure, on a scale with 0 on it', async () => {
  const svg = plotIntervals({
    title: 'A & B',
    scale: 'nats',
    rows: [
      { name: 'own', value: 2, low: 1, high: 4, isMain: true },
      { name: 'other', value: -1, low: -4, high: 0.5 },
    ],
  });
  expect(svg).toContain('A &amp; B');
  expect(svg).toContain('2.00 (1.00 to 4.00)');
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  const zero = Number(/<path d="M([\d.]+) 56V/.exec(svg)![1]);
  // −4 to 4 is the whole width: 2 is half a side to the right of 0, −1 a quarter to the left.
  expect(dots[0]! - zero).toBeCloseTo(2 * (zero - dots[1]!), 0);
  expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
});
