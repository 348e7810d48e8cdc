import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { MetadataWriter } from '../../src/service/export/metadata-writer.ts';
import { ownText } from '../../src/service/export/xmp.ts';
import { useTestBackend } from '../support/backend.ts';
import { useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();
const cli = useCli();
const metadata = new MetadataWriter();
const hasExifTool = await metadata.isAvailable();

let folder: { path: string; remove: () => Promise<void> };
let cwd: string;
const model = ['--model', '../captioner-tiny'];
const caption = (...args: string[]): ReturnType<typeof cli.ask> => cli.ask(['caption', ...args, ...model], { cwd });
const textOf = (name: string): Promise<string> => readFile(join(cwd, name), 'utf8');
/** What a run printed, by the name of the photo. */
const captionsIn = (stdout: string): Map<string, string> =>
  new Map(Array.from(stdout.matchAll(/^(\S+): (.*)$/gm), ([, name = '', text = '']) => [name, text]));

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel(folder.path);
  cwd = join(folder.path, 'photos');
});
beforeEach(async () => {
  await rm(cwd, { recursive: true, force: true });
  await mkdir(cwd);
  for (const [seed, name] of ['a.png', 'b.jpg', 'c.jpg'].entries()) await writeTinyPhoto(join(cwd, name), seed);
});
afterAll(async () => {
  await metadata.close();
  await folder.remove();
});

