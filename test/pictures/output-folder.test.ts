import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputError } from '../../src/files/write-file.ts';
import { OutputFolder } from '../../src/pictures/output-folder.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let place: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  place = await temporaryFolder();
});
afterEach(() => place.remove());

const strict = { keepStrangers: true };
const put = (name: string, text = '{}'): Promise<void> => writeFile(join(place.path, name), text);
const list = async (): Promise<Record<string, unknown>[]> =>
  (await readFile(join(place.path, 'attend.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Makes a file of each photo, as a run of its own does. */
async function run(photos: readonly string[], options = strict): Promise<string[]> {
  const folder = await OutputFolder.open(place.path, photos, options);
  const names: string[] = [];
  for (const photo of photos) {
    const name = `${await folder.reserve(photo)}.json`;
    await put(name, JSON.stringify(photo));
    await folder.add(photo, [name], { model: 'tiny' });
    names.push(name);
  }
  return names;
}

describe('a folder of files made from photos', () => {
  it('gives photos of one name files of their own, in whichever run and order they come', async () => {
    expect(await run(['/x/a.png'])).toEqual(['a.json']);
    expect(await run(['/y/a.png'])).toEqual(['a-png.json']);
    expect(await run(['/z/a.png', '/y/a.png', '/x/a.png'])).toEqual(['a-2.json', 'a-png.json', 'a.json']);
    expect((await list()).filter(({ outputs }) => outputs)).toHaveLength(5);
  });

  it('takes no part of a name for what follows names', async () => {
    // Messengers name photos so; "-20240101-" looks like the number of a word.
    const photos = ['/x/IMG-20240101-WA01.jpg', '/x/IMG-20240101-WA02.jpg'];
    const names = await run(photos);
    expect(names).toEqual(['IMG-20240101-WA01.json', 'IMG-20240101-WA02.json']);
    expect(await run(photos.toReversed())).toEqual(names.toReversed());
  });

  it('reads lists without names, and takes those from the first file', async () => {
    const lines = [
      { file: '/x/IMG-20240101-WA01.jpg', outputs: ['IMG-20240101-WA01-sheet.png', 'IMG-20240101-WA01-01-a.png'] },
      { file: 'a.png', outputs: ['a-png.json'] },
    ];
    for (const name of lines.flatMap(({ outputs }) => outputs)) await put(name);
    await put('attend.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const folder = await OutputFolder.open(place.path, [], strict);
    expect(folder.before).toMatchObject([
      { file: '/x/IMG-20240101-WA01.jpg', name: 'IMG-20240101-WA01' },
      { file: resolve('a.png'), name: 'a-png' },
    ]);
  });

  it.each(['../up', '/abs', 'sub/a', 'a\\b', 'a\0b', '', '..', 'x'.repeat(300), 5])(
    'follows no name that leads elsewhere: %j',
    async (name) => {
      await put('attend.jsonl', `${JSON.stringify({ file: '/x/a.png', name, reserved: [name] })}\n`);
      expect(await run(['/x/a.png'])).toEqual(['a.json']);
    },
  );

  it('says of a list that is a folder what it is', async () => {
    await mkdir(join(place.path, 'attend.jsonl'));
    await expect(OutputFolder.open(place.path, [], strict)).rejects.toThrow(
      /attend\.jsonl: there is a folder of that name/,
    );
  });

  it('knows whose a name is when the run ended before the photo was done', async () => {
    const folder = await OutputFolder.open(place.path, [], strict);
    await put(`${await folder.reserve('/x/a.png')}.json`);
    expect(await run(['/y/a.png'])).toEqual(['a-png.json']);
    expect(await run(['/x/a.png'])).toEqual(['a.json']);
  });

  it('leaves files of others alone, unless told that they may be replaced', async () => {
    await put('a.json', 'mine');
    await put('b.txt', 'mine');
    expect(await run(['/x/a.png', '/x/b.png'])).toEqual(['a-png.json', 'b-png.json']);
    await rm(place.path, { recursive: true });
    await mkdir(place.path);
    await put('a.json', 'mine');
    expect(await run(['/x/a.png'], { keepStrangers: false })).toEqual(['a.json']);
  });

  it('forgets what a run said of photos that are made anew, but not whose their files are', async () => {
    await run(['/x/a.png', '/x/b.png']);
    const forget = ({ file }: { file: string }): boolean => file === '/x/a.png';
    await OutputFolder.open(place.path, [], { ...strict, forget });
    expect(await list()).toEqual([
      { file: '/x/a.png', name: 'a', outputs: ['a.json'] },
      { file: '/x/b.png', name: 'b', model: 'tiny', outputs: ['b.json'] },
    ]);
  });

  it('knows what is missing, and lets go of photos of which nothing is left', async () => {
    const folder = await OutputFolder.open(place.path, [], strict);
    for (const name of ['a.json', 'a.svg', 'b.json']) await put(name);
    await folder.add('/x/a.png', ['a.json', 'a.svg'], { model: 'tiny' });
    await folder.add('/x/b.png', ['b.json'], { model: 'tiny' });
    await rm(join(place.path, 'a.svg'));
    await rm(join(place.path, 'b.json'));
    const again = await OutputFolder.open(place.path, [], strict);
    expect(again.before).toEqual([{ file: '/x/a.png', name: 'a', outputs: ['a.json'], reserved: [], more: {} }]);
    // What is added to a photo does not make up for what is missing.
    await put('a.txt');
    await again.add('/x/a.png', ['a.txt']);
    expect((await OutputFolder.open(place.path, [], strict)).before).toMatchObject([
      { outputs: ['a.json', 'a.txt'], more: {} },
    ]);
  });

  it('is shared with others who make files there at the same time', async () => {
    const photos = (side: string): string[] => Array.from({ length: 20 }, (_, i) => `/${side}/${i % 5}-${i}.png`);
    const sides = ['x', 'y', 'z'];
    // Names are thought of before anything is reserved, as the command line does.
    const folders = await Promise.all(sides.map((side) => OutputFolder.open(place.path, photos(side), strict)));
    for (const [i, folder] of folders.entries()) for (const photo of photos(sides[i]!)) folder.names.stem(photo);
    await Promise.all(
      folders.map(async (folder, i) => {
        for (const photo of photos(sides[i]!)) {
          const name = `${await folder.reserve(photo)}.json`;
          await put(name, photo);
          await folder.add(photo, [name], { model: 'tiny' });
          // Others open it and write its list anew meanwhile.
          if (photo.endsWith('-9.png')) await OutputFolder.open(place.path, [], strict);
        }
      }),
    );
    const { before } = await OutputFolder.open(place.path, [], strict);
    expect(before).toHaveLength(60);
    expect(new Set(before.flatMap(({ outputs }) => outputs)).size).toBe(60);
    for (const { file, outputs } of before) expect(await readFile(join(place.path, outputs[0]!), 'utf8')).toBe(file);
  });

  it('keeps a single name that was reserved for a file that is not there yet', async () => {
    const one = await OutputFolder.open(place.path, [], strict);
    const two = await OutputFolder.open(place.path, [], strict);
    const heard: string[] = [];
    expect(await one.reserveFile('/x/a.png', () => 'a.png.xmp')).toBe('a.png.xmp');
    await two.reserveFile('/y/a.png', (news) => {
      heard.push(...news.flatMap(({ reserved }) => reserved));
      return 'a-2.png.xmp';
    });
    expect(heard).toEqual(['a.png.xmp']);
    const { before } = await OutputFolder.open(place.path, [], strict);
    expect(before.map(({ file, reserved }) => [file, reserved])).toEqual([
      ['/x/a.png', ['a.png.xmp']],
      ['/y/a.png', ['a-2.png.xmp']],
    ]);
  });

  it('writes over a line that was torn when another process was ended', async () => {
    const folder = await OutputFolder.open(place.path, [], strict);
    await folder.reserve('/x/a.png');
    await appendFile(join(place.path, 'attend.jsonl'), '{"file":"/y/b.p');
    await folder.reserve('/x/b.png');
    expect((await list()).map(({ file }) => file)).toEqual(['/x/a.png', '/x/b.png']);
  });

  it('is read past a byte order mark and other line ends', async () => {
    const lines = ['a', 'b'].map((name) => JSON.stringify({ file: `/x/${name}.png`, name: `${name}-2`, outputs: [] }));
    await put('attend.jsonl', `\uFEFF${lines.join('\r\n')}\r\n`);
    const folder = await OutputFolder.open(place.path, [], { keepStrangers: false });
    expect(folder.before.map(({ name }) => name)).toEqual(['a-2', 'b-2']);
  });

  it('says that its list is damaged, and leaves it', async () => {
    await put('attend.jsonl', 'Dear diary,\ntoday\n');
    const opening = OutputFolder.open(place.path, [], strict);
    await expect(opening).rejects.toBeInstanceOf(OutputError);
    await expect(opening).rejects.toThrow(/line 1 is not a line of JSON/);
    expect(await readFile(join(place.path, 'attend.jsonl'), 'utf8')).toBe('Dear diary,\ntoday\n');
  });
});
