import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../../src/contract/data/captions.ts';
import { addPaths, addUpload } from '../../../src/service/library/add-photos.ts';
import { Library } from '../../../src/service/library/library.ts';
import { temporaryFolder, writeTinyPhoto } from '../../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let home: string;
let photo: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  home = join(folder.path, 'library');
  photo = join(folder.path, 'a.png');
  await writeTinyPhoto(photo, 1);
});
afterEach(() => folder.remove());

const resultOf = (photoId: string): CaptionResult => ({
  photoId,
  captions: [{ caption: 'A dog.', score: -1, words: [{ word: 'a', probability: 1, weights: [1] }] }],
  grid: [1, 1],
  given: 0,
  model: 'tiny',
  backend: 'wasm',
  milliseconds: { read: 0, encode: 0, decode: 0 },
  at: '2026-01-01T00:00:00Z',
});
/** The names that somebody would find after a crash. */
const onDisk = async (): Promise<string[]> => (await Library.open(home)).list().map(({ name }) => name);

describe('what a crash leaves', () => {
  it('is a library without the photos that were removed', async () => {
    const library = await Library.open(home);
    const entry = await addUpload(library, 'sent.png', await readFile(photo));
    await expect.poll(onDisk).toEqual(['sent.png']);
    await library.remove([entry.id]);
    expect(await onDisk()).toEqual([]);
  });

  it('has the keywords that somebody chose', async () => {
    const library = await Library.open(home);
    const [entry] = await addPaths(library, [photo]);
    await library.keep(entry!.id, { editedKeywords: ['Rex'] });
    expect((await Library.open(home)).get(entry!.id).editedKeywords).toEqual(['Rex']);
  });

  it('is what was there a moment ago: what nobody waits for is written soon, too', async () => {
    const library = await Library.open(home);
    await addPaths(library, [photo]);
    await expect.poll(onDisk).toEqual(['a.png']);
    // And again, for what comes after it.
    await addUpload(library, 'sent.png', await readFile(photo));
    await expect.poll(onDisk).toEqual(['a.png', 'sent.png']);
  });
});

it('sets nothing aside of a library that is sound', async () => {
  const library = await Library.open(home);
  await addPaths(library, [photo]);
  await library.close();
  await Library.open(home);
  expect(await readdir(home)).toEqual(['library.jsonl']);
});

it('keeps no result of a photo that was removed meanwhile', async () => {
  const library = await Library.open(home);
  const [entry] = await addPaths(library, [photo]);
  const keeping = library.setResult(entry!.id, resultOf(entry!.id));
  const removing = library.remove([entry!.id]);
  await expect(keeping).rejects.toMatchObject({ code: 'not-found' });
  await removing;
  expect(await readdir(join(home, 'results'))).toEqual([]);
  expect(library.size).toBe(0);
  await expect(library.setResult(entry!.id, resultOf(entry!.id))).rejects.toMatchObject({ code: 'not-found' });
  expect(await readdir(join(home, 'results'))).toEqual([]);
});

it('tells once that a photo is gone, and of no change of it', async () => {
  const told: { changed: string[]; removed: string[] }[] = [];
  const library = await Library.open(home, (changed, removed) =>
    told.push({ changed: changed.map(({ id }) => id), removed }),
  );
  const [first] = await addPaths(library, [photo]);
  await library.remove([first!.id]);
  await expect.poll(() => told.length).toBe(1);
  expect(told).toEqual([{ changed: [], removed: [first!.id] }]);
  const [second] = await addPaths(library, [photo]);
  await expect.poll(() => told.length).toBe(2);
  expect(told[1]).toEqual({ changed: [second!.id], removed: [] });
});

describe('a folder or a pattern that gives nothing', () => {
  it('stands in the library with what is wrong, once, however often it is opened', async () => {
    const library = await Library.open(home);
    const pattern = join(folder.path, '*.nef');
    const [first] = await addPaths(library, [pattern]);
    expect(first).toMatchObject({ name: '*.nef', width: 0, error: { code: 'unreadable' } });
    expect(first!.error!.message).toContain('Nothing matches this pattern');
    const [again, other] = await addPaths(library, [pattern, photo]);
    expect(again?.id).toBe(first!.id);
    expect(other).toMatchObject({ name: 'a.png', width: 40, error: null });
    expect(library.size).toBe(2);
  });
});
