import { expect, it } from 'vitest';
import { runTimeImports } from '../support/run-time-imports.ts';

it.each(['upsample', 'colour-map', 'blend'])('%s runs in a browser: it imports nothing but its neighbours', (name) => {
  const packages = [...runTimeImports(new URL(`../../src/maps/${name}.ts`, import.meta.url))].filter(
    (i) => !i.startsWith('.'),
  );
  expect(packages).toEqual([]);
});

it('sees through imports', () => {
  expect([...runTimeImports(new URL('../../src/pictures/overlay.ts', import.meta.url))]).toContain('node:fs');
});
