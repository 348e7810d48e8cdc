import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tagger, Term } from '../../src/captioning/tagger.ts';
import { packageRoot } from '../../src/files/package-root.ts';
// @ts-expect-error A script without types.
import { taggerForNode } from '../../scripts/tagger.mjs';

const require = createRequire(import.meta.url);
const folder = join('.cache', `tagger-${process.pid}`);

beforeAll(() => build(taggerForNode(folder)));
afterAll(() => rm(join(packageRoot(), folder), { recursive: true, force: true }));

/** Functions left out: which are the same is not to be seen. */
const plain = (model: unknown): unknown =>
  JSON.parse(JSON.stringify(model, (_, value: unknown) => (value instanceof RegExp ? String(value) : value)));

test('the tagger that is built knows what the package knows, and tags alike', () => {
  const built = require(join(packageRoot(), folder, 'workers', 'tagger.cjs')) as Tagger;
  const own = require('compromise') as Tagger;
  expect(plain(built.model())).toEqual(plain(own.model()));
  const tags = (nlp: Tagger, text: string): string[][] =>
    (nlp(text).termList() as Term[]).map((term) => [...(term.tags ?? [])].sort());
  for (const text of [
    'a man runs and his dogs are running',
    'Two teddy bears sit on a snowy bench',
    'the ski lift is up',
  ]) {
    expect(tags(built, text)).toEqual(tags(own, text));
  }
});