describe('attend caption --write', () => {
  it('writes a sidecar and a text beside each photo, and says how many', async () => {
    const { code, stdout, stderr } = await caption('.', '--write', 'xmp,txt', '--keywords', '--start', 'the dog');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Beside the photos: 6 texts written, 0 left as they were, 0 failed.\n',
    });
    for (const [name, text] of captionsIn(stdout)) {
      const sidecar = ownText(await textOf(`${name}.xmp`));
      expect(sidecar.caption).toBe(text);
      expect(sidecar.keywords).toContain('dog');
      expect(await textOf(name.replace(/\.\w+$/, '.txt'))).toBe(`${text}\n`);
    }
  });

  it('comes to its end where it waits for ExifTool alone', async () => {
    for (let i = 0; i < 20; i++) await writeTinyPhoto(join(cwd, `${i}.jpg`), i);
    // Node ends with 13 where something is awaited that does not keep it alive.
    const args = ['caption', '.', '--write', 'xmp', '--include-unsure', ...model];
    expect(await cli.run(args, { cwd })).toMatchObject({ code: 0 });
    expect((await readdir(cwd)).filter((name) => name.endsWith('.xmp'))).toHaveLength(23);
  });

  it('gives two photos of one name two texts', async () => {
    await writeTinyPhoto(join(cwd, 'a.jpg'), 5);
    const first = await caption('a.png', '--write', 'txt');
    const second = await caption('a.jpg', '--write', 'txt', '--existing', 'overwrite');
    expect(await textOf('a-png.txt')).toBe(first.stdout.replace('a.png: ', ''));
    expect(await textOf('a-jpg.txt')).toBe(second.stdout.replace('a.jpg: ', ''));
  });

  it.each([
    ['skip', () => 'My dog.\n', '0 texts written, 1 left as it was, 0 failed'],
    ['append', (text: string) => `My dog.\n${text}\n`, '1 text written, 0 left as they were, 0 failed'],
    ['overwrite', (text: string) => `${text}\n`, '1 text written, 0 left as they were, 0 failed'],
  ])('treats what stands there as it is told: %s', async (existing, expected, said) => {
    await writeFile(join(cwd, 'a.txt'), 'My dog.\n');
    const { code, stdout, stderr } = await caption('a.png', '--write', 'txt', '--existing', existing);
    expect(await textOf('a.txt')).toBe(expected(captionsIn(stdout).get('a.png') ?? ''));
    expect(stderr).toContain(said);
    expect(code).toBe(0);
  });

  it('leaves what a person wrote as it is where nothing else was said', async () => {
    await writeFile(join(cwd, 'a.txt'), 'My dog.\n');
    await caption('a.png', '--write', 'txt');
    expect(await textOf('a.txt')).toBe('My dog.\n');
  });

  it.skipIf(!hasExifTool)('writes into photos, and keeps their times unless told otherwise', async () => {
    const photo = join(cwd, 'b.jpg');
    const then = new Date('2020-05-01T12:00:00Z');
    await utimes(photo, then, then);
    const { stdout } = await caption('b.jpg', '--write', 'embed');
    const said = captionsIn(stdout).get('b.jpg');
    expect((await metadata.textIn([photo])).caption).toBe(said);
    expect((await stat(photo)).mtime).toEqual(then);
    const again = ['--existing', 'append', '--no-keep-times', '--start', 'the dog'];
    expect(await caption('b.jpg', '--write', 'embed', ...again)).toMatchObject({ code: 0 });
    expect((await stat(photo)).mtime).not.toEqual(then);
    expect((await metadata.textIn([photo])).caption).toMatch(/\nThe dog/);
  });

  it.skipIf(!hasExifTool)('leaves the trouble of one photo with that photo', async () => {
    await writeFile(
      join(cwd, 'd.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>',
    );
    await chmod(join(cwd, 'b.jpg'), 0o444);
    await mkdir(join(cwd, 'c.jpg.xmp'));
    const { code, stdout, stderr } = await caption('.', '--write', 'xmp,embed', '--jsonl');
    expect(code).toBe(1);
    expect(stderr).toContain('cannot write b.jpg: it is write-protected.');
    expect(stderr).toContain('cannot write c.jpg.xmp: there is a folder of that name.');
    expect(stderr).toContain('cannot write into d.svg: SVG files take no captions. Export an XMP sidecar instead.');
    expect(stderr).toContain('Beside the photos: 5 texts written, 0 left as they were, 3 failed.');
    expect(stderr).toContain('3 of 4 photos failed.');
    const lines = stdout.trimEnd().split('\n');
    const results = lines.map((line) => JSON.parse(line) as CaptionedPhoto & { beside: Record<string, unknown> });
    expect(results.map(({ beside, file }) => [file, beside])).toEqual([
      ['a.png', { xmp: 'written', embed: 'written' }],
      ['b.jpg', { xmp: 'written', embed: { error: expect.stringContaining('write-protected') } }],
      ['c.jpg', { xmp: { error: expect.stringContaining('there is a folder') }, embed: 'written' }],
      ['d.svg', { xmp: 'written', embed: { error: expect.stringContaining('take no captions') } }],
    ]);
  });

  it('goes on with the photos beside which something is missing, from a list on standard input', async () => {
    const toFile = ['--jsonl', '--output', 'out.jsonl'];
    await caption('a.png', ...toFile);
    await mkdir(join(cwd, 'b.txt'));
    expect((await caption('b.jpg', 'c.jpg', '--write', 'txt', ...toFile, '--resume')).code).toBe(1);
    await rm(join(cwd, 'b.txt'), { recursive: true });
    await writeFile(join(cwd, 'c.txt'), 'Changed since.\n');
    const { code, stderr } = await cli.run(
      ['caption', '-', '--write', 'txt', '--existing', 'overwrite', ...toFile, '--resume', ...model],
      { cwd, stdin: 'a.png\nb.jpg\nc.jpg\n' },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Beside the photos: 2 texts written, 0 left as they were, 0 failed.\n',
    });
    // What an earlier run has done stays done.
    expect(await textOf('c.txt')).toBe('Changed since.\n');
    const files = (await textOf('out.jsonl')).match(/"file":"[^"]*"/g);
    expect(files?.toSorted()).toEqual(['"file":"a.png"', '"file":"b.jpg"', '"file":"c.jpg"']);
  });

  it('goes on with drawn photos beside which something is missing', async () => {
    const draw = ['--overlay', 'out', '--format', 'json'];
    await caption('a.png', ...draw);
    const { stderr } = await caption('a.png', ...draw, '--write', 'xmp', '--resume');
    expect(stderr).toBe('Beside the photos: 1 text written, 0 left as they were, 0 failed.\n');
    expect((await caption('a.png', ...draw, '--write', 'xmp', '--resume')).stderr).toContain('1 photo of 1 done');
  });

  it('goes on by what stands beside the photos where there is no list', async () => {
    await caption('a.png', '--write', 'xmp,txt', '--keywords', '--start', 'the dog');
    await writeFile(join(cwd, 'b.txt'), 'Written by hand.\n');
    const write = ['--write', 'xmp,txt', '--start', 'the dog', '--resume'];
    const { code, stdout, stderr } = await caption('.', ...write);
    expect([...captionsIn(stdout).keys()]).toEqual(['b.jpg', 'c.jpg']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        '1 photo passed over, since all of it stands beside already.\n' +
        'Beside the photos: 3 texts written, 1 left as it was, 0 failed.\n',
    });
    const again = await caption('.', ...write);
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
    expect(again.stderr).toContain('3 photos passed over');
    // Those without keywords are gone over again where these are asked for.
    expect([...captionsIn((await caption('.', ...write, '--keywords')).stdout).keys()]).toEqual(['b.jpg', 'c.jpg']);
  });

  it('gives photos whose names are too long texts of their own, in one run or in several', async () => {
    const long = 'Ausflug an den See '.repeat(8);
    for (const [seed, end] of ['one', 'two'].entries()) await writeTinyPhoto(join(cwd, `${long}${end}.png`), seed);
    for (const end of ['one', 'two']) {
      const { stderr } = await caption(`${long}${end}.png`, '--write', 'txt', '--existing', 'overwrite');
      expect(stderr).toContain('1 text written');
    }
    expect((await readdir(cwd)).filter((name) => name.endsWith('.txt'))).toHaveLength(2);
  });

  it.each<[string, string[], string]>([
    ['to go on where what stands there changes', ['--write', 'txt', '--existing', 'append', '--resume'], 'Add --jsonl'],
    ['an unknown place', ['--write', 'exif'], 'It takes xmp, embed, txt'],
    ['--existing without --write', ['--existing', 'append'], '--write must say what'],
    ['an unknown mode', ['--write', 'txt', '--existing', 'merge'], 'Allowed choices are skip, append, overwrite.'],
    ['file times where no photo is changed', ['--write', 'txt', '--no-keep-times'], '--no-keep-times is about'],
    ['a byte order mark without a table', ['--byte-order-mark'], 'it needs --csv'],
  ])('answers 2 to %s', async (_, args, message) => {
    const { code, stderr } = await caption('a.png', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect((await readdir(cwd)).toSorted()).toEqual(['a.png', 'b.jpg', 'c.jpg']);
  });
});

describe('attend caption --csv', () => {
  it('begins with a byte order mark where one is asked for', async () => {
    expect((await caption('a.png', '--csv')).stdout).toMatch(/^file,/);
    expect((await caption('a.png', '--csv', '--byte-order-mark')).stdout).toMatch(/^\uFEFFfile,/);
  });
});
