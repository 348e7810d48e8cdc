import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionResult } from '../../../src/contract/data/captions.ts';
import type { History as HistoryStatus } from '../../../src/contract/data/history.ts';
import { Journal } from '../../../src/files/journal.ts';
import { OutputError } from '../../../src/files/write-file.ts';
import { addPaths, addUpload } from '../../../src/service/library/add-photos.ts';
import { reviewOf, type Entry } from '../../../src/service/library/entry.ts';
import { History } from '../../../src/service/library/history.ts';
import { Library } from '../../../src/service/library/library.ts';
import { chosen, editedByHand, reviewed } from '../../../src/service/library/review.ts';
import { temporaryFolder, writeTinyPhoto } from '../../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let home: string;
let library: Library;
let history: History;
let told: HistoryStatus[];
let ids: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  home = join(folder.path, 'library');
  library = await Library.open(home);
  told = [];
  history = new History(library, (status) => told.push(status));
  ids = [];
  for (const name of ['a.png', 'b.png', 'c.png']) {
    await writeTinyPhoto(join(folder.path, name), 1);
    const [entry] = await addPaths(library, [join(folder.path, name)]);
    await library.setResult(entry!.id, resultOf(entry!.id, `A ${name}.`, 'Another one.'));
    ids.push(entry!.id);
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await library.close().catch(() => undefined);
  await folder.remove();
});

const resultOf = (photoId: string, ...captions: string[]): CaptionResult => ({
  photoId,
  captions: captions.map((caption, i) => ({
    caption,
    score: -1 - i,
    words: [{ word: 'dog', probability: 0.5 / (i + 1), weights: [1] }],
  })),
  grid: [1, 1],
  keywords: ['dog'],
  given: 0,
  model: 'tiny',
  backend: 'wasm',
  milliseconds: { read: 0, encode: 0, decode: 0 },
  at: '2026-01-01T00:00:00Z',
});

const accept = (...wanted: string[]): Promise<number | undefined> =>
  history.change('review', wanted, (entry) => reviewed(entry, 'accepted'));
const edit = (id: string, text: string | null): Promise<number | undefined> =>
  history.change('edit', [id], () => editedByHand(text));
const states = (of: Library = library): string[] => of.list().map(reviewOf);
const captions = (of: Library = library): (string | null)[] =>
  of.list().map(({ caption, edited }) => edited ?? caption);
/** What somebody would find after a crash at this moment. */
const onDisk = (): Promise<Library> => Library.open(home);
const refuse = (): ReturnType<typeof vi.spyOn> =>
  vi.spyOn(Journal.prototype, 'append').mockRejectedValue(new OutputError('x', 'the disk is full.'));

