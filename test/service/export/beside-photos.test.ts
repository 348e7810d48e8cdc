import { execFileSync } from 'node:child_process';
import { link, lstat, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BesidePhotos, type BesideFormat } from '../../../src/service/export/beside-photos.ts';
import type { Existing } from '../../../src/service/export/photo-text.ts';
import { isTagged, tag } from '../../support/extended-attributes.ts';
import { temporaryFolder, writeTinyPhoto } from '../../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(folder.path, name);
const text = (name: string): Promise<string> => readFile(at(name), 'utf8');
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeTinyPhoto(at('p.png'), 1);
});
afterEach(() => folder.remove());

async function write(formats: BesideFormat[], existing: Existing, ...names: string[]): Promise<unknown[]> {
  const beside = new BesidePhotos(formats, { existing });
  const outcomes: unknown[] = [];
  for (const name of names) {
    const written = await beside.write(at(name), { caption: `A ${name}.`, keywords: [] });
    for (const outcome of written.values()) outcomes.push(outcome instanceof Error ? outcome.message : outcome);
  }
  await beside.close();
  return outcomes;
}

describe.skipIf(process.platform === 'win32')('beside photos and links', () => {
  it('a link and the photo that it leads to have each a text of its own', async () => {
    await symlink('p.png', at('link.png'));
    expect(await write(['txt', 'xmp'], 'skip', 'link.png', 'p.png')).toEqual(Array(4).fill('written'));
    expect([await text('link.txt'), await text('p.txt')]).toEqual(['A link.png.\n', 'A p.png.\n']);
    expect(await text('link.png.xmp')).toContain('A link.png.');
    expect(await text('p.png.xmp')).toContain('A p.png.');
  });

  it.each<[BesideFormat, string]>([
    ['txt', 'p.txt'],
    ['xmp', 'p.png.xmp'],
  ])('a %s that is a link stays one: what it leads to is written', async (format, name) => {
    await mkdir(at('texts'));
    await symlink(`texts/${name}`, at(name));
    // To something that is not there yet, and then is.
    for (const existing of ['skip', 'overwrite'] as const) {
      expect(await write([format], existing, 'p.png')).toEqual(['written']);
      expect((await lstat(at(name))).isSymbolicLink()).toBe(true);
      expect(await text(`texts/${name}`)).toContain('A p.png.');
      await writeFile(at(`texts/${name}`), format === 'txt' ? 'Before.' : await text(`texts/${name}`));
      if (format === 'xmp') break;
    }
    await symlink('nowhere/a.txt', at('q.txt'));
    await writeTinyPhoto(at('q.png'), 1);
    expect(await write(['txt'], 'skip', 'q.png')).toEqual([
      expect.stringMatching(
        /^cannot write [^:]*q\.txt: it is a link to .*nowhere\/a\.txt, whose folder does not exist\.$/,
      ),
    ]);
  });

  it('a text keeps its other names and its permissions', async () => {
    await writeFile(at('p.txt'), 'Before.\n', { mode: 0o600 });
    await link(at('p.txt'), at('other.txt'));
    expect(await write(['txt'], 'append', 'p.png')).toEqual(['written']);
    expect(await text('other.txt')).toBe('Before.\nA p.png.\n');
    expect((await stat(at('p.txt'))).mode & 0o777).toBe(0o600);
  });

  it('a text keeps its extended attributes, and is as new as what was written', async (context) => {
    const long = new Date(2001, 0, 1);
    for (const existing of ['append', 'overwrite'] as const) {
      await writeFile(at('p.txt'), 'Before.\n', { mode: 0o600 });
      await utimes(at('p.txt'), long, long);
      if (!(await tag(at('p.txt')))) context.skip();
      expect(await write(['txt'], existing, 'p.png')).toEqual(['written']);
      expect(await isTagged(at('p.txt'))).toBe(true);
      const { mode, mtime } = await stat(at('p.txt'));
      expect([mode & 0o777, mtime > long]).toEqual([0o600, true]);
      await rm(at('p.txt'));
    }
  });

  it('a pipe beside a photo is no text, and nobody waits for it', async () => {
    execFileSync('mkfifo', [at('p.txt'), at('p.png.xmp')]);
    for (const existing of ['skip', 'append', 'overwrite'] as const) {
      expect(await write(['txt', 'xmp'], existing, 'p.png')).toEqual(
        Array(2).fill(expect.stringMatching(/it is a device, a pipe or a socket, not a file/)),
      );
    }
  });
});
