import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { damagedDefaults, defaultModel, setDefaultModel } from '../../src/model-folders/installed-models.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let place: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeEach(async () => {
  place = await temporaryFolder();
  vi.stubEnv('ATTEND_DATA', place.path);
  await mkdir(join(place.path, 'models'));
  file = join(place.path, 'models', 'defaults.json');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await place.remove();
});

it('a choice of models is read past a byte order mark, and missing where nobody chose', async () => {
  expect([defaultModel('captioner'), damagedDefaults()]).toEqual([undefined, undefined]);
  await writeFile(file, '\uFEFF{"captioner":"captioner-mine"}\r\n');
  expect([defaultModel('captioner'), damagedDefaults()]).toEqual(['captioner-mine', undefined]);
});

it.each(['', '{"captioner"', '7', '\0\0\0'])(
  'one that is damaged (%j) is told of, and kept when another is made',
  async (text) => {
    await writeFile(file, text);
    expect([defaultModel('captioner'), damagedDefaults()]).toEqual([undefined, file]);
    await setDefaultModel('captioner', 'captioner-other');
    expect([defaultModel('captioner'), damagedDefaults()]).toEqual(['captioner-other', undefined]);
    const aside = (await readdir(join(place.path, 'models'))).find((name) => name.includes('.damaged-'));
    expect(await readFile(join(place.path, 'models', aside!), 'utf8')).toBe(text);
  },
);