describe('what a person did', () => {
  it('is undone and redone, the last first, and is on the disk each time', async () => {
    await accept(ids[0]!, ids[1]!);
    await edit(ids[1]!, 'Mine.');
    expect(states(await onDisk())).toEqual(['accepted', 'edited', 'new']);
    expect(await history.undo()).toMatchObject({ done: { kind: 'edit', photos: 1 }, photoIds: [ids[1]] });
    expect(captions(await onDisk())).toEqual(['A a.png.', 'A b.png.', 'A c.png.']);
    expect(states(await onDisk())).toEqual(['accepted', 'accepted', 'new']);
    await history.undo();
    expect(states(await onDisk())).toEqual(['new', 'new', 'new']);
    expect(await history.undo()).toEqual({ done: null, photoIds: [] });
    await history.redo();
    expect(await history.redo()).toMatchObject({ done: { kind: 'edit' } });
    expect(captions(await onDisk())).toEqual(['A a.png.', 'Mine.', 'A c.png.']);
    expect(await history.redo()).toEqual({ done: null, photoIds: [] });
  });

  it('tells each time what would be undone and redone next', async () => {
    const step = await accept(ids[0]!);
    expect(told).toEqual([{ undo: { step, kind: 'review', photos: 1 }, redo: null }]);
    await history.undo();
    expect(history.status()).toEqual({ undo: null, redo: { step, kind: 'review', photos: 1 } });
    await edit(ids[0]!, 'Mine.');
    // What was undone cannot be redone after something else.
    expect(told.at(-1)).toMatchObject({ undo: { kind: 'edit' }, redo: null });
    expect(told).toHaveLength(3);
  });

  it('is no step where nothing was changed', async () => {
    await accept(ids[0]!);
    expect(await accept(ids[0]!, 'unknown')).toBeUndefined();
    expect(await history.remove(['unknown'])).toBeUndefined();
    expect(history.status().undo).toMatchObject({ step: 1 });
  });

  it('is undone by its number only while nothing came after it', async () => {
    const step = await accept(ids[0]!);
    await accept(ids[1]!);
    await expect(history.undo(step)).rejects.toMatchObject({ code: 'not-found' });
    expect(states()).toEqual(['accepted', 'accepted', 'new']);
    await history.undo();
    await history.undo(step);
    expect(states()).toEqual(['new', 'new', 'new']);
  });

  it('is done one after the other, also from two windows at once', async () => {
    await Promise.all([edit(ids[0]!, 'One.'), edit(ids[0]!, 'Two.'), history.undo()]);
    expect(captions()[0]).toBe('One.');
    await history.undo();
    expect(captions()[0]).toBe('A a.png.');
  });

  it('stays as it is where the disk refuses it: the step, undoing it and redoing it', async () => {
    await accept(ids[0]!);
    let refusal = refuse();
    await expect(accept(ids[1]!, ids[2]!)).rejects.toThrow('the disk is full');
    await expect(history.undo()).rejects.toThrow('the disk is full');
    expect(states()).toEqual(['accepted', 'new', 'new']);
    refusal.mockRestore();
    await history.undo();
    refusal = refuse();
    await expect(history.redo()).rejects.toThrow('the disk is full');
    refusal.mockRestore();
    expect(states()).toEqual(['new', 'new', 'new']);
    await history.redo();
    expect(states(await onDisk())).toEqual(['accepted', 'new', 'new']);
  });
});

describe('a caption that the model found anew', () => {
  it('is not accepted by redoing what was said of another one', async () => {
    await accept(ids[0]!);
    await history.undo();
    await library.setResult(ids[0]!, resultOf(ids[0]!, 'Something else.'));
    await history.redo();
    expect(states()[0]).toBe('new');
  });

  it('is not rejected nor replaced by undoing what was done to another one', async () => {
    await history.change('review', [ids[0]!], (entry) => reviewed(entry, 'rejected'));
    const other = (await library.result(ids[0]!))!.captions[1]!;
    await history.change('choose', [ids[0]!], () => chosen(other, ['cat']));
    await library.setResult(ids[0]!, resultOf(ids[0]!, 'Something else.'));
    await history.undo();
    expect(library.get(ids[0]!)).toMatchObject({ caption: 'Something else.', review: 'new', keywords: ['dog'] });
  });
});

describe('a caption that was chosen', () => {
  it('comes first with its keywords, and lets the others be as they were when it is undone', async () => {
    const id = ids[0]!;
    const before = await library.result(id);
    await history.change('choose', [id], () => chosen(before!.captions[1]!, ['cat']));
    const after = await (await onDisk()).result(id);
    expect(after).toMatchObject({
      keywords: ['cat'],
      captions: [{ caption: 'Another one.' }, { caption: 'A a.png.' }],
    });
    expect(library.get(id)).toMatchObject({ review: 'accepted', confidence: 0.25 });
    await history.undo();
    expect(await (await onDisk()).result(id)).toEqual(before);
    expect(library.get(id)).toMatchObject({ confidence: 0.5 });
    expect(states()[0]).toBe('new');
  });
});

