import { resolve } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import imports, { svelteScripts } from '../../scripts/imports/eslint-plugin.mjs';
import { readImportGraph, wayBetween } from '../../scripts/imports/import-graph.mjs';
import { FLOORS, objection } from '../../scripts/imports/rooms.mjs';

/** What the rules say of a text as if it were a module of `src/`, by line. */
function complaints(module, text) {
  const config = {
    files: ['**/*.ts', '**/*.svelte'],
    languageOptions: { parser: module.endsWith('.svelte') ? svelteScripts : tseslint.parser },
    plugins: { imports },
    rules: { 'imports/floors': 'error', 'imports/no-circle': 'error' },
  };
  const messages = new Linter().verify(text, [config], { filename: resolve('src', module) });
  return messages.map(({ line, message }) => `${line}: ${message}`);
}

describe('the floors of the rooms', () => {
  it('let a room import from below, and itself', () => {
    const text =
      "import { a } from '../files/csv.ts';\nimport { b } from './sheet-layout.ts';\nimport sharp from 'sharp';\n";
    expect(complaints('pictures/new.ts', text)).toEqual([]);
  });

  it.each([
    ['an import', "import { a } from '../service/emitter.ts';"],
    ['a type', "import type { A } from '../service/emitter.ts';"],
    ['a type written in place', "export let a: import('../service/emitter.ts').Listener<never>;"],
    ['an export from elsewhere', "export { a } from '../service/emitter.ts';"],
    ['all exports from elsewhere', "export * from '../service/emitter.ts';"],
    ['an import at run time', "export const a = () => import('../service/emitter.ts');"],
  ])('refuse %s from above', (_, text) => {
    expect(complaints('pictures/new.ts', text)).toEqual([
      '1: pictures is below service: pass in what it needs, or move that down.',
    ]);
  });

  it('refuse an import from a room of the same floor', () => {
    expect(complaints('pictures/new.ts', "import '../translation/languages.ts';")[0]).toMatch(/on one floor/);
  });

  it('know that a folder in a room may be called like a room', () => {
    expect(complaints('engine/models/new.ts', "import type { A } from '../training/schedule.ts';")).toEqual([]);
  });

  it('look at the scripts of components, at their lines', () => {
    const text =
      '<script module lang="ts">\n  import a from \'../contract/bridge.ts\';\n</script>\n\n<script lang="ts">\n  import b from \'../server/guard.ts\';\n</script>\n<p>{b}</p>\n';
    expect(complaints('renderer/new.svelte', text)).toEqual([
      '6: renderer/new.svelte also runs in a page, where server/guard.ts cannot run.',
    ]);
  });

  it('keep Node out of what runs in a page', () => {
    expect(complaints('engine/new.ts', "import { join } from 'node:path';")).toEqual([
      '1: engine/new.ts also runs in a page, which has no node:path.',
    ]);
    expect(objection('maps/new.ts', 'photos/open-photo.ts', true)).toMatch(/cannot run/);
  });

  it('take a drawing that is bundled as text from anywhere', () => {
    expect(complaints('renderer/new.ts', "import plot from '../../docs/laboratory/gates.svg?raw';")).toEqual([]);
  });

  it('ask for the floor of a new room', () => {
    expect(objection('attic/box.ts', 'files/csv.ts', true)).toBe('attic has no floor yet (scripts/imports/rooms.mjs).');
  });

  it('have every room of the source, once', () => {
    const rooms = new Set([...readImportGraph().keys()].map((module) => module.split('/')[0]));
    expect(FLOORS.flat().sort()).toEqual([...rooms].sort());
  });
});

describe('import circles', () => {
  it('are refused, types included', () => {
    const back = "import type { A } from './sheet-layout.ts';";
    expect(complaints('pictures/typeface.ts', back)).toEqual([
      '1: An import circle: pictures/typeface.ts > pictures/sheet-layout.ts > pictures/typeface.ts.',
    ]);
  });

  it('are told by their shortest way', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', []],
    ]);
    expect(wayBetween(graph, 'a', 'd')).toEqual(['a', 'c', 'd']);
    expect(wayBetween(graph, 'd', 'a')).toBeUndefined();
  });
});
