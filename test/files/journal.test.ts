import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, readJournal } from '../../src/files/journal.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'kept', 'journal.jsonl');
});
afterEach(() => folder.remove());

const written = async (...records: unknown[]): Promise<void> => {
  const { journal } = await Journal.open(file);
  for (const record of records) await journal.append([record]);
  await journal.close();
};
const found = async (): Promise<unknown[]> => (await readJournal(file)).records;

describe('a journal', () => {
  it('has its records on disk when the promise is kept, in the order in which they were added', async () => {
    const { journal } = await Journal.open(file);
    await journal.append([{ a: 1 }, 'two']);
    // No close: as after a crash.
    expect(await found()).toEqual([{ a: 1 }, 'two']);
    await Promise.all([journal.append([3]), journal.append([4]), journal.append([5])]);
    expect(await found()).toEqual([{ a: 1 }, 'two', 3, 4, 5]);
    expect(journal.lines).toBe(5);
    await journal.close();
  });

  it('goes on after a restart', async () => {
    await written(1, 2);
    await written(3);
    expect(await found()).toEqual([1, 2, 3]);
  });

  it('writes nothing before the first record, so that it can be opened on a full disk', async () => {
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [], damaged: 0 });
    await journal.append([]);
    await expect(stat(join(folder.path, 'kept'))).rejects.toThrow('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('is for its owner’s eyes alone', async () => {
    await written(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'kept'))).mode & 0o777).toBe(0o700);
  });

  it('cuts off what a crash has torn, and goes on behind it', async () => {
    await written(1, 2);
    await appendFile(file, '0badc0de {"half":');
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [1, 2], damaged: 0 });
    await journal.append([3]);
    await journal.close();
    expect(await readJournal(file)).toEqual({ records: [1, 2, 3], damaged: 0 });
    expect(await readFile(file, 'utf8')).not.toContain('half');
  });

  it('keeps the last record where only its line end is missing', async () => {
    await written(1, 2);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, -1));
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [1, 2], damaged: 0 });
    await journal.append([3]);
    await journal.close();
    expect(await found()).toEqual([1, 2, 3]);
  });

  it('leaves out a line with any flipped byte, counts it, and keeps a copy of the file byte for byte', async () => {
    await written({ name: 'first' }, { name: 'second' }, { name: 'third' });
    const sound = await readFile(file);
    const line = sound.indexOf('\n') + 1;
    const end = sound.indexOf('\n', line);
    for (let at = line; at < end; at += 3) {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 0x20;
      await writeFile(file, bytes);
      const { records, damaged } = await readJournal(file);
      expect([at, records, damaged]).toEqual([at, [{ name: 'first' }, { name: 'third' }], 1]);
    }
    const damagedBytes = await readFile(file);
    const { journal } = await Journal.open(file);
    await journal.append(['more']);
    await journal.rewrite(() => ['anew']);
    await journal.close();
    const aside = (await readdir(join(folder.path, 'kept'))).filter((name) => name.includes('.damaged-'));
    expect(aside).toHaveLength(1);
    expect(await readFile(join(folder.path, 'kept', aside[0]!))).toEqual(damagedBytes);
  });

  it('tells of a file that is nothing but zeros', async () => {
    await written(1);
    await writeFile(file, Buffer.alloc(4096));
    expect(await readJournal(file)).toEqual({ records: [], damaged: 1 });
  });

  it('reads past a byte order mark and Windows line ends that an editor has put in', async () => {
    await written(1, 2);
    await writeFile(file, `\uFEFF${(await readFile(file, 'utf8')).replaceAll('\n', '\r\n')}`);
    expect(await readJournal(file)).toEqual({ records: [1, 2], damaged: 0 });
  });

  it('is written anew with what counts, and keeps what was before', async () => {
    const { journal } = await Journal.open(file);
    await journal.append([1, 2, 3]);
    await journal.rewrite(() => [3]);
    await journal.append([4]);
    await journal.close();
    expect(await found()).toEqual([3, 4]);
    expect((await readJournal(`${file}.previous`)).records).toEqual([1, 2, 3]);
    expect((await readdir(join(folder.path, 'kept'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says that it cannot be written, and writes again once it can', async () => {
    const { journal } = await Journal.open(file);
    // A file where the folder should be.
    await writeFile(join(folder.path, 'kept'), '');
    await expect(journal.append([1])).rejects.toThrow(/cannot write .*a part of its path is a file/);
    const { rm } = await import('node:fs/promises');
    await rm(join(folder.path, 'kept'));
    await mkdir(join(folder.path, 'kept'));
    await journal.append([2]);
    await journal.close();
    expect(await found()).toEqual([2]);
  });
});
