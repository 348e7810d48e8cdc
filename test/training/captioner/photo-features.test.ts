import { join } from 'node:path';
import { utimes } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPixels } from '../../../src/training/captioner/photo-features.ts';
import { temporaryFolder, writeTinyPhoto } from '../../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

it('keeps the pixels of photos, and reads them again where a file has changed', async () => {
  const photo = join(folder.path, 'a.png');
  let filled = 0;
  const pixels = async (): Promise<number[]> => {
    const file = await openPixels(join(folder.path, 'cache'), folder.path, ['a.png'], 8, () => filled++);
    const bytes = [...file.read([0])];
    file.close();
    return bytes;
  };
  await writeTinyPhoto(photo, 1);
  const first = await pixels();
  expect(first).toHaveLength(8 * 8 * 3);
  expect(await pixels()).toEqual(first);
  expect(filled).toBe(1);

  await writeTinyPhoto(photo, 2);
  await utimes(photo, 1, 1);
  expect(await pixels()).not.toEqual(first);
  expect(filled).toBe(2);
});
