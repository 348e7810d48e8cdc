import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPhotos, type FindOptions } from '../../src/photos/find-photos.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
const at = (...names: string[]): string => join(folder.path, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const name of ['empty', 'sub/deep', 'only/inside', '.hidden']) await mkdir(at(name), { recursive: true });
  const files = [
    '10.jpg',
    '2.JPG',
    'a[1].png',
    'notes.txt',
    '.secret.jpg',
    '.hidden/h.jpg',
    'sub/b.webp',
    'sub/deep/c.png',
    'only/inside/d.heic',
  ];
  for (const name of files) await writeFile(at(name), '');
  if (process.platform !== 'win32') await symlink(folder.path, at('sub', 'loop'));
});
afterAll(() => folder.remove());

async function find(paths: string[], options?: FindOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const photo of findPhotos(
    paths.map((path) => (path === '-' ? path : at(path))),
    options,
  )) {
    if (typeof photo === 'string') found.push(relative(folder.path, photo).replaceAll('\\', '/'));
    else if ('error' in photo) found.push(`! ${photo.error}`);
  }
  return found;
}

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}

describe('finding photos', () => {
  it.each<[string, string[], FindOptions, string[]]>([
    ['files as they are, whatever they are called', ['notes.txt', 'missing.jpg'], {}, ['notes.txt', 'missing.jpg']],
    ['the photos of a folder in natural order, without hidden ones', [''], {}, ['2.JPG', '10.jpg', 'a[1].png']],
    [
      'folders in folders when asked to',
      ['sub'],
      { recursive: true },
      [
        'sub/b.webp',
        'sub/deep/c.png',
        'sub/loop/2.JPG',
        'sub/loop/10.jpg',
        'sub/loop/a[1].png',
        'sub/loop/only/inside/d.heic',
      ],
    ],
    ['a photo named twice once, at its first place', ['10.jpg', '', '10.jpg'], {}, ['10.jpg', '2.JPG', 'a[1].png']],
    ['a pattern', ['*.jpg'], {}, ['10.jpg']],
    ['alternatives in a pattern', ['{10,2}.{jpg,JPG}'], {}, ['10.jpg', '2.JPG']],
    ['a class of characters', ['sub/[a-c].web?'], {}, ['sub/b.webp']],
    ['a negated class', ['[!0-9]*.png'], {}, ['a[1].png']],
    ['any depth', ['**/*.png'], {}, ['a[1].png', 'sub/deep/c.png']],
    ['a folder that a pattern names', ['s*'], {}, ['sub/b.webp']],
    ['a name with brackets as a name', ['a[1].png'], {}, ['a[1].png']],
  ])('takes %s', async (_, paths, options, expected) => {
    if (process.platform === 'win32' && expected.some((path) => path.includes('loop'))) return;
    expect(await find(paths, options)).toEqual(expected);
  });

  it.each([
    ['a pattern that matches nothing', '*.bmp', 'nothing matches this pattern'],
    ['a folder without photos', 'empty', 'there is no photo in this folder.'],
    ['a folder whose photos lie deeper', 'only', 'With --recursive its folders are searched too.'],
  ])('reports %s', async (_, path, message) => {
    const [found, ...others] = await find([path]);
    expect(found).toContain(`! cannot read ${at(path)}: `);
    expect(found).toContain(message);
    expect(others).toEqual([]);
  });

  it('reads paths from standard input, in lines however they arrive and end', async () => {
    const text = `${at('10.jpg')}\r\n\n${at('a[1].png')}\0${at('sub')}`;
    const stdin = chunks(text.slice(0, 7), text.slice(7, 40), text.slice(40));
    expect(await find(['2.JPG', '-'], { stdin })).toEqual(['2.JPG', '10.jpg', 'a[1].png', 'sub/b.webp']);
  });
});
