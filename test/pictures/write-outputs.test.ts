import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputNames, wordSuffix } from '../../src/pictures/output-names.ts';
import { OutputError, writeFileAtomically } from '../../src/files/write-file.ts';
import { writeOutputs } from '../../src/pictures/write-outputs.ts';
import { raster, toSharp } from '../photos/synthetic-photo.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-out-'));
});
afterEach(() => rm(folder, { recursive: true }));

const explanationOf = (photo: string | Uint8Array, ...words: string[]) => ({
  photo,
  caption: words.join(' '),
  grid: [2, 2] as const,
  words: words.map((word, index) => ({ word, probability: 0.5, weights: [0.1, 0.2, 0.3, 0.4 + index] })),
});

async function savePhoto(name: string, colour: readonly [number, number, number] = [90, 140, 60]): Promise<string> {
  const path = join(folder, name);
  await toSharp(raster(60, 40, () => colour)).toFile(path);
  return path;
}

describe('written pictures', () => {
  it('are named after the photo', async () => {
    const photo = await savePhoto('beach.jpg');
    const out = join(folder, 'deep', 'out');
    const written = await writeOutputs(explanationOf(photo, 'a', 'dog'), out, {
      formats: ['png', 'svg', 'webp', 'gif'],
    });
    const names = ['beach-sheet.png', 'beach-01-a.png', 'beach-02-dog.png', 'beach.svg', 'beach.webp', 'beach.gif'];
    expect(written).toEqual(names.map((name) => join(out, name)));
    expect((await readdir(out)).sort()).toEqual([...names].sort());
    for (const path of written) {
      expect((await sharp(path).metadata()).format).toBe(path.split('.').at(-1));
    }
  });

  it('replace those of an earlier run', async () => {
    const photo = await savePhoto('beach.jpg');
    const out = join(folder, 'out');
    const [sheet] = await writeOutputs(explanationOf(photo, 'a'), out);
    const before = await readFile(sheet!);
    expect(await writeOutputs(explanationOf(photo, 'b'), out)).toEqual([sheet, join(out, 'beach-01-b.png')]);
    expect((await readFile(sheet!)).equals(before)).toBe(false);
  });

  it('never replace a photo', async () => {
    const photo = await savePhoto('dog.webp');
    const before = await readFile(photo);
    const written = await writeOutputs(explanationOf(photo, 'dog'), folder, { formats: ['webp', 'svg'] });
    expect(written.map((path) => basename(path))).toEqual(['dog-webp.webp', 'dog-webp.svg']);
    expect((await readFile(photo)).equals(before)).toBe(true);
  });

  it('do not replace a photo whose turn comes later', async () => {
    const first = await savePhoto('dog.jpg');
    const second = await savePhoto('dog.webp', [200, 20, 20]);
    const before = await readFile(second);
    const names = new OutputNames(folder, [first, second]);
    for (const photo of [first, second]) await writeOutputs(explanationOf(photo, 'dog'), names, { formats: ['webp'] });
    expect((await readFile(second)).equals(before)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['dog-jpg.webp', 'dog-webp.webp', 'dog.jpg', 'dog.webp']);
  });

  it('of bytes without a path are called photo', async () => {
    const bytes = await readFile(await savePhoto('x.png'));
    const written = await writeOutputs(explanationOf(bytes, 'dog'), join(folder, 'out'));
    expect(written.map((path) => basename(path))).toEqual(['photo-sheet.png', 'photo-01-dog.png']);
  });

  it('leave out the animation of a caption without words', async () => {
    const photo = await savePhoto('x.png');
    expect(await writeOutputs(explanationOf(photo), join(folder, 'out'), { formats: ['webp'] })).toEqual([]);
  });
});