describe('photos that were removed', () => {
  const names = (of: Library = library): string[] => of.list().map(({ name }) => name);
  let sent: Entry;
  beforeEach(async () => {
    sent = await addUpload(library, 'sent.png', await readFile(join(folder.path, 'a.png')));
    await library.setResult(sent.id, resultOf(sent.id, 'Sent.'));
    await addPaths(library, [join(folder.path, 'b.png')]);
  });

  it('come back in their places, with what was sent and what was found, also after a restart', async () => {
    await writeTinyPhoto(join(folder.path, 'last.png'), 1);
    await addPaths(library, [join(folder.path, 'last.png')]);
    await history.remove([ids[1]!, sent.id]);
    expect(names(await onDisk())).toEqual(['a.png', 'c.png', 'last.png']);
    expect(existsSync(library.fileOf(sent))).toBe(false);
    expect(await history.undo()).toMatchObject({ done: { kind: 'remove', photos: 2 }, photoIds: [ids[1], sent.id] });
    for (const one of [library, await onDisk()]) {
      expect(names(one)).toEqual(['a.png', 'b.png', 'c.png', 'sent.png', 'last.png']);
      expect((await one.result(sent.id))?.captions[0]?.caption).toBe('Sent.');
    }
    expect((await readFile(library.fileOf(sent))).length).toBeGreaterThan(0);
    await history.redo();
    expect(names(await onDisk())).toEqual(['a.png', 'c.png', 'last.png']);
    await history.undo();
    expect(names(await onDisk())).toHaveLength(5);
  });

  it('are told of as removed and then as changed', async () => {
    const news: [string[], string[]][] = [];
    await library.close();
    library = await Library.open(home, (changed, removed) => news.push([changed.map(({ id }) => id), removed]));
    history = new History(library);
    await history.remove([sent.id]);
    await expect.poll(() => news.length).toBe(1);
    await history.undo();
    await expect.poll(() => news.length).toBe(2);
    expect(news).toEqual([
      [[], [sent.id]],
      [[sent.id], []],
    ]);
  });

  it('take the place of what was added anew meanwhile, by path or by bytes', async () => {
    await edit(ids[0]!, 'Mine.');
    await history.remove([ids[0]!, sent.id]);
    await addPaths(library, [join(folder.path, 'a.png')]);
    await addUpload(library, 'sent.png', await readFile(join(folder.path, 'a.png')));
    await history.undo();
    for (const one of [library, await onDisk()]) {
      expect(names(one).sort()).toEqual(['a.png', 'b.png', 'c.png', 'sent.png']);
      expect(one.get(ids[0]!).edited).toBe('Mine.');
      expect(one.withPath(join(folder.path, 'a.png'))?.id).toBe(ids[0]);
    }
    expect(await readdir(join(home, 'uploads'))).toEqual([sent.upload]);
  });

  it('stay removed where the disk refuses to take them back, and can be tried again', async () => {
    await history.remove([sent.id]);
    const refusal = refuse();
    await expect(history.undo()).rejects.toThrow('the disk is full');
    refusal.mockRestore();
    expect(library.has(sent.id)).toBe(false);
    expect(names(await onDisk())).not.toContain('sent.png');
    await history.undo();
    expect(names(await onDisk())).toContain('sent.png');
    expect(existsSync(library.fileOf(sent))).toBe(true);
  });

  it('do not wait for a caption any more when they come back', async () => {
    library.change(sent.id, { state: 'running' });
    library.change(ids[0]!, { state: 'waiting', caption: null });
    await history.remove([sent.id, ids[0]!]);
    await history.undo();
    expect([library.get(sent.id).state, library.get(ids[0]!).state]).toEqual(['done', 'none']);
  });

  it('are let go of a hundred steps later', async () => {
    await history.remove([sent.id]);
    expect(await readdir(join(home, 'removed'))).toHaveLength(2);
    for (let i = 0; i < 99; i++) await edit(ids[0]!, `Caption ${i}.`);
    expect(await readdir(join(home, 'removed'))).toHaveLength(2);
    await edit(ids[0]!, 'The last.');
    expect(await readdir(join(home, 'removed'))).toEqual([]);
  });
});

it('opens the library of an Attend that did not ask whether captions were looked at', async () => {
  await library.keep(ids[0]!, { edited: 'Mine.' });
  await library.close();
  const file = join(home, 'library.jsonl');
  const records = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  const { journal } = await Journal.open(join(home, 'older.jsonl'));
  for (const record of records) {
    const { photo, ...header } = JSON.parse(record.slice(9)) as { photo?: Record<string, unknown> };
    const { confidence: _confidence, review: _review, ...older } = photo ?? {};
    await journal.append([photo ? { photo: older } : header]);
  }
  await journal.close();
  await rm(file);
  await writeFile(file, await readFile(join(home, 'older.jsonl')));
  library = await Library.open(home);
  expect(library.damage).toBeNull();
  expect(states()).toEqual(['edited', 'new', 'new']);
});
