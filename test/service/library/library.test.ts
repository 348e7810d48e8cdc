import { copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionResult } from '../../../src/contract/data/captions.ts';
import type { Damage } from '../../../src/contract/data/app.ts';
import { Journal } from '../../../src/files/journal.ts';
import { OutputError } from '../../../src/files/write-file.ts';
import { addPaths, addUpload } from '../../../src/service/library/add-photos.ts';
import { describeDamage } from '../../../src/service/describe-damage.ts';
import { toPhoto } from '../../../src/service/library/entry.ts';
import { PictureCache } from '../../../src/service/library/picture-cache.ts';
import { useLibraryHome } from '../../support/library-home.ts';
import { writeTinyPhoto } from '../../support/tiny-captioner.ts';

const place = useLibraryHome();
const openLibrary = place.open;
let home: string;
beforeEach(() => {
  home = place.home;
});

const resultOf = (photoId: string, caption: string): CaptionResult => ({
  photoId,
  captions: [{ caption, score: -1, words: [{ word: 'a', probability: 1, weights: [1] }] }],
  grid: [1, 1],
  given: 0,
  model: 'tiny',
  backend: 'wasm',
  milliseconds: { read: 0, encode: 0, decode: 0 },
  at: '2026-01-01T00:00:00Z',
});

async function photo(name: string, seed = 1): Promise<string> {
  const path = join(place.folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeTinyPhoto(path, seed);
  return path;
}

describe('adding photos', () => {
  it('takes files and folders, each once, and says in place what cannot be read', async () => {
    const first = await photo('a.png');
    await photo('more/b.jpg');
    const broken = join(place.folder, 'more', 'c.jpg');
    await writeFile(broken, 'no photo');
    const library = await openLibrary(home);
    const entries = await addPaths(library, [first, join(place.folder, 'more'), first, join(place.folder, 'gone.png')]);
    expect(entries.map(({ error, name, width }) => [name, width, error?.code])).toEqual([
      ['a.png', 40, undefined],
      ['b.jpg', 40, undefined],
      ['c.jpg', 0, 'unsupported'],
      ['gone.png', 0, 'file-gone'],
    ]);
    expect(library.size).toBe(4);
    expect((await addPaths(library, [first]))[0]?.id).toBe(entries[0]?.id);
    expect(library.size).toBe(4);
  });

  it('keeps when each was taken: as its EXIF says, else the time of its file', async () => {
    const path = join(place.folder, 'summer.jpg');
    const tags = { DateTimeOriginal: '2019:07:04 12:30:05', OffsetTimeOriginal: '+00:00' };
    const made = sharp({ create: { width: 8, height: 6, channels: 3, background: '#789' } });
    await made.clone().withExif({ IFD2: tags }).toFile(path);
    const plain = await photo('plain.jpg');
    await utimes(plain, new Date(0), new Date('2015-01-02T03:04:05Z'));
    const before = await openLibrary(home);
    await addPaths(before, [path, plain, join(place.folder, 'gone.png')]);
    await before.close();
    const library = await openLibrary(home);
    const taken = (): unknown => library.list().map((entry) => toPhoto(entry).taken);
    expect(taken()).toEqual(['2019-07-04T12:30:05.000Z', '2015-01-02T03:04:05.000Z', null]);
    // Another photo of that name was taken another time.
    await made.clone().toFile(path);
    await utimes(path, new Date(0), new Date('2021-01-01T00:00:00Z'));
    await addPaths(library, [path]);
    expect(taken()).toEqual(['2021-01-01T00:00:00.000Z', '2015-01-02T03:04:05.000Z', null]);
    await library.close();
  });

  it('keeps what is sent, whatever it is called', async () => {
    const bytes = await readFile(await photo('a.png'));
    const library = await openLibrary(home);
    const entry = await addUpload(library, '../../etc/pass\\wd.PNG', bytes);
    expect(entry.name).toBe('wd.PNG');
    expect(library.fileOf(entry)).toBe(join(home, 'uploads', `${entry.id}.png`));
    expect(await readFile(library.fileOf(entry))).toEqual(bytes);
    expect((await addUpload(library, 'x.png', Buffer.from('no photo'))).error?.code).toBe('unsupported');
  });

  it('keeps what is sent twice once, also after a restart, and what only has the same name or the same bytes besides', async () => {
    const bytes = await readFile(await photo('a.png'));
    const library = await openLibrary(home);
    const entry = await addUpload(library, 'a.png', bytes);
    expect((await addUpload(library, 'a.png', bytes)).id).toBe(entry.id);
    await library.close();
    const again = await openLibrary(home);
    expect((await addUpload(again, 'a.png', bytes)).id).toBe(entry.id);
    const others = [
      await addUpload(again, 'b.png', bytes),
      await addUpload(again, 'a.png', await readFile(await photo('other.jpg'))),
    ];
    expect(new Set([entry, ...others].map(({ id }) => id)).size).toBe(3);
    expect(again.size).toBe(3);
  });

  it('looks at a file that has changed anew, and keeps the caption that was written by hand', async () => {
    const path = await photo('a.png');
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [path]);
    await library.setResult(entry!.id, resultOf(entry!.id, 'Old.'));
    await library.keep(entry!.id, { edited: 'Mine.' });
    await writeTinyPhoto(path, 2, 60, 20);
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    const [again] = await addPaths(library, [path]);
    expect(again).toMatchObject({
      id: entry!.id,
      width: 60,
      height: 20,
      state: 'none',
      caption: null,
      edited: 'Mine.',
    });
  });
});

