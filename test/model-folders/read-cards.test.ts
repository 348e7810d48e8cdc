import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCards } from '../../src/model-folders/read-cards.ts';

it('reads the cards of models in their order, each once, and passes over those without one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attend-'));
  for (const name of ['b', 'a', 'bare']) await mkdir(join(folder, name));
  for (const name of ['b', 'a']) await writeFile(join(folder, name, 'README.md'), `# ${name}`);
  const places = ['b', 'bare', 'a', 'b', 'missing'].map((name) => join(folder, name));
  expect(await readCards(places)).toEqual([
    { name: 'b', card: '# b' },
    { name: 'a', card: '# a' },
  ]);
  await rm(folder, { recursive: true });
});
