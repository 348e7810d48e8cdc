import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFirst } from '../../src/captioning/read-first.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

const { signal } = new AbortController();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
let photo: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeTinyModel(folder.path);
  photo = join(folder.path, 'photo.png');
  await writeTinyPhoto(photo, 1);
});
afterAll(() => folder.remove());

it('reads a photo as the captioner in a folder wants it', async () => {
  const read = await readFirst(model, photo, signal);
  const size = Math.sqrt((read?.photo.pixels.length ?? 0) / 3);
  expect(size).toBeGreaterThan(1);
  expect(read?.photo).toEqual(await readPhoto(photo, { size: [size, size] }));
});

it('leaves it to others to say what is wrong', async () => {
  const other = join(folder.path, 'other');
  await mkdir(other);
  expect(await readFirst(other, photo, signal)).toBeUndefined();
  await copyFile(photo, join(other, 'model.json'));
  expect(await readFirst(other, photo, signal)).toBeUndefined();
  await writeFile(join(other, 'model.json'), '{"metadata":{"preprocessing":{"size":1e9}}}');
  expect(await readFirst(other, photo, signal)).toBeUndefined();
  expect(await readFirst(model, join(folder.path, 'nowhere.png'), signal)).toBeUndefined();
  await rm(other, { recursive: true });
});
