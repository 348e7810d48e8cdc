import { execFileSync } from 'node:child_process';
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

it.skipIf(process.platform === 'win32')(
  'a photo that a link leads to again comes once; a link to a photo is another',
  async () => {
    const other = await temporaryFolder();
    try {
      for (const [to, link] of [
        [at('sub'), 'linked'],
        [at('sub', 'b.webp'), 'b-link.webp'],
      ] as const)
        await symlink(to, join(other.path, link));
      const found: unknown[] = [];
      for await (const photo of findPhotos([at('sub'), join(other.path, 'linked'), other.path])) found.push(photo);
      expect(found).toEqual([at('sub', 'b.webp'), join(other.path, 'b-link.webp')]);
    } finally {
      await other.remove();
    }
  },
);

it.skipIf(process.platform === 'win32')('says of a folder that is too deep to be looked into so', async () => {
  const other = await temporaryFolder();
  const name = 'd'.repeat(210);
  execFileSync('sh', [
    '-c',
    `cd "$0" && for i in $(seq 19); do mkdir ${name} && cd ${name}; done && mkdir ${name}`,
    other.path,
  ]);
  try {
    const found: unknown[] = [];
    for await (const photo of findPhotos([other.path], { recursive: true })) found.push(photo);
    expect(found[0]).toMatchObject({ error: expect.stringMatching(/its path is too long for this system/) });
  } finally {
    execFileSync('rm', ['-rf', other.path]);
  }
});

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
    ['a pattern with a folder that is not there', 'missing/*.jpg', 'nothing matches this pattern'],
    ['a pattern that ends with a file that is not there', '*/missing.jpg', 'nothing matches this pattern'],
    ['a folder whose photos lie deeper', 'only', 'With --recursive its folders are searched too.'],
  ])('reports %s', async (_, path, message) => {
    const [found, ...others] = await find([path]);
    expect(found).toContain(`! cannot read ${at(path)}: `);
    expect(found).toContain(message);
    expect(others).toEqual([]);
  });

  it("says of a folder with a camera's raw files alone that they are not read", async () => {
    await mkdir(at('camera'));
    for (const name of ['1.CR2', '2.nef', 'notes.txt']) await writeFile(at(`camera/${name}`), '');
    expect(await find(['camera'])).toEqual([
      `! cannot read ${at('camera')}: there is no photo in this folder. 2 of another kind are, as camera raw files are: export them as JPEG.`,
    ]);
  });

  it('reads paths from standard input, in lines however they arrive and end', async () => {
    const text = `${at('10.jpg')}\r\n\n${at('a[1].png')}\n${at('sub')}`;
    const stdin = chunks(text.slice(0, 7), text.slice(7, 40), text.slice(40));
    expect(await find(['2.JPG', '-'], { stdin })).toEqual(['2.JPG', '10.jpg', 'a[1].png', 'sub/b.webp']);
  });

  it('reads paths that end with a zero byte, with line ends in them', async () => {
    const stdin = chunks(`${at('10.jpg')}\0${at('new\nline.jpg')}\0`);
    expect(await find(['-'], { stdin })).toEqual(['10.jpg', 'new\nline.jpg']);
  });

  it.each([
    ['with a mark', '\ufeff'],
    ['without one', ''],
  ])('reads a list in UTF-16 as one (%s)', async (_, mark) => {
    const bytes = Buffer.from(`${mark}${at('10.jpg')}\r\n${at('a[1].png')}\r\n`, 'utf16le');
    async function* inParts(): AsyncGenerator<Uint8Array> {
      for (let from = 0; from < bytes.length; from += 33) yield bytes.subarray(from, from + 33);
    }
    expect(await find(['-'], { stdin: inParts() })).toEqual(['10.jpg', 'a[1].png']);
    // The other order of bytes.
    const swapped = Buffer.from(bytes).swap16();
    async function* whole(): AsyncGenerator<Uint8Array> {
      yield swapped;
    }
    expect(await find(['-'], { stdin: whole() })).toEqual(['10.jpg', 'a[1].png']);
  });

  it('takes quotes from around a path', async () => {
    const stdin = chunks(`"${at('10.jpg')}"\r\n'${at('2.JPG')}'\r\n`);
    expect(await find(['-'], { stdin })).toEqual(['10.jpg', '2.JPG']);
  });

  it('passes over what systems keep beside photos, in folders and patterns', async () => {
    await mkdir(at('nas', '@eaDir', 'IMG_1.jpg'), { recursive: true });
    await mkdir(at('nas', '#recycle'));
    for (const name of ['IMG_1.jpg', '._IMG_1.jpg', '@eaDir/IMG_1.jpg/SYNOPHOTO_THUMB_XL.jpg', '#recycle/old.jpg']) {
      await writeFile(at('nas', name), '');
    }
    expect(await find(['nas'], { recursive: true })).toEqual(['nas/IMG_1.jpg']);
    expect(await find(['nas/**/*.jpg'])).toEqual(['nas/IMG_1.jpg']);
    // Whoever names it means it.
    expect(await find(['nas/#recycle'])).toEqual(['nas/#recycle/old.jpg']);
  });

  it('leaves out what is excluded: files and folders, by name and by folder and name', async () => {
    const all = { recursive: true };
    expect(await find([''], { ...all, exclude: ['*.png', 'sub', 'nas'] })).toEqual([
      '2.JPG',
      '10.jpg',
      'only/inside/d.heic',
    ]);
    expect(await find(['sub/deep', 'only'], { ...all, exclude: ['deep/*.{png,gif}', 'INSIDE'] })).not.toContain(
      'sub/deep/c.png',
    );
    expect(await find(['10.jpg', '*.JPG'], { exclude: ['10.*'] })).toEqual(['2.JPG']);
    // Folders at any depth are meant without being said; capitals count as small letters.
    expect(await find(['sub'], { ...all, exclude: ['**/Deep/', 'loop', '*.WEBP'] })).toEqual([
      expect.stringMatching(/^! .* there is no photo in this folder that is not excluded\.$/),
    ]);
  });

  it('advises nobody to look deeper who does', async () => {
    expect(await find(['only'], { recursive: true, exclude: ['*.heic'] })).toEqual([
      `! cannot read ${at('only')}: there is no photo in this folder that is not excluded.`,
    ]);
  });

  it('takes a folder with brackets in its name for a folder, also in a pattern', async () => {
    await mkdir(at('[2020] Trip'));
    await writeFile(at('[2020] Trip', 'a.jpg'), '');
    expect(await find(['[2020] Trip/*.jpg'])).toEqual(['[2020] Trip/a.jpg']);
  });

  it.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)(
    'says in a sentence that a folder may not be read',
    async () => {
      await mkdir(at('locked'), { mode: 0o000 });
      expect(await find(['locked'])).toEqual([
        `! cannot read ${at('locked')}: permission denied. Change the permissions of the folder.`,
      ]);
    },
  );
});
