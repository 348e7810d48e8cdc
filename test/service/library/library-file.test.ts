import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { addUpload } from '../../../src/service/library/add-photos.ts';
import { newId, type Entry } from '../../../src/service/library/entry.ts';
import type { Library } from '../../../src/service/library/library.ts';
import { photosOfOtherSessions, putOtherSessionsAway } from '../../../src/service/library/library-file.ts';
import { describeDamage } from '../../../src/service/describe-damage.ts';
import type { CaptionResult } from '../../../src/contract/data/captions.ts';
import { writeTinyPhoto } from '../../support/tiny-captioner.ts';
import { useLibraryHome } from '../../support/library-home.ts';

const place = useLibraryHome();
const openLibrary = place.open;
let home: string;
let file: string;
beforeEach(async () => {
  home = place.home;
  file = join(home, 'library.jsonl');
  await mkdir(home, { recursive: true });
});

const resultOf = (photoId: string, caption: string): CaptionResult => ({
  photoId,
  captions: [{ caption, score: -1, words: [] }],
  grid: [1, 1],
  given: 0,
  model: 'tiny',
  backend: 'wasm',
  milliseconds: { read: 0, encode: 0, decode: 0 },
  at: '2026-01-01T00:00:00Z',
});
const fields = (name: string): Omit<Entry, 'id' | 'state' | 'caption' | 'edited' | 'addedAt'> => ({
  name,
  path: `/photos/${name}`,
  upload: null,
  changed: 1,
  width: 40,
  height: 30,
  error: null,
});
const old = (name: string, edited: string): Entry => ({
  ...fields(name),
  id: newId(),
  state: 'none',
  caption: null,
  edited,
  addedAt: '2026-01-01T00:00:00Z',
});
const captions = (library: Library): (string | null)[][] => library.list().map(({ name, edited }) => [name, edited]);

async function write(...names: string[]): Promise<void> {
  const library = await openLibrary(home);
  for (const name of names) await library.keep(library.add(fields(name)).id, { edited: `Caption of ${name}.` });
  await library.close();
}

const damaged = async (): Promise<string[]> => (await readdir(home)).filter((name) => name.includes('.damaged-'));