describe('the library', () => {
  it('comes back with results and captions written by hand', async () => {
    const path = await photo('a.png');
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [path]);
    await library.setResult(entry!.id, resultOf(entry!.id, 'A dog.'));
    await library.keep(entry!.id, { edited: 'My dog, Rex.' });
    // No close: as after a crash.
    const again = await openLibrary(home);
    expect(again.list()).toEqual(library.list());
    expect(toPhoto(again.get(entry!.id))).toMatchObject({ caption: 'My dog, Rex.', edited: true });
    expect((await again.result(entry!.id))?.captions[0]?.caption).toBe('A dog.');
  });

  it('never overwrites what was written by hand with what the model says', async () => {
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [await photo('a.png')]);
    await library.keep(entry!.id, { edited: 'Mine.' });
    await library.setResult(entry!.id, resultOf(entry!.id, 'The model’s.'));
    expect(toPhoto(library.get(entry!.id)).caption).toBe('Mine.');
    await library.keep(entry!.id, { edited: null });
    expect(toPhoto(library.get(entry!.id)).caption).toBe('The model’s.');
  });

  it('keeps a result that is damaged aside byte for byte, and says so once', async () => {
    const damages: Damage[] = [];
    const library = await openLibrary(home, undefined, (damage) => damages.push(damage));
    const [entry] = await addPaths(library, [await photo('a.png')]);
    await library.setResult(entry!.id, resultOf(entry!.id, 'A dog.'));
    const file = join(home, 'results', `${entry!.id}.json`);
    const bytes = (await readFile(file)).subarray(0, 50);
    await writeFile(file, bytes);
    expect([await library.result(entry!.id), await library.result(entry!.id)]).toEqual([null, null]);
    const [damage, ...more] = damages;
    expect([damage, more]).toEqual([{ kind: 'result', photo: 'a.png', kept: expect.any(String) }, []]);
    expect(describeDamage(damage!)).toMatch(/^What was found in a\.png was damaged: its caption stays/);
    expect(await readFile((damage as { kept: string }).kept)).toEqual(bytes);
    expect(library.get(entry!.id).caption).toBe('A dog.');
  });

  it('never gives what was found in another photo', async () => {
    const damages: Damage[] = [];
    const library = await openLibrary(home, undefined, (damage) => damages.push(damage));
    const [one, two] = await addPaths(library, [await photo('a.png'), await photo('b.png')]);
    for (const { id } of [one!, two!]) await library.setResult(id, resultOf(id, `Caption of ${id}.`));
    await copyFile(join(home, 'results', `${two!.id}.json`), join(home, 'results', `${one!.id}.json`));
    expect(await library.result(one!.id)).toBeNull();
    expect(damages).toEqual([{ kind: 'result', photo: 'a.png', kept: expect.any(String) }]);
    expect(await library.result(two!.id)).toMatchObject({ photoId: two!.id });
  });

  it('forgets what was said of another content of a photo', async () => {
    const path = await photo('a.png');
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [path]);
    await library.setResult(entry!.id, resultOf(entry!.id, 'A dog.'));
    await library.keep(entry!.id, { edited: 'Mine.' });
    await photo('a.png', 2);
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    await addPaths(library, [path]);
    expect(await library.result(entry!.id)).toBeNull();
    expect(library.get(entry!.id)).toMatchObject({ state: 'none', caption: null, edited: 'Mine.' });
  });

  it('adds a photo that is removed while it is looked at', async () => {
    const path = await photo('a.png');
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [path]);
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    const [[again]] = await Promise.all([addPaths(library, [path]), library.remove([entry!.id])]);
    expect(again?.id).not.toBe(entry!.id);
    expect(library.size).toBe(1);
  });

  it('removes what it keeps of a photo, and never the user’s file', async () => {
    const path = await photo('a.png');
    const library = await openLibrary(home);
    const [kept] = await addPaths(library, [path]);
    const sent = await addUpload(library, 'sent.png', await readFile(path));
    await library.setResult(kept!.id, resultOf(kept!.id, 'A dog.'));
    await library.remove([kept!.id, sent.id, 'unknown']);
    expect(library.size).toBe(0);
    expect(await readdir(join(home, 'results'))).toEqual([]);
    expect(await readdir(join(home, 'uploads'))).toEqual([]);
    expect((await readFile(path)).length).toBeGreaterThan(0);
    expect(() => library.get(kept!.id)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('has what was sent, chosen, removed and edited on disk when the promise is kept', async () => {
    const library = await openLibrary(home);
    const bytes = await readFile(await photo('a.png'));
    const sent = await addUpload(library, 'sent.png', bytes);
    // Each time as after a crash: another one reads what is on disk, and nothing is closed.
    const onDisk = async (): Promise<(string | null)[]> =>
      (await openLibrary(home)).list().map(({ edited, caption }) => edited ?? caption);
    expect(await onDisk()).toEqual([null]);
    await library.setResult(sent.id, resultOf(sent.id, 'A dog.'));
    expect(await onDisk()).toEqual(['A dog.']);
    await library.keep(sent.id, { edited: 'Mine.' });
    expect(await onDisk()).toEqual(['Mine.']);
    const [opened] = await addPaths(library, [await photo('b.png', 2)]);
    expect(await onDisk()).toEqual(['Mine.', null]);
    await library.remove([sent.id]);
    expect(await onDisk()).toEqual([null]);
    expect((await openLibrary(home)).list().map(({ id }) => id)).toEqual([opened!.id]);
  });

  it('takes back what the disk refuses: an edit, keywords, a removal, what was sent', async () => {
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [await photo('a.png')]);
    await library.keep(entry!.id, { edited: 'Kept.' });
    const bytes = await readFile(await photo('b.png', 2));
    const refuse = vi.spyOn(Journal.prototype, 'append').mockRejectedValue(new OutputError('x', 'the disk is full.'));
    await expect(library.keep(entry!.id, { edited: 'Lost.' })).rejects.toThrow('the disk is full');
    await expect(library.keep(entry!.id, { editedKeywords: ['lost'] })).rejects.toThrow('the disk is full');
    await expect(library.remove([entry!.id])).rejects.toThrow('the disk is full');
    await expect(addUpload(library, 'lost.png', bytes)).rejects.toThrow('the disk is full');
    expect(library.list().map(({ edited, editedKeywords }) => [edited, editedKeywords])).toEqual([
      ['Kept.', undefined],
    ]);
    expect(await readdir(join(home, 'uploads'))).toEqual([]);
    refuse.mockRestore();
    // What could not be written is written with the next change.
    await library.keep(entry!.id, { edited: 'Written.' });
    expect((await openLibrary(home)).list().map(({ edited }) => edited)).toEqual(['Written.']);
  });

  it('shows the caption that was chosen, also where a crash came between its list and its maps', async () => {
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [await photo('a.png')]);
    const [first, second] = [resultOf(entry!.id, 'First.'), resultOf(entry!.id, 'Second.')];
    await library.setResult(entry!.id, { ...first, captions: [...first.captions, ...second.captions] });
    const results = join(home, 'results', `${entry!.id}.json`);
    // The maps are written first, and the list was not.
    await writeFile(results, JSON.stringify({ ...first, captions: [...second.captions, ...first.captions] }));
    const again = await openLibrary(home);
    expect((await again.result(entry!.id))?.captions.map(({ caption }) => caption)).toEqual(['First.', 'Second.']);
  });

  it('writes its journal anew before it grows without end', async () => {
    const library = await openLibrary(home);
    const [entry] = await addPaths(library, [await photo('a.png')]);
    for (let i = 0; i < 1010; i++) await library.keep(entry!.id, { edited: `Caption ${i}.` });
    await library.close();
    const lines = (await readFile(join(home, 'library.jsonl'), 'utf8')).split('\n').length;
    expect(lines).toBeLessThan(100);
    expect((await openLibrary(home)).get(entry!.id).edited).toBe('Caption 1009.');
  });

  it('tells of many changes at once', async () => {
    const told: string[][] = [];
    const library = await openLibrary(home, (changed) => told.push(changed.map(({ name }) => name)));
    await addPaths(library, [await photo('a.png'), await photo('b.png')]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told.flat().sort()).toEqual(['a.png', 'b.png']);
    expect(told.length).toBeLessThan(3);
  });
});

