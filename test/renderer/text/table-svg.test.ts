import { expect, it } from 'vitest';
import { tableSvg } from '../../../src/renderer/text/table-svg.ts';

it('draws cells with bars as long as their shares, and says what is struck out', () => {
  const svg = tableSvg(
    ['Kind', '10'],
    [
      [{ text: 'A & B' }, { text: '50%', share: 0.5 }],
      [
        { text: 'none', struck: true },
        { text: '100%', share: 1 },
      ],
    ],
    ['of 24'],
  );
  expect(svg).toContain('A &amp; B');
  expect(svg).toContain('>of 24<');
  expect(svg.match(/line-through/g)).toHaveLength(1);
  const [half, whole] = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"[^>]*fill="#d5e1fb"/g)].map(([, width]) =>
    Number(width),
  );
  expect(half! * 2).toBeCloseTo(whole!, 0);
});
