import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The modules that a file pulls in at run time, followed through its own imports. */
function imports(file: URL, seen = new Set<string>()): Set<string> {
  for (const [, clause, name] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) ([^;]*?) ?from '([^']+)';$/gm,
  )) {
    if (clause!.startsWith('type ') || seen.has(name!)) continue;
    seen.add(name!);
    if (name!.startsWith('.')) imports(new URL(name!, file), seen);
  }
  return seen;
}

it.each(['upsample', 'colour-map', 'blend'])('%s runs in a browser: it imports nothing but its neighbours', (name) => {
  const packages = [...imports(new URL(`../../src/maps/${name}.ts`, import.meta.url))].filter(
    (i) => !i.startsWith('.'),
  );
  expect(packages).toEqual([]);
});

it('sees through imports', () => {
  expect([...imports(new URL('../../src/pictures/overlay.ts', import.meta.url))]).toContain('node:fs');
});