describe('names', () => {
  const stems = (photos: string[], directory = 'out') => {
    const names = new OutputNames(directory, photos);
    return photos.map((photo) => names.stem(photo));
  };

  it.each<[string, string[], string[]]>([
    ['differ for one base name with two endings', ['a.jpg', 'a.png'], ['a', 'a-png']],
    ['differ for one name in three folders', ['x/a.jpg', 'y/a.jpg', 'z/a.jpg'], ['a', 'a-jpg', 'a-2']],
    ['stay the same for the same photo', ['a.jpg', './a.jpg', 'x/../a.jpg'], ['a', 'a', 'a']],
    ['count letter case as nothing', ['Dog.jpg', 'dog.JPG'], ['Dog', 'dog-JPG']],
    ['do not meet a name made up before', ['a.jpg', 'a.png', 'a-png.jpg'], ['a', 'a-png', 'a-png-jpg']],
    ['keep inner dots', ['holiday.2024.jpg', 'noending'], ['holiday.2024', 'noending']],
    ['keep hidden files’ names', ['.jpg'], ['.jpg']],
  ])('%s', (_, photos, expected) => {
    expect(stems(photos)).toEqual(expected);
  });

  it.each([
    ['dog.svg', 'dog-jpg'],
    ['dog.GIF', 'dog-jpg'],
    ['dog-sheet.png', 'dog-jpg'],
    ['dog-01-a.png', 'dog-jpg'],
    ['dogs.webp', 'dog'],
    ['dog.png', 'dog'],
  ])('keep clear of the photo %s in the output folder', (other, expected) => {
    expect(stems(['dog.jpg', other], '.')[0]).toBe(expected);
  });

  it('leave room for what follows them, in bytes', () => {
    const names = new OutputNames('out');
    const long = names.stem(`/photos/${'写'.repeat(76)}.jpg`);
    expect(long).toMatch(/^写+-[0-9a-f]{8}$/);
    expect(Buffer.byteLength(`${long}${wordSuffix(11, 20, '語'.repeat(90))}`)).toBeLessThanOrEqual(255);
    // Another that begins alike is another, in another run, too.
    expect(new OutputNames('out').stem(`/photos/${'写'.repeat(77)}.jpg`)).not.toBe(long);
    expect(new OutputNames('out').stem(`/photos/${'写'.repeat(76)}.png`)).toBe(long);
  });

  it('that a photo got in an earlier run stay its own', () => {
    const names = new OutputNames('out');
    names.keep('/a/IMG_1.jpg', 'IMG_1');
    names.keep('/a/two.jpg', 'two');
    expect(names.stem('/b/IMG_1.jpg')).toBe('IMG_1-jpg');
    expect(names.stem('/a/IMG_1.jpg')).toBe('IMG_1');
    expect(names.stem('/b/two.png')).toBe('two-png');
  });

  it('with their endings are the same in every run, and no other photo’s', () => {
    const stem = (photo: string): string => new OutputNames('out').stem(photo, true);
    expect(['c.jpg', 'c.png'].map(stem)).toEqual(['c-jpg', 'c-png']);
    const alike = ['a:b.jpg', 'a-b.jpg', 'a*b.jpg', 'a-b'].map(stem);
    expect(alike).toEqual([
      expect.stringMatching(/^a-b-jpg-[0-9a-f]{8}$/),
      'a-b-jpg',
      expect.any(String),
      expect.any(String),
    ]);
    expect(new Set(alike).size).toBe(4);
  });

  it('keep clear of photos behind a link to the output folder', async () => {
    const photo = await savePhoto('dog.webp');
    const link = join(folder, 'link');
    await mkdir(join(folder, 'other'));
    await symlink(folder, link, 'junction');
    expect(new OutputNames(link, [photo]).stem(photo)).toBe('dog-webp');
  });

  it.each([
    [0, 9, 'dog', '-01-dog.png'],
    [99, 120, 'dog', '-100-dog.png'],
    [0, 120, 'dog', '-001-dog.png'],
    [1, 3, '../etc/passwd', '-02-etc-passwd.png'],
    [1, 3, 'a/b\\c:d*?', '-02-a-b-c-d.png'],
    [1, 3, '…', '-02-word.png'],
    [1, 3, 'köter', '-02-köter.png'],
    [1, 3, 'x'.repeat(300), `-02-${'x'.repeat(40)}.png`],
  ])('of word %i of %i, %s, end in %s', (index, count, word, suffix) => {
    expect(wordSuffix(index, count, word)).toBe(suffix);
  });
});

describe('writing', () => {
  it('makes folders and leaves nothing beside the file', async () => {
    const file = join(folder, 'a', 'b', 'c.txt');
    await writeFileAtomically(file, 'one');
    await writeFileAtomically(file, 'two');
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c.txt']);
  });

  it('replaces the file and does not write into it', async () => {
    // Somebody who has the old file open goes on seeing the old content.
    const file = join(folder, 'c.txt');
    await writeFile(file, 'old');
    const { open } = await import('node:fs/promises');
    const reader = await open(file);
    await writeFileAtomically(file, 'new');
    expect(await reader.readFile('utf8')).toBe('old');
    await reader.close();
  });

  it('keeps what was there, and cleans up, when it fails', async () => {
    const file = join(folder, 'taken');
    await mkdir(join(file, 'inside'), { recursive: true });
    const error = await writeFileAtomically(file, 'x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutputError);
    expect((error as OutputError).message).toMatch(new RegExp(`^cannot write .*taken: `));
    expect(await readdir(folder)).toEqual(['taken']);
    expect(await readdir(file)).toEqual(['inside']);
  });

  it('says what is wrong when the folder is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeFileAtomically(join(folder, 'file', 'x.png'), 'x')).rejects.toThrow(
      /a part of its path is a file, not a folder/,
    );
  });

  it('two writers at once leave one whole file', async () => {
    const file = join(folder, 'x');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => writeFileAtomically(file, content)));
    expect(contents).toContain(await readFile(file, 'utf8'));
    expect(await readdir(folder)).toEqual(['x']);
  });
});
