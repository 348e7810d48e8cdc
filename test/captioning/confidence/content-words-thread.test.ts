import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadContentWords } from '../../../src/captioning/confidence/content-words.ts';
import { ContentWordsThread } from '../../../src/captioning/confidence/content-words-thread.ts';
import { packageRoot } from '../../../src/files/package-root.ts';
// @ts-expect-error A script without types.
import { forNode } from '../../../scripts/bundle.mjs';

// In the package: its modules are found from there.
const folder = join('.cache', `content-words-${process.pid}`);
const script = join(packageRoot(), folder, 'content-words.js');

beforeAll(() => build(forNode({ 'content-words': 'src/workers/content-words.ts' }, folder)));
afterAll(() => rm(join(packageRoot(), folder), { recursive: true, force: true }));

test('a thread finds the content words that are found here', async () => {
  const thread = new ContentWordsThread(script);
  const find = await loadContentWords();
  for (const caption of ['a black dog is running through the snow', 'two men ride a bus', 'the']) {
    const words = caption.split(' ');
    expect(thread.find(words)).toEqual(find(words));
  }
});

test('a thread that cannot be loaded is said to be lost', async () => {
  const broken = join(packageRoot(), folder, 'broken.mjs');
  await writeFile(broken, 'throw new Error("broken");');
  const thread = new ContentWordsThread(broken);
  await expect.poll(() => thread.isLost, { timeout: 5_000 }).toBe(true);
  expect(thread.find(['dog'])).toBeNull();
});
