import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runTimeImports } from '../support/run-time-imports.ts';

const src = new URL('../../src/', import.meta.url);

describe('what needs no validator ships none', () => {
  const constants = readdirSync(new URL('contract/constants/', src)).map((name) => `contract/constants/${name}`);

  it.each([
    'renderer/main.ts',
    'preload/index.ts',
    'client/bridge-client.ts',
    'client/http-client.ts',
    'contract/attend-error.ts',
    ...constants,
  ])('%s', (file) => {
    expect([...runTimeImports(new URL(file, src))]).not.toContain('zod');
  });
});

it('is seen in what has one', () => {
  expect([...runTimeImports(new URL('server/attend-server.ts', src))]).toContain('zod');
});

it('is looked for in all of the page', () => {
  const imports = [...runTimeImports(new URL('renderer/main.ts', src))];
  expect(imports).toEqual(
    expect.arrayContaining(['svelte', './screens/translate-screen.svelte', '../contract/attend-error.ts']),
  );
});
