import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, open, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputError, replaceFile, writeFileAtomically, writeFileAtomicallySync } from '../../src/files/write-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

describe.each([
  ['writing a file', writeFileAtomically],
  ['writing a file at once', async (file: string, data: string) => writeFileAtomicallySync(file, data)],
])('%s', (_, write) => {
  it('makes folders, replaces what is there and leaves nothing beside', async () => {
    const file = join(folder.path, 'a/b/text.txt');
    await write(file, 'old');
    await write(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(readdirSync(join(folder.path, 'a/b'))).toEqual(['text.txt']);
  });

  it('says why it cannot, and leaves nothing behind', async () => {
    await mkdir(join(folder.path, 'taken'));
    await expect(write(join(folder.path, 'taken'), 'text')).rejects.toThrow(OutputError);
    await writeFile(join(folder.path, 'file'), '');
    await expect(write(join(folder.path, 'file/text.txt'), 'text')).rejects.toThrow(/cannot write .*is a file/);
    expect(readdirSync(folder.path).sort()).toEqual(['file', 'taken']);
  });
});

describe.skipIf(process.platform === 'win32').each([
  ['writing a file', writeFileAtomically],
  ['writing a file at once', async (file: string, data: string) => writeFileAtomicallySync(file, data)],
  ['replacing a file', (file: string, data: string) => replaceFile(file, (beside) => writeFile(beside, data))],
])('%s that is more than a file', (_, write) => {
  it('goes through links, and leaves them', async () => {
    await mkdir(join(folder.path, 'there'));
    await symlink('there/last.txt', join(folder.path, 'second.txt'));
    const first = join(folder.path, 'first.txt');
    await symlink('second.txt', first);
    for (const text of ['new', 'newer']) {
      await write(first, text);
      expect(await readFile(join(folder.path, 'there/last.txt'), 'utf8')).toBe(text);
    }
    expect(await readlink(first)).toBe('second.txt');
    expect(readdirSync(folder.path).sort()).toEqual(['first.txt', 'second.txt', 'there']);
    expect(readdirSync(join(folder.path, 'there'))).toEqual(['last.txt']);
    const round = join(folder.path, 'round.txt');
    await symlink('round.txt', round);
    await expect(write(round, 'text')).rejects.toThrow(/round\.txt: it is a link that leads back to itself/);
    const astray = join(folder.path, 'astray.txt');
    await symlink('nowhere/a.txt', astray);
    await expect(write(astray, 'text')).rejects.toThrow(
      /it is a link to .*nowhere.a\.txt, whose folder does not exist/,
    );
    expect(existsSync(join(folder.path, 'nowhere'))).toBe(false);
  });

  it('keeps its permissions, and what is write-protected', async () => {
    const file = join(folder.path, 'text.txt');
    await writeFile(file, 'old', { mode: 0o640 });
    await write(file, 'new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await chmod(file, 0o440);
    await expect(write(file, 'newer')).rejects.toThrow(/text\.txt: it is write-protected/);
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(readdirSync(folder.path)).toEqual(['text.txt']);
  });
});

it.skipIf(process.platform === 'win32')('what is written to a device arrives there, and leaves it', async () => {
  await writeFileAtomically('/dev/null', 'text');
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  // As `-o /dev/stdout >> file` has it: what the file said stays.
  const file = join(folder.path, 'text.txt');
  await writeFile(file, 'before, ');
  const handle = await open(file, 'a');
  await writeFileAtomically(`/dev/fd/${handle.fd}`, 'after');
  await handle.close();
  expect(await readFile(file, 'utf8')).toBe('before, after');
  await expect(replaceFile('/dev/null', () => Promise.resolve())).rejects.toThrow(/is a device/);
});

describe('replacing a file', () => {
  it('shows the old one until the new one is whole and on the disk', async () => {
    const file = join(folder.path, 'photo.jpg');
    await writeFile(file, 'old');
    const handle = await open(file);
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync');
    await handle.close();
    await replaceFile(file, async (beside) => {
      expect(extname(beside)).toBe('.jpg');
      await writeFile(beside, 'half of ');
      expect(await readFile(file, 'utf8')).toBe('old');
      await writeFile(beside, 'the new one', { flag: 'a' });
      expect(sync).not.toHaveBeenCalled();
    });
    // The file, and its folder where the system has that.
    expect(sync).toHaveBeenCalledTimes(process.platform === 'win32' ? 1 : 2);
    expect(await readFile(file, 'utf8')).toBe('half of the new one');
  });

  it('keeps the old one where the writing fails, and tells its reason as it is', async () => {
    const file = join(folder.path, 'text.txt');
    await writeFile(file, 'old');
    const failing = replaceFile(file, async (beside) => {
      await writeFile(beside, 'half');
      throw new RangeError('No more.');
    });
    await expect(failing).rejects.toThrow(new RangeError('No more.'));
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['text.txt']);
    expect(existsSync(file)).toBe(true);
  });
});
