import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findNamedModel } from '../../src/model-folders/find-model.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const name of ['captioner-one', 'translator-two', 'comparison-three']) {
    await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, name, 'model.json'), '{}');
  }
});
afterAll(() => folder.remove());

it('finds a model by its name, with and without its kind', () => {
  for (const name of ['captioner-one', 'one']) {
    expect(findNamedModel('captioner', name, folder.path)).toBe(join(folder.path, 'captioner-one'));
  }
});

it.each([
  ['captioner', 'translator-two', 'translator'],
  ['captioner', 'two', 'translator'],
  ['captioner', 'comparison-three', 'translator'],
  ['translator', 'captioner-one', 'captioner'],
  ['translator', 'one', 'captioner'],
] as const)('says that no %s is called %s since that is a %s', (kind, name, other) => {
  expect(() => findNamedModel(kind, name, folder.path)).toThrow(
    `The model "${name}" is a ${other}, and a ${kind} is needed here. The ${kind}s that are there: ${kind}-`,
  );
  expect(() => findNamedModel(kind, 'four', folder.path)).toThrow('neither a folder with a model nor a known name');
  expect(() => findNamedModel(kind, 'owner/four', folder.path)).toThrow('added with "attend models add owner/four".');
});