describe('the cache of pictures', () => {
  it('makes each picture once, also for those who ask at the same time', async () => {
    const cache = new PictureCache(join(home, 'pictures'), 1000);
    let made = 0;
    const make = async (): Promise<Buffer> => Buffer.from(`picture ${++made}`);
    const all = await Promise.all([cache.get(['a'], make), cache.get(['a'], make)]);
    expect(all.map(String)).toEqual(['picture 1', 'picture 1']);
    const another = new PictureCache(join(home, 'pictures'), 1000);
    expect(String(await another.get(['a'], make))).toBe('picture 1');
    expect(String(await another.get(['a', 2], make))).toBe('picture 2');
  });

  it('gives a picture up when the last of those who wait for it has gone, and begins anew for the next', async () => {
    const cache = new PictureCache(join(home, 'pictures'), 1000);
    const given: AbortSignal[] = [];
    const make = (signal: AbortSignal): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        given.push(signal);
        if (given.length > 1) resolve(Buffer.from('made'));
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => cache.get(['a'], make, signal));
    await expect.poll(() => given.length).toBe(1);
    first.abort(new Error('gone'));
    await expect(asked[0]).rejects.toThrow('gone');
    expect(given.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort(new Error('gone, too'));
    await expect(asked[1]).rejects.toThrow('gone, too');
    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(String(await cache.get(['a'], make))).toBe('made');
    expect(given).toHaveLength(2);
  });

  it('stays within its limit: what was not used for longest goes', async () => {
    const pictures = join(home, 'pictures');
    const cache = new PictureCache(pictures, 1000);
    const make = (): Promise<Buffer> => Promise.resolve(Buffer.alloc(300));
    for (const key of ['a', 'b', 'c']) await cache.get([key], make);
    const [first, oldest] = await readdir(pictures);
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(pictures, oldest!), hourAgo, hourAgo);
    await cache.get(['d'], make);
    await expect.poll(() => readdir(pictures)).toHaveLength(3);
    const left = await readdir(pictures);
    expect(left).toContain(first);
    expect(left).not.toContain(oldest);
  });

  it('counts pictures that are made at the same time', async () => {
    const pictures = join(home, 'pictures');
    const cache = new PictureCache(pictures, 1000);
    const make = (): Promise<Buffer> => Promise.resolve(Buffer.alloc(300));
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.get([key], make)));
    await expect.poll(() => readdir(pictures)).toHaveLength(3);
  });

  it('does without a folder that cannot be written', async () => {
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'file'), '');
    const cache = new PictureCache(join(home, 'file', 'pictures'), 1000);
    expect(String(await cache.get(['a'], () => Promise.resolve(Buffer.from('made'))))).toBe('made');
  });
});