describe('a library that was damaged', () => {
  it('goes on with what is sound, says what was lost, and keeps the damaged file byte for byte', async () => {
    await write('a.jpg', 'b.jpg');
    const bytes = Buffer.from((await readFile(file, 'latin1')).replaceAll('"a.jpg"', '"A.jpg"'), 'latin1');
    await writeFile(file, bytes);
    const library = await openLibrary(home);
    expect(captions(library)).toEqual([['b.jpg', 'Caption of b.jpg.']]);
    expect(describeDamage(library.damage!)).toMatch(/^The library was damaged: .*record.* unreadable.*kept beside/);
    const [aside] = await damaged();
    expect(await readFile(join(home, aside!))).toEqual(bytes);
  });

  it('goes back to an earlier record of a photo whose last one is damaged', async () => {
    const library = await openLibrary(home);
    const { id } = library.add(fields('a.jpg'));
    await library.keep(id, { edited: 'First.' });
    await library.keep(id, { edited: 'Second.' });
    await library.close();
    await writeFile(file, (await readFile(file, 'utf8')).replace('Second.', 'Sec0nd.'));
    expect(captions(await openLibrary(home))).toEqual([['a.jpg', 'First.']]);
  });

  it.each([
    ['in reverse order', (lines: string[]) => lines.toReversed()],
    ['one of them twice', (lines: string[]) => [...lines, lines[1]]],
  ])('has its last captions though its records lie %s, says so once, and goes on', async (_, disturb) => {
    const library = await openLibrary(home);
    const { id } = library.add(fields('a.jpg'));
    await library.keep(id, { edited: 'First.' });
    await library.keep(id, { edited: 'Second.' });
    await library.close();
    await writeFile(file, `${disturb((await readFile(file, 'utf8')).trimEnd().split('\n')).join('\n')}\n`);
    const again = await openLibrary(home);
    expect(captions(again)).toEqual([['a.jpg', 'Second.']]);
    expect(describeDamage(again.damage!)).toMatch(
      /not in the order .* They are again, and nothing is lost.*kept beside/,
    );
    await again.keep(id, { edited: 'Third.' });
    await again.close();
    const third = await openLibrary(home);
    expect([captions(third), third.damage]).toEqual([[['a.jpg', 'Third.']], null]);
    expect(await damaged()).toHaveLength(1);
  });

  it('tells of a record whose line is gone', async () => {
    await write('a.jpg', 'b.jpg');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, lines.filter((line) => !line.includes('b.jpg')).join('\n'));
    // The last one cannot be told from one that was never written.
    expect((await openLibrary(home)).damage).toBeNull();
    await writeFile(file, lines.filter((line) => !line.includes('a.jpg')).join('\n'));
    expect(describeDamage((await openLibrary(home)).damage!)).toContain('unreadable');
  });

  it('takes photos that the journal has lost from the one before it, and no removed ones', async () => {
    const library = await openLibrary(home);
    const ids = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => library.add(fields(name)).id);
    // Long enough to be written anew.
    for (let i = 0; i < 1010; i++) await library.keep(ids[0]!, { edited: `Caption ${i}.` });
    await library.remove([ids[2]!]);
    await library.close();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"b.jpg"', '"B.jpg"'));
    const again = await openLibrary(home);
    expect(
      captions(again)
        .map(([name]) => name)
        .sort(),
    ).toEqual(['a.jpg', 'b.jpg']);
    expect(again.damage).toMatchObject({ back: 1 });
    expect(describeDamage(again.damage!)).toContain('1 of the photos came back');
    await again.close();
    // And has them from then on.
    expect((await readFile(file, 'utf8')).split('\n').slice(-2)[0]).toContain('b.jpg');
  });

  describe.each([
    ['is missing', (): Promise<void> => rm(file)],
    ['is empty', (): Promise<void> => writeFile(file, '')],
    ['is nothing but zeros', (): Promise<void> => writeFile(file, Buffer.alloc(500))],
  ])('whose list %s', (what, lose) => {
    const sent = async (library: Library, name: string): Promise<Entry> => {
      const photo = join(place.folder, name);
      await writeTinyPhoto(photo, name.length);
      const entry = await addUpload(library, name, await readFile(photo));
      // The clock of a file system may stand still for milliseconds: what is sent a moment later looks as old, or older.
      const later = new Date(Date.now() + 1000 * library.size);
      await utimes(join(home, 'uploads', entry.upload!), later, later);
      return entry;
    };

    it('gets its photos back from what lies beside it, and says so', async () => {
      const library = await openLibrary(home);
      const { id } = library.add(fields('a.jpg'));
      await library.setResult(id, resultOf(id, 'A dog.'));
      const captioned = await sent(library, 'mine.png');
      await library.setResult(captioned.id, resultOf(captioned.id, 'A cat.'));
      const bare = await sent(library, 'other.png');
      // Captioned by an Attend that did not note whose it is.
      const homeless = newId();
      await writeFile(join(home, 'results', `${homeless}.json`), JSON.stringify(resultOf(homeless, 'A bird.')));
      await library.close();
      await lose();
      const again = await openLibrary(home);
      expect(again.list().map(({ caption, name, path }) => [name, path, caption])).toEqual([
        ['a.jpg', '/photos/a.jpg', 'A dog.'],
        ['mine.png', null, 'A cat.'],
        [bare.upload, null, null],
      ]);
      expect(await again.result(captioned.id)).toMatchObject({ captions: [{ caption: 'A cat.' }] });
      expect(again.get(bare.id)).toMatchObject({ width: expect.any(Number), digest: bare.digest });
      const isZeros = what.includes('zeros');
      expect(again.damage).toMatchObject({ records: isZeros ? 1 : 0, back: 3, captions: 1 });
      expect(describeDamage(again.damage!)).toMatch(
        /(missing, empty or cut short|was damaged).* 3 of the photos came back .* Captions of others \(1\) stay in its folder "results"/,
      );
      await again.close();
      // And has them from then on.
      const third = await openLibrary(home);
      expect([third.size, third.damage]).toEqual([3, null]);
    });

    it('takes no result for that of another photo, and no folder for a photo', async () => {
      const library = await openLibrary(home);
      const [one, two] = [await sent(library, 'one.png'), await sent(library, 'three.png')];
      await library.setResult(two.id, resultOf(two.id, 'A cat.'));
      await library.close();
      await rename(join(home, 'results', `${two.id}.json`), join(home, 'results', `${one.id}.json`));
      await mkdir(join(home, 'uploads', `${newId()}.png`));
      await lose();
      const again = await openLibrary(home);
      expect(again.list().map(({ caption, upload }) => [upload, caption])).toEqual([
        [one.upload, null],
        [two.upload, null],
      ]);
      expect(again.damage).toMatchObject({ back: 2, captions: 1 });
    });

    it('has what the list before it has, but for what was removed since', async () => {
      const library = await openLibrary(home);
      const { id } = library.add(fields('a.jpg'));
      const gone = await sent(library, 'gone.png');
      const { upload } = await sent(library, 'mine.png');
      for (let i = 0; i < 1010; i++) await library.keep(id, { edited: `Caption ${i}.` });
      await library.letGo(await library.remove([gone.id]));
      await library.close();
      await lose();
      const again = await openLibrary(home);
      expect(again.list().map(({ name }) => name)).toEqual(['a.jpg', 'mine.png']);
      expect(again.list()[1]).toMatchObject({ upload });
      expect(again.list()[0]?.edited).toMatch(/^Caption \d+\.$/);
    });
  });

  it('brings back the captioned photos that the end of its list had, where that is lost', async () => {
    const library = await openLibrary(home);
    const ids = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => library.add(fields(name)).id);
    for (const id of ids) await library.setResult(id, resultOf(id, 'A dog.'));
    const cut = (await stat(file)).size;
    const late = library.add(fields('late.jpg'));
    await library.setResult(late.id, resultOf(late.id, 'A cat.'));
    await library.close();
    await truncate(file, cut);
    const again = await openLibrary(home);
    expect(again.list().map(({ caption, name }) => [name, caption])).toEqual([
      ['a.jpg', 'A dog.'],
      ['b.jpg', 'A dog.'],
      ['c.jpg', 'A dog.'],
      ['late.jpg', 'A cat.'],
    ]);
    expect(describeDamage(again.damage!)).toMatch(/cut short, but what it listed is not\. 1 of the photos came back/);
    await again.close();
    const third = await openLibrary(home);
    expect([third.size, third.damage]).toEqual([4, null]);
    // What was removed stays away.
    await third.remove([late.id]);
    await third.close();
    await writeFile(join(home, 'results', `${late.id}.json`), JSON.stringify(resultOf(late.id, 'A cat.')));
    const fourth = await openLibrary(home);
    expect([fourth.size, fourth.damage]).toEqual([3, null]);
  });

  it('goes on in the order of photos where the clock has gone back', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-27') });
    try {
      const library = await openLibrary(home);
      library.add(fields('a.jpg'));
      vi.setSystemTime(new Date('2026-11-20'));
      library.add(fields('b.jpg'));
      await library.close();
      vi.setSystemTime(new Date('1999-01-01'));
      const again = await openLibrary(home);
      again.add(fields('c.jpg'));
      await again.remove([again.list()[0]!.id]);
      await again.close();
      vi.setSystemTime(new Date('1970-01-01'));
      expect((await openLibrary(home)).list().map(({ name }) => name)).toEqual(['b.jpg', 'c.jpg']);
    } finally {
      vi.useRealTimers();
    }
  });

  it.skipIf(process.platform === 'win32')('waits for no pipe in its place', async () => {
    execFileSync('mkfifo', [file]);
    await expect(openLibrary(home)).rejects.toThrow(/library\.jsonl: it is a device, a pipe or a socket/);
  });

  it('says nothing where nothing is wrong, or where a crash has torn what nobody was promised', async () => {
    await write('a.jpg');
    await writeFile(file, `${await readFile(file, 'utf8')}0badc0de {"photo":{"id"`);
    const library = await openLibrary(home);
    expect(captions(library)).toEqual([['a.jpg', 'Caption of a.jpg.']]);
    expect(library.damage).toBeNull();
    expect(await damaged()).toEqual([]);
  });

  it('is not opened where a newer Attend wrote it, and stays as it is', async () => {
    const { Journal } = await import('../../../src/files/journal.ts');
    const { journal } = await Journal.open(file);
    await journal.append([{ attend: 'library', version: 3 }, { photos: 'of the future' }]);
    await journal.close();
    const before = await readFile(file);
    await expect(openLibrary(home)).rejects.toThrow(/written by a newer Attend\. Update Attend/);
    expect(await readFile(file)).toEqual(before);
  });

  it.each([
    ['a folder where the file should be', async () => mkdir(file), /is a folder where a file should be/],
    [
      'a file where its folder should be',
      async () => {
        home = join(home, 'file');
        await writeFile(home, '');
      },
      /a part of the path of .* is a file, not a folder/,
    ],
  ])('says in a sentence that there is %s', async (_, make, message) => {
    await make();
    await expect(openLibrary(home)).rejects.toThrow(message);
  });
});

