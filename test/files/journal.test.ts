import { createHash } from 'node:crypto';
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

/** A record of a number. */
const r = (value: number): object => ({ value });
const written = async (...records: object[]): Promise<void> => {
  const { journal } = await Journal.open(file);
  for (const record of records) await journal.append([record]);
  await journal.close();
};
const found = async (): Promise<unknown[]> => (await readJournal(file)).records;

describe('a journal', () => {
  it('has its records on disk when the promise is kept, in the order in which they were added', async () => {
    const { journal } = await Journal.open(file);
    await journal.append([{ a: 1 }, { b: 'two' }]);
    // No close: as after a crash.
    expect(await found()).toEqual([{ a: 1 }, { b: 'two' }]);
    await Promise.all([journal.append([r(3)]), journal.append([r(4)]), journal.append([r(5)])]);
    expect(await found()).toEqual([{ a: 1 }, { b: 'two' }, r(3), r(4), r(5)]);
    expect(journal.lines).toBe(5);
    await journal.close();
  });

  it('goes on after a restart', async () => {
    await written(r(1), r(2));
    await written(r(3));
    expect(await found()).toEqual([r(1), r(2), r(3)]);
  });

  it('writes nothing before the first record, so that it can be opened on a full disk', async () => {
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [], damaged: 0, disordered: false });
    await journal.append([]);
    await expect(stat(join(folder.path, 'kept'))).rejects.toThrow('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('is for its owner’s eyes alone', async () => {
    await written(r(1));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'kept'))).mode & 0o777).toBe(0o700);
  });

  it('cuts off what a crash has torn, and goes on behind it', async () => {
    await written(r(1), r(2));
    await appendFile(file, '0badc0de {"half":');
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [r(1), r(2)], damaged: 0, disordered: false });
    await journal.append([r(3)]);
    await journal.close();
    expect(await readJournal(file)).toEqual({ records: [r(1), r(2), r(3)], damaged: 0, disordered: false });
    expect(await readFile(file, 'utf8')).not.toContain('half');
  });

  it('keeps the last record where only its line end is missing', async () => {
    await written(r(1), r(2));
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, -1));
    const { journal, content } = await Journal.open(file);
    expect(content).toEqual({ records: [r(1), r(2)], damaged: 0, disordered: false });
    await journal.append([r(3)]);
    await journal.close();
    expect(await found()).toEqual([r(1), r(2), r(3)]);
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
    await journal.append([{ more: true }]);
    await journal.rewrite(() => [{ anew: true }]);
    await journal.close();
    const aside = (await readdir(join(folder.path, 'kept'))).filter((name) => name.includes('.damaged-'));
    expect(aside).toHaveLength(1);
    expect(await readFile(join(folder.path, 'kept', aside[0]!))).toEqual(damagedBytes);
  });

  it('brings lines that lie in another order, or twice, into theirs, says so, and keeps a copy of the file', async () => {
    await written(r(1), r(2), r(3), r(4));
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const [one, two, three, four] = lines;
    for (const other of [lines.toReversed(), [one, three, two, four], [one, two, three, four, two]]) {
      await writeFile(file, `${other.join('\n')}\n`);
      expect(await readJournal(file)).toEqual({ records: [r(1), r(2), r(3), r(4)], damaged: 0, disordered: true });
    }
    const { journal } = await Journal.open(file);
    expect((await readdir(join(folder.path, 'kept'))).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
    await journal.append([r(5)]);
    await journal.close();
    expect(await found()).toEqual([r(1), r(2), r(3), r(4), r(5)]);
  });

  it('counts lines that are gone from its beginning or its middle', async () => {
    await written(r(1), r(2), r(3), r(4));
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [lines[1], lines[3], ''].join('\n'));
    expect(await readJournal(file)).toEqual({ records: [r(2), r(4)], damaged: 2, disordered: false });
    // A line is lost, and the line end behind it: two are.
    await writeFile(file, [lines[0], `${lines[1]}${lines[2]}`, lines[3], ''].join('\n'));
    expect(await readJournal(file)).toEqual({ records: [r(1), r(4)], damaged: 2, disordered: false });
  });

  it('reads records without numbers, as an earlier Attend wrote them, and goes on behind them', async () => {
    const line = (json: string): string => `${createHash('sha256').update(json).digest('hex').slice(0, 8)} ${json}\n`;
    await mkdir(join(folder.path, 'kept'));
    await writeFile(file, line('{"value":1}') + line('{"value":2}'));
    await written(r(3));
    expect(await readFile(file, 'utf8')).toContain('{"value":3,"n":3}');
    expect(await readJournal(file)).toEqual({ records: [r(1), r(2), r(3)], damaged: 0, disordered: false });
  });

  it('tells of a file that is nothing but zeros', async () => {
    await written(r(1));
    await writeFile(file, Buffer.alloc(4096));
    expect(await readJournal(file)).toEqual({ records: [], damaged: 1, disordered: false });
  });

  it('reads past a byte order mark and Windows line ends that an editor has put in', async () => {
    await written(r(1), r(2));
    await writeFile(file, `\uFEFF${(await readFile(file, 'utf8')).replaceAll('\n', '\r\n')}`);
    expect(await readJournal(file)).toEqual({ records: [r(1), r(2)], damaged: 0, disordered: false });
  });

  it('is written anew with what counts, and keeps what was before', async () => {
    const { journal } = await Journal.open(file);
    await journal.append([r(1), r(2), r(3)]);
    await journal.rewrite(() => [r(3)]);
    await journal.append([r(4)]);
    await journal.close();
    expect(await found()).toEqual([r(3), r(4)]);
    expect((await readJournal(`${file}.previous`)).records).toEqual([r(1), r(2), r(3)]);
    expect((await readdir(join(folder.path, 'kept'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says that it cannot be written, and writes again once it can', async () => {
    const { journal } = await Journal.open(file);
    // A file where the folder should be.
    await writeFile(join(folder.path, 'kept'), '');
    await expect(journal.append([r(1)])).rejects.toThrow(/cannot write .*a part of its path is a file/);
    const { rm } = await import('node:fs/promises');
    await rm(join(folder.path, 'kept'));
    await mkdir(join(folder.path, 'kept'));
    await journal.append([r(2)]);
    await journal.close();
    expect(await found()).toEqual([r(2)]);
  });
});
