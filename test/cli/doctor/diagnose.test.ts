import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diagnose } from '../../../src/cli/doctor/diagnose.ts';
import { backendUnderTest, useTestBackend } from '../../support/backend.ts';
import { temporaryFolder, writeTinyModel } from '../../support/tiny-captioner.ts';
import { writeTinyTranslator } from '../../support/tiny-translator.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel(folder.path);
  await writeTinyTranslator(join(folder.path, 'translator-tiny'));
});
afterAll(() => folder.remove());

it('lists the translators with their files, and tries each', async () => {
  const { translators, works } = await diagnose(backendUnderTest, undefined, folder.path);
  expect(translators).toMatchObject([
    { name: 'translator-tiny', title: 'Transformer', from: 'en', to: ['de', 'fr'], problem: null },
  ]);
  expect(translators[0]!.files.map(({ file }) => file)).toContain('model.json');
  expect(translators[0]!.trial).not.toBeNull();
  expect(works).toBe(true);
});

it('leaves the translators alone where one captioner is asked about', async () => {
  const { translators } = await diagnose(backendUnderTest, join(folder.path, 'captioner-tiny'), folder.path);
  expect(translators).toEqual([]);
});

it('finds what is wrong with a translator', async () => {
  const damaged = join(folder.path, 'translator-damaged');
  await cp(join(folder.path, 'translator-tiny'), damaged, { recursive: true });
  await writeFile(join(damaged, 'model.json'), '{}');
  const { translators, works } = await diagnose(backendUnderTest, undefined, folder.path);
  expect(translators.map(({ name, problem }) => [name, problem === null])).toEqual([
    ['translator-damaged', false],
    ['translator-tiny', true],
  ]);
  expect(translators[0]!.problem).toContain(damaged);
  expect(works).toBe(false);
});