describe('the library of an Attend before the journal', () => {
  const write1 = (text: string): Promise<void> => writeFile(join(home, 'library.json'), text);

  it('is taken over', async () => {
    await write1(JSON.stringify({ version: 1, photos: [old('a.jpg', 'A.'), old('b.jpg', 'B.')] }));
    expect(captions(await openLibrary(home))).toEqual([
      ['a.jpg', 'A.'],
      ['b.jpg', 'B.'],
    ]);
    // From the journal now.
    await write1('{}');
    expect(captions(await openLibrary(home))).toEqual([
      ['a.jpg', 'A.'],
      ['b.jpg', 'B.'],
    ]);
  });

  it('is read past a byte order mark', async () => {
    await write1(`\uFEFF${JSON.stringify({ version: 1, photos: [old('a.jpg', 'A.')] })}`);
    const library = await openLibrary(home);
    expect(captions(library)).toEqual([['a.jpg', 'A.']]);
    expect(library.damage).toBeNull();
  });

  it.each([
    ['a comma', '"width":40,"height"', '"width":40;"height"'],
    ['a quote', '"name":"b.jpg"', '"name":"b.jpg'],
    ['a number', '"width":40', '"width":"40"'],
  ])('loses the one photo in which %s is wrong, says so, and is kept as it was', async (_, sound, wrong) => {
    const photos = [old('a.jpg', 'A.'), old('b.jpg', 'B.'), old('c.jpg', 'C.')];
    const text = JSON.stringify({ version: 1, photos });
    const at = text.indexOf('"b.jpg"') - 10;
    const bad = text.slice(0, at) + text.slice(at).replace(sound, wrong);
    expect(bad).not.toBe(text);
    await write1(bad);
    const library = await openLibrary(home);
    expect(captions(library)).toEqual([
      ['a.jpg', 'A.'],
      ['c.jpg', 'C.'],
    ]);
    expect(describeDamage(library.damage!)).toContain('one record is unreadable');
    const [aside] = await damaged();
    expect(await readFile(join(home, aside!), 'utf8')).toBe(bad);
  });

  it('is not taken for empty where a newer Attend wrote it', async () => {
    await write1(JSON.stringify({ version: 7, photos: [] }));
    await expect(openLibrary(home)).rejects.toThrow(/newer Attend/);
  });
});

describe('folders of second processes', () => {
  it('become part of the one library, with what was sent there, and are put away', async () => {
    const [main, other] = [join(home, 'session'), join(home, 'session-2')];
    const library = await openLibrary(main);
    library.add(fields('same.jpg'));
    const second = await openLibrary(other);
    await second.keep(second.add(fields('same.jpg')).id, { edited: 'Written there.' });
    const sent = second.add({ ...fields('sent.png'), path: null, upload: 'sent.png' });
    await mkdir(join(other, 'uploads'));
    await writeFile(join(other, 'uploads', 'sent.png'), 'bytes');
    await second.close();

    library.takeOver(await photosOfOtherSessions(home, main));
    await putOtherSessionsAway(home);
    expect(captions(library)).toEqual([
      ['same.jpg', 'Written there.'],
      ['sent.png', null],
    ]);
    expect(await readFile(library.fileOf(library.get(sent.id)), 'utf8')).toBe('bytes');
    expect(await photosOfOtherSessions(home, main)).toEqual([]);
    expect((await readdir(home)).sort()).toEqual(['session', 'taken-over-session-2']);
    await library.close();
  });
});
