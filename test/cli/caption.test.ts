import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { useTestBackend } from '../support/backend.ts';
import { finish, useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();
const cli = useCli();

let folder: { path: string; remove: () => Promise<void> };
let cwd: string;
const model = ['--model', '../captioner-tiny'];
const caption = (...args: string[]): ReturnType<typeof cli.ask> => cli.ask(['caption', ...args, ...model], { cwd });
const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const filesOf = (text: string): unknown[] => linesOf(text).map(({ file }) => file);
/** The photos of which a folder of pictures has a line that says that they are done. */
const drawnIn = async (list: string): Promise<string[]> =>
  linesOf(await readFile(join(cwd, list), 'utf8'))
    .filter(({ model }) => model !== undefined)
    .map(({ file }) => relative(cwd, file as string));

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel(folder.path);
  cwd = join(folder.path, 'photos');
});
beforeEach(async () => {
  await rm(cwd, { recursive: true, force: true });
  await mkdir(cwd);
  for (const [seed, name] of ['a.png', 'b.jpg', 'c.png'].entries()) await writeTinyPhoto(join(cwd, name), seed);
});
afterAll(() => folder.remove());

describe('attend caption', () => {
  it('prints a line a photo and nothing else', async () => {
    const { code, stdout, stderr } = await cli.run(['caption', '.', ...model], { cwd });
    expect(stdout).toMatch(/^a\.png: [A-Z][a-z ]*\.\nb\.jpg: [A-Z][a-z ]*\.\nc\.png: [A-Z][a-z ]*\.\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('captions the good photos around a broken one, and says so in its exit code', async () => {
    await writeFile(join(cwd, 'b.jpg'), 'no photo');
    const { code, stdout, stderr } = await cli.run(['caption', '.', 'missing.png', ...model], { cwd });
    expect(code).toBe(1);
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual(['a.png', 'c.png', '']);
    expect(stderr).toContain('cannot read b.jpg: ');
    expect(stderr).toContain('cannot read missing.png: there is no such file');
    expect(stderr).toContain('2 of 4 photos failed.');
    expect(stderr).not.toContain('    at ');
  });

  it('prints one JSON array, with failures in their places', async () => {
    const { code, stdout } = await caption('a.png', 'missing.png', 'c.png', '--json', '--alternatives', '2');
    expect(code).toBe(1);
    const results = JSON.parse(stdout) as (CaptionedPhoto & { error?: string })[];
    expect(results.map(({ file, error }) => [file, error === undefined])).toEqual([
      ['a.png', true],
      ['missing.png', false],
      ['c.png', true],
    ]);
    expect(results[0]).toMatchObject({ width: 40, height: 30, grid: [3, 3], model: 'captioner-tiny' });
    expect(results[0]?.alternatives).toHaveLength(2);
  });

  it('gives alternatives their words and maps where that is asked for, and else their texts', async () => {
    const [plain] = linesOf((await caption('a.png', '--jsonl', '--alternatives', '2')).stdout);
    const asked = ['--jsonl', '--alternatives', '2', '--alternatives-with-maps'];
    const [full] = linesOf((await caption('a.png', ...asked)).stdout);
    const [without, withMaps] = [plain, full].map((line) => CaptionedPhoto.strict().parse(line));
    expect(without!.alternatives.map((one) => Object.keys(one))).toEqual(Array(2).fill(['caption', 'score']));
    for (const { caption: text, words = [] } of withMaps!.alternatives) {
      expect(text.toLowerCase()).toBe(`${words.map(({ word }) => word).join(' ')}.`);
      for (const { weights } of words) expect(weights).toHaveLength(9);
    }
    expect(withMaps!.alternatives.map(({ caption: text, score }) => ({ caption: text, score }))).toEqual(
      without!.alternatives,
    );
  });

  it('prints an array also where nothing could be captioned', async () => {
    const { code, stdout } = await caption('*.bmp', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([{ file: '*.bmp', error: expect.stringContaining('nothing matches') }]);
  });

  it('prints a table that a spreadsheet can be trusted with', async () => {
    await cp(join(cwd, 'a.png'), join(cwd, '=1+1, x.png'));
    const { stdout } = await caption('=1+1, x.png', 'missing.png', '--csv', '--alternatives', '1');
    const [header, first, second, ...rest] = stdout.split('\n');
    expect(header).toBe('file,width,height,caption,score,error,confidence,not sure,alternative 1');
    expect(first).toMatch(/^"\.\/=1\+1, x\.png",40,30,[A-Z][a-z ]*\.,-?[\d.e-]+,,,,[A-Z][a-z ]*\.$/);
    expect(second).toMatch(/^missing\.png,,,,,cannot read missing\.png: .*,,,$/);
    expect(rest).toEqual(['']);
  });

  it('gives keywords where they are asked for, in each format', async () => {
    const start = ['--start', 'the dog with the ball', '--keywords'];
    expect((await caption('a.png', ...start)).stdout).toMatch(/\n {4}keywords: dog, ball/);
    const [photo] = JSON.parse((await caption('a.png', ...start, '--json')).stdout) as CaptionedPhoto[];
    expect(photo?.keywords?.slice(0, 2)).toEqual(['dog', 'ball']);
    const [header, row] = (await caption('a.png', ...start, '--csv')).stdout.split('\n');
    expect(header).toBe('file,width,height,caption,score,error,confidence,not sure,keywords');
    expect(row?.split(',').at(-1)).toBe(photo?.keywords?.join('; '));
  });

  it('takes patterns, and paths on standard input', async () => {
    const given = await cli.run(['caption', '*.jpg', '-', '--jsonl', ...model], { cwd, stdin: 'c.png\na.png\n' });
    expect(filesOf(given.stdout)).toEqual(['b.jpg', 'c.png', 'a.png']);
    expect(given.code).toBe(0);
  });

  it('begins captions as it is told', async () => {
    const { stdout } = await caption('a.png', '--start', 'a dog', '--beam', '2');
    expect(stdout).toMatch(/^a\.png: A dog/);
  });

  it.each<[string, string[], string]>([
    ['an unknown option, with the nearest known one', ['a.png', '--alternative', '2'], 'Did you mean --alternatives?'],
    ['no photos', [], "missing required argument 'paths'"],
    ['two formats', ['a.png', '--json', '--csv'], 'cannot be used with'],
    ['a beam of nothing', ['a.png', '--beam', '0'], 'It takes a whole number from 1 to 100.'],
    ['an unknown picture format', ['a.png', '--overlay', 'out', '--format', 'png,bmp'], 'not "bmp"'],
    ['a picture format without a place', ['a.png', '--format', 'png'], '--overlay DIR'],
    [
      'maps of alternatives where there are none',
      ['a.png', '--json', '--alternatives-with-maps'],
      '--alternatives-with-maps needs --alternatives N',
    ],
    [
      'maps of alternatives in a table',
      ['a.png', '--csv', '--alternatives', '2', '--alternatives-with-maps'],
      'only JSON has words and maps',
    ],
    ['--resume without anything to go on from', ['a.png', '--resume'], '--resume needs'],
    ['an --output that is one of the photos', ['a.png', 'b.jpg', '-o', './b.jpg'], '--output would overwrite b.jpg'],
    [
      'a beginning as long as a caption may be',
      ['a.png', '--start', 'a dog '.repeat(10), '-o', 'out.txt'],
      'The beginning has 20 words',
    ],
    [
      'a beginning with a word that it does not know',
      ['a.png', '--start', 'a zebra'],
      'does not know the word "zebra"',
    ],
  ])('answers 2 to %s', async (_, args, message) => {
    const { code, stdout, stderr } = await caption(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each<[string, string[], string]>([
    ['a model that is not there', ['a.png', '--model', 'huge'], 'There is no model "huge"'],
    [
      'a file that cannot be written',
      ['a.png', '--jsonl', '-o', 'no/such/folder.jsonl'],
      'cannot write no/such/folder.jsonl: its folder does not exist.',
    ],
    [
      'a picture folder that cannot be made',
      ['a.png', '--overlay', 'a.png/out'],
      'cannot write a.png/out: a part of its path is a file',
    ],
  ])('answers 1 to %s', async (_, args, message) => {
    const named = args.includes('--model') ? args : [...model, ...args];
    const { code, stdout, stderr } = await cli.ask(['caption', ...named], { cwd });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).not.toContain('    at ');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it.skipIf(process.platform !== 'linux')('says when the disk is full', async () => {
    const { code, stderr } = await caption('a.png', '--jsonl', '-o', '/dev/full');
    expect(stderr).toContain('error: cannot write /dev/full: the disk is full.');
    expect(code).toBe(1);
  });

  it('shows where an error comes from when asked to', async () => {
    const { stderr } = await cli.run(['caption', 'a.png', '--model', 'huge'], { cwd, env: { ATTEND_DEBUG: '1' } });
    expect(stderr).toContain('    at ');
  });
});

describe('attend caption --resume', () => {
  const toFile = ['--jsonl', '--output', 'out.jsonl'];
  const output = async (): Promise<string> => readFile(join(cwd, 'out.jsonl'), 'utf8');

  it('goes on where the file of results ends, and tries again what failed', async () => {
    await writeFile(join(cwd, 'c.png'), 'broken');
    expect((await caption('a.png', 'c.png', ...toFile)).code).toBe(1);
    expect(linesOf(await output()).map((line) => 'error' in line)).toEqual([false, true]);
    // As if the machine had gone off while a line was written.
    await writeFile(join(cwd, 'out.jsonl'), `${await output()}{"file":"b.jp`);
    await writeTinyPhoto(join(cwd, 'c.png'), 2);

    const { code, stderr } = await caption('a.png', 'b.jpg', 'c.png', ...toFile, '--resume');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '1 photo of 3 done already.\n' });
    const lines = linesOf(await output());
    expect(lines.map(({ file }) => file)).toEqual(['a.png', 'b.jpg', 'c.png']);
    expect(lines.every((line) => 'caption' in line)).toBe(true);
  });

  it('has nothing to do where all is done', async () => {
    await caption('.', ...toFile);
    const before = await output();
    const { code, stderr } = await caption('.', ...toFile, '--resume');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '3 photos of 3 done already.\n' });
    expect(await output()).toBe(before);
  });

  it('knows a photo by where it is, from whatever folder it is called', async () => {
    const places = ['x', 'y'].map((name) => join(cwd, name));
    for (const [seed, folder] of places.entries()) {
      await mkdir(folder);
      await writeTinyPhoto(join(folder, 'a.png'), seed + 3);
    }
    const run = (folder: string, photo: string) =>
      cli.ask(
        [
          'caption',
          photo,
          '--jsonl',
          '-o',
          join(cwd, 'out.jsonl'),
          '--resume',
          '--model',
          join(cwd, '../captioner-tiny'),
        ],
        { cwd: folder },
      );
    await run(places[0]!, 'a.png');
    // Another photo of that name is not done, and the same one by another name is.
    expect((await run(places[1]!, 'a.png')).stderr).toBe('');
    for (const name of ['../x/a.png', 'a.png', join(places[0]!, 'a.png')]) {
      expect((await run(places[1]!, name)).stderr).toBe('1 photo of 1 done already.\n');
    }
    expect((await run(cwd, 'x/a.png')).stderr).toBe('1 photo of 1 done already.\n');
    expect(linesOf(await output()).map(({ file, path }) => [file, path])).toEqual(
      places.map((folder) => ['a.png', join(folder, 'a.png')]),
    );
  });

  it('goes over photos again that have no keywords yet, where these are asked for', async () => {
    await caption('a.png', ...toFile);
    await caption('a.png', 'b.jpg', ...toFile, '--keywords', '--resume');
    const lines = linesOf(await output());
    expect(lines.map(({ file }) => file)).toEqual(['a.png', 'b.jpg']);
    expect(lines.every((line) => Array.isArray(line['keywords']))).toBe(true);
  });

  it('does not mix the captions of two models', async () => {
    await writeFile(join(cwd, 'out.jsonl'), '{"file":"a.png","caption":"A cat.","model":"other"}\n');
    const { code, stderr } = await caption('a.png', ...toFile, '--resume');
    expect(stderr).toContain('holds captions by the model other');
    expect(code).toBe(2);
  });

  it('does not take a file of something else for results', async () => {
    await writeFile(join(cwd, 'out.jsonl'), 'Dear diary,\ntoday\n');
    const { code, stderr } = await caption('a.png', ...toFile, '--resume');
    expect(stderr).toContain('line 1 is not a line of JSON');
    expect(code).toBe(1);
    expect(await output()).toBe('Dear diary,\ntoday\n');
  });

  it('does not empty a file of JSON lines that are no results', async () => {
    const captions = '{"file":"a.png","captions":["a dog"]}\n';
    await writeFile(join(cwd, 'out.jsonl'), captions);
    const { code, stderr } = await caption('a.png', ...toFile, '--resume');
    expect(stderr).toContain('holds something else than the results of attend caption');
    expect(code).toBe(2);
    expect(await output()).toBe(captions);
  });

  it('skips the photos whose pictures are there, and draws again what is missing', async () => {
    const draw = ['--overlay', 'out', '--format', 'svg,json'];
    await caption('a.png', 'b.jpg', ...draw);
    expect((await readdir(join(cwd, 'out'))).toSorted()).toEqual([
      'a.json',
      'a.svg',
      'attend.jsonl',
      'b.json',
      'b.svg',
    ]);
    const json = JSON.parse(await readFile(join(cwd, 'out', 'a.json'), 'utf8')) as CaptionedPhoto;
    expect(json.words[0]?.weights).toHaveLength(9);

    await rm(join(cwd, 'out', 'b.svg'));
    const { stdout, stderr } = await caption('a.png', 'b.jpg', 'c.png', ...draw, '--resume');
    expect(stderr).toBe('1 photo of 3 done already.\n');
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual(['b.jpg', 'c.png', '']);
    expect(await readdir(join(cwd, 'out'))).toContain('b.svg');
    expect(await drawnIn('out/attend.jsonl')).toEqual(['a.png', 'b.jpg', 'c.png']);
  });

  it.each(['mattered', 'posterior'] as const)('draws and lists again what has other maps than %s', async (kind) => {
    const all = ['a.png', ...toFile, '--overlay', 'out', '--format', 'json'];
    const hasThem = async (): Promise<boolean[]> => {
      const drawn = JSON.parse(await readFile(join(cwd, 'out', 'a.json'), 'utf8')) as CaptionedPhoto;
      const listed = linesOf(await output())[0] as unknown as CaptionedPhoto;
      return [drawn, listed].map(({ words }) => words[0]?.[kind] !== undefined);
    };
    await caption(...all);
    expect(await hasThem()).toEqual([false, false]);
    const again = await caption(...all, '--maps', kind, '--resume');
    expect(again.stderr).not.toContain('done already');
    expect(await hasThem()).toEqual([true, true]);
    expect((await caption(...all, '--maps', kind, '--resume')).stderr).toContain('1 photo of 1 done already');
  });
});

describe('attend caption --overlay', () => {
  const drawn = async (): Promise<string[]> => (await readdir(join(cwd, 'out'))).toSorted();

  it('gives photos of one name in different folders files of their own, in one run or in several', async () => {
    for (const [seed, name] of ['x', 'y'].entries()) {
      await mkdir(join(cwd, name));
      await writeTinyPhoto(join(cwd, name, 'a.png'), seed + 3);
    }
    const draw = ['--overlay', 'out', '--format', 'json'];
    const fileIn = async (name: string): Promise<unknown> =>
      (JSON.parse(await readFile(join(cwd, 'out', name), 'utf8')) as CaptionedPhoto).file;
    await caption('x/a.png', ...draw);
    await caption('y/a.png', ...draw);
    await caption('a.png', ...draw, '--resume');
    // Drawn again, in their own places.
    await caption('y/a.png', 'x/a.png', ...draw);
    expect(await drawn()).toEqual(['a-2.json', 'a-png.json', 'a.json', 'attend.jsonl']);
    expect(await Promise.all(['a.json', 'a-png.json', 'a-2.json'].map(fileIn))).toEqual([
      'x/a.png',
      'y/a.png',
      'a.png',
    ]);
    expect((await drawnIn('out/attend.jsonl')).toSorted()).toEqual(['a.png', 'x/a.png', 'y/a.png']);
  });

  it('knows whose is which from whatever folder it is called', async () => {
    const named = ['x', 'y'].map((name) => join(cwd, name));
    for (const [seed, name] of named.entries()) {
      await mkdir(name);
      await writeTinyPhoto(join(name, 'a.png'), seed + 3);
    }
    const draw = ['a.png', '--overlay', '../out', '--format', 'json', '--model', '../../captioner-tiny'];
    for (const name of named) await cli.ask(['caption', ...draw], { cwd: name });
    expect(await drawn()).toEqual(['a-png.json', 'a.json', 'attend.jsonl']);
    await rm(join(cwd, 'out', 'a-png.json'));
    const [first, second] = await Promise.all(
      named.map((name) => cli.run(['caption', ...draw, '--resume'], { cwd: name })),
    );
    expect(first?.stderr).toBe('1 photo of 1 done already.\n');
    expect(second?.stderr).toBe('');
    expect(await drawn()).toEqual(['a-png.json', 'a.json', 'attend.jsonl']);
  });

  it('leaves a file that somebody else put into the folder', async () => {
    await mkdir(join(cwd, 'out'));
    await writeFile(join(cwd, 'out', 'a.json'), '{}');
    await caption('a.png', '--overlay', 'out', '--format', 'json');
    expect(await drawn()).toEqual(['a-png.json', 'a.json', 'attend.jsonl']);
    expect(await readFile(join(cwd, 'out', 'a.json'), 'utf8')).toBe('{}');
  });
});

describe.skipIf(process.platform === 'win32')('attend caption, interrupted', () => {
  /** Starts on photos from standard input, and interrupts when the first result has come. */
  async function interrupt(...args: string[]): ReturnType<typeof finish> {
    const child = cli.start(['caption', '-', '--jsonl', ...model, ...args], { cwd });
    const finished = finish(child);
    child.stdin.write('a.png\n');
    const results = join(cwd, 'out.jsonl');
    const hasResult = async (): Promise<boolean> => (await readFile(results, 'utf8').catch(() => '')).includes('\n');
    while (!(await hasResult())) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    return finished;
  }

  it('keeps what is done and says how to go on', async () => {
    const { code, stderr } = await interrupt('--output', 'out.jsonl');
    expect(code).toBe(130);
    expect(stderr).toContain('Stopping after the photo in hand.');
    expect(stderr).toContain('Stopped after 1 photo. The same command with --resume goes on from here.');
    expect(filesOf(await readFile(join(cwd, 'out.jsonl'), 'utf8'))).toEqual(['a.png']);

    const rest = await cli.run(['caption', '-', '--jsonl', '--output', 'out.jsonl', '--resume', ...model], {
      cwd,
      stdin: 'a.png\nb.jpg\n',
    });
    expect(rest.code).toBe(0);
    expect(filesOf(await readFile(join(cwd, 'out.jsonl'), 'utf8'))).toEqual(['a.png', 'b.jpg']);
  });
});
