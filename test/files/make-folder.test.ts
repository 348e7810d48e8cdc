import { existsSync } from 'node:fs';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/files/make-folder.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.remove());

describe('a folder', () => {
  it('is made with those above it, once or many times at once', async () => {
    const path = join(folder.path, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'd'))]);
    await makeFolder(path);
    expect((await stat(join(path, 'd'))).isDirectory()).toBe(true);
  });

  it('is not made where a file or a link to nowhere stands in its way', async () => {
    await writeFile(join(folder.path, 'file'), '');
    await symlink(join(folder.path, 'nowhere'), join(folder.path, 'link'));
    await expect(makeFolder(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder.path, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeFolder(join(folder.path, 'link', 'below'))).rejects.toMatchObject({ code: 'EEXIST' });
    expect(() => makeFolderSync(join(folder.path, 'link', 'below'))).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    );
  });

  it.skipIf(!existsSync('/proc/self'))('is refused by a file system that takes none', async () => {
    await expect(makeFolder('/proc/attend/pictures')).rejects.toThrow('no folder can be made in /proc. Choose another');
    expect(() => makeFolderSync('/proc/attend/compiled')).toThrow('no folder can be made in /proc. Choose another');
  });

  it('is there when that returns', () => {
    const path = join(folder.path, 'a', 'b');
    makeFolderSync(path);
    makeFolderSync(path);
    expect(existsSync(path)).toBe(true);
  });
});
