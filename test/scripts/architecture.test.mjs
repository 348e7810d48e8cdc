import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { architectureSvg, PICTURE } from '../../scripts/architecture.mjs';
import { FLOORS } from '../../scripts/imports/rooms.mjs';

it('the picture of the architecture is what the imports say (node scripts/architecture.mjs draws it)', () => {
  expect(readFileSync(PICTURE, 'utf8')).toBe(architectureSvg());
});

it('draws a dot where one room imports another, and names every room', () => {
  const svg = architectureSvg(new Map([['cli', new Set(['engine'])]]));
  expect(svg.match(/<title>.* imports .*?<\/title>/g)?.slice(1)).toEqual(['<title>cli imports engine</title>']);
  for (const room of FLOORS.flat()) expect(svg).toContain(`>${room}</text>`);
});
