import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageVersion } from '../../src/files/package-root.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';
import { useCli } from '../support/cli.ts';
import { StubHub } from '../support/stub-hub.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();
const cli = useCli();

let folder: { path: string; remove: () => Promise<void> };
let cwd: string;
const model = ['--model', 'captioner-tiny'];

beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  await writeTinyModel(cwd);
  await mkdir(join(cwd, 'photos'));
  const lines: string[] = [];
  for (const [i, split] of ['test', 'dev', 'test'].entries()) {
    await writeTinyPhoto(join(cwd, 'photos', `${i}.png`), i);
    lines.push(JSON.stringify({ file: `${i}.png`, captions: ['a dog runs in the snow', 'the ball'], split }));
  }
  await writeFile(join(cwd, 'captions.jsonl'), lines.join('\n'));
});
afterAll(() => folder.remove());

describe('attend', () => {
  it.each([
    [['--help'], 'attend doctor'],
    [['caption', '--help'], 'attend caption dog.jpg'],
    [['evaluate', 'captions', '--help'], 'attend evaluate captions --photos'],
    [['evaluate', 'faithfulness', '--help'], 'attend evaluate faithfulness --photos'],
    [['train', 'captioner', '--help'], 'attend train captioner --config'],
    [['export', 'captioner', '--help'], 'attend export captioner --run'],
    [['doctor', '--help'], 'attend doctor --json'],
    [['models', '--help'], 'attend models add opus-mt-en-de'],
    [['help', 'caption'], 'attend caption dog.jpg'],
    [['help', 'train', 'captioner'], 'attend train captioner --config'],
    [['--version'], packageVersion()],
  ])('explains itself: %s', async (args, text) => {
    const { code, stdout, stderr } = await cli.ask(args);
    expect(stdout).toContain(text);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each<[string[], string]>([
    [[], 'Usage: attend'],
    [['capton', 'a.jpg'], 'Did you mean caption?'],
    [['evaluate', 'captions', '--photo', 'x'], 'Did you mean --photos?'],
    [['help', 'train', 'captionr'], 'Did you mean captioner?'],
    [['caption', 'a.jpg', '--beam', '3', '--beam', '4'], 'both --beam 3 and --beam 4 are given'],
    [['caption', 'a.jpg', '--flip', '--no-flip'], 'both --flip and --no-flip are given'],
    [['caption', 'a.jpg', '-o', 'a', '--output=b'], 'both --output a and --output b are given'],
    [['caption', 'a.jpg', '--resume', '--jsonl', '-o', '/dev/stdout'], '/dev/stdout is no file'],
    [['train', 'captioner'], "required option '--config <file>'"],
  ])('answers 2 to wrong usage: %s', async (args, message) => {
    const { code, stdout, stderr } = await cli.ask(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('answers 2 to a backend that does not exist', async () => {
    const { code, stderr } = await cli.run(['caption', 'a.png', ...model], { cwd, env: { ATTEND_BACKEND: 'cuda' } });
    expect(stderr).toContain('ATTEND_BACKEND is "cuda"');
    expect(code).toBe(2);
  });
});

describe('attend evaluate captions', () => {
  const evaluate = (...args: string[]): ReturnType<typeof cli.ask> =>
    cli.ask(['evaluate', 'captions', '--photos', 'photos', '--captions', 'captions.jsonl', ...model, ...args], { cwd });

  it('prints the scores of a split with their signature, and writes what it scored', async () => {
    const { code, stdout, stderr } = await evaluate('--split', 'test', '--output', 'hypotheses.jsonl');
    expect(stderr).toBe('');
    expect(stdout).toContain('2 photos of the split test: captioner-tiny, beam 3');
    for (const name of ['BLEU-1', 'BLEU-4', 'ROUGE-L', 'CIDEr-D', 'photos:2|refs:2|']) expect(stdout).toContain(name);
    const written = (await readFile(join(cwd, 'hypotheses.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { file: '0.png', caption: expect.stringMatching(/^[a-z ]+$/) },
      { file: '2.png', caption: expect.stringMatching(/^[a-z ]+$/) },
    ]);
    expect(code).toBe(0);
  });

  it('takes every photo without a split, or the first so many, and prints JSON', async () => {
    const all = JSON.parse((await evaluate('--json')).stdout);
    expect(all).toMatchObject({ photos: 3, split: null, beam: 3, model: 'captioner-tiny', backend: backendUnderTest });
    expect(all.bleu).toHaveLength(4);
    expect(all.ciderD).toEqual(expect.any(Number));
    const one = JSON.parse((await evaluate('--limit', '1', '--beam', '2', '--json')).stdout);
    expect(one).toMatchObject({ photos: 1, beam: 2 });
  });

  it.each([
    ['says which splits there are', ['--split', 'trial'], 1, 'The splits of this file: test, dev.'],
    ['does not overwrite the captions', ['-o', 'captions.jsonl'], 2, '--output would overwrite captions.jsonl'],
  ])('%s', async (_, args, expected, message) => {
    const before = await readFile(join(cwd, 'captions.jsonl'), 'utf8');
    const { code, stderr } = await evaluate(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(expected);
    expect(await readFile(join(cwd, 'captions.jsonl'), 'utf8')).toBe(before);
  });

  it('prints the scores also where what was scored cannot be written', async () => {
    const { code, stdout, stderr } = await evaluate('--limit', '1', '-o', 'captions.jsonl/hypotheses.jsonl');
    expect(stdout).toContain('CIDEr-D');
    expect(stderr).toMatch(/^error: cannot write [^:]+: a part of its path is a file, not a folder\. [^:]+\.\n$/);
    expect(code).toBe(1);
  });
});

describe('attend export captioner', () => {
  it('writes a model that captions', async () => {
    await writeFile(join(cwd, 'scores.json'), '{"ciderD": 0.6}');
    const exported = await cli.run(
      ['export', 'captioner', '--run', 'run', '--output', 'mine', '--beam', '2', '--results', 'scores.json'],
      { cwd },
    );
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(join(cwd, 'mine'))).toEqual(
      expect.arrayContaining(['README.md', 'encoder.json', 'model.json']),
    );
    expect(await readFile(join(cwd, 'mine', 'README.md'), 'utf8')).toContain('- ciderD: 0.6');
    const { code, stdout } = await cli.run(['caption', 'photos/0.png', '--model', 'mine', '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ model: 'mine' }]);
  });

  it('says what it cannot export', async () => {
    const { code, stderr } = await cli.run(['export', 'captioner', '--run', 'nothing', '--output', 'mine'], { cwd });
    expect(stderr).toBe('error: There is no training run nothing.\n');
    expect(code).toBe(1);
  });
});

describe('attend train', () => {
  const captioner = ['train', 'captioner', '--photos', 'photos', '--captions', 'captions.jsonl', '--encoders', '.'];
  const native = { ATTEND_BACKEND: 'native' };

  it.each<[string, string[], Record<string, string>, number, string]>([
    ['a configuration that is not there', ['--config', 'no.json'], native, 1, 'Cannot read no.json: there is no such'],
    ['one that is not JSON', ['--config', 'captions.jsonl'], native, 1, 'captions.jsonl is not JSON'],
    ['one with wrong keys', ['--config', 'wrong.json'], native, 1, 'wrong.json cannot be used. name: '],
    [
      'a backend without gradients',
      ['--config', 'configs/captioner-soft.json'],
      { ATTEND_BACKEND: 'wasm' },
      2,
      'needs the native backend',
    ],
  ])('says what is wrong with %s', async (_, args, env, expected, message) => {
    await writeFile(join(cwd, 'wrong.json'), '{"seed": 1, "stages": []}');
    const { code, stderr } = await cli.run([...captioner, ...args], { cwd, env });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(expected);
  });
});

describe('attend models', () => {
  it('lists the models of the package and says which come first', async () => {
    const { code, stdout } = await cli.run(['models', '--json'], { cwd });
    expect(code).toBe(0);
    const models = JSON.parse(stdout) as { name: string; kind: string; isFirst: boolean; bytes: number }[];
    const first = models.filter((model) => model.isFirst).map(({ kind, name }) => `${kind} ${name}`);
    expect(first).toEqual(['captioner captioner-flickr8k-coco', 'translator translator-everyday']);
    expect(models.every(({ bytes }) => bytes > 100_000)).toBe(true);
  });

  it('says in a sentence what cannot be added or removed', async () => {
    const added = await cli.run(['models', 'add', '.'], { cwd });
    expect(added.code).toBe(1);
    expect(added.stderr).toContain('config.json is missing');
    const removed = await cli.run(['models', 'remove', 'captioner-flickr8k-coco'], { cwd });
    expect(removed.code).toBe(1);
    expect(removed.stderr).toContain('came with Attend and stays');
  });
});

describe('attend models add owner/name', () => {
  const name = 'Toy-NLP/opus-mt-en-xx';
  let hub: StubHub;
  let env: Record<string, string>;
  beforeAll(async () => {
    hub = await StubHub.start(name, fileURLToPath(new URL('../engine/published/fixtures/marian', import.meta.url)));
    env = { HF_ENDPOINT: hub.address, ATTEND_DATA: join(cwd, 'data'), ATTEND_CACHE: join(cwd, 'cache') };
  });
  afterAll(() => hub.stop());

  it('shows size and licence and loads nothing where nobody agrees', async () => {
    const { code, stderr, stdout } = await cli.run(['models', 'add', name], { cwd, env });
    expect(stderr).toContain('licence: cc-by-4.0');
    expect(stderr).toMatch(/size: {4}\d+ kB to load from 127\.0\.0\.1/);
    expect(stderr).toContain('Nothing was loaded: say --yes');
    expect(hub.asked.filter(({ path }) => path.includes('safetensors'))).toEqual([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('adds the model with --yes; it then translates, and goes again', async () => {
    const added = await cli.run(['models', 'add', name, '--yes'], { cwd, env });
    expect(added.stderr).not.toContain('error');
    expect(added.stdout).toContain('Added translator-opus-mt-en-xx: a translator of the family MarianMT');
    const wanted = ['translate', '--model', 'opus-mt-en-xx', '--to', 'fr', 'A dog runs.'];
    expect((await cli.run(wanted, { cwd, env })).code).toBe(0);
    const removed = await cli.run(['models', 'remove', 'opus-mt-en-xx'], { cwd, env });
    expect(removed.stdout).toBe('Removed translator-opus-mt-en-xx.\n');
  });

  it('says in a sentence that there is no such model, or no such folder', async () => {
    const missing = await cli.run(['models', 'add', 'Toy-NLP/nothing', '--yes'], { cwd, env });
    expect(missing.stderr).toMatch(/^error: There is no Toy-NLP\/nothing \(main\) on 127\.0\.0\.1/);
    const folder = await cli.run(['models', 'add', 'nothing'], { cwd, env });
    expect(folder.stderr).toContain('There is no folder nothing, and it is no name of a model on the Hub');
  });

  it('does not ask the Hub about a folder here whose name was mistyped', async () => {
    await mkdir(join(cwd, 'published'));
    const before = hub.asked.length;
    const { code, stderr } = await cli.run(['models', 'add', 'published/opus'], { cwd, env });
    expect(stderr).toMatch(/^error: There is no published\/opus here, though there is published\./);
    expect(code).toBe(2);
    expect(hub.asked.length).toBe(before);
  });
});

describe('attend doctor', () => {
  it('says which backend, which versions and which files, checked', async () => {
    const { code, stdout } = await cli.run(['doctor', ...model], { cwd });
    expect(stdout).toContain(`Backend: ${backendUnderTest} (asked for)`);
    expect(stdout).toContain('@tensorflow/tfjs-core');
    expect(stdout).toMatch(/ {2}ok {2}encoder\.bin .* SHA-256 [0-9a-f]{16}/);
    expect(stdout).toContain('All is well.');
    expect(stdout).not.toContain('used where no other is named');
    expect(code).toBe(0);
  });

  it('finds a damaged file', async () => {
    const damaged = join(cwd, 'damaged');
    await writeTinyModel(damaged);
    await writeFile(join(damaged, 'captioner-tiny', 'encoder.bin'), 'x');
    const { code, stdout } = await cli.run(['doctor', '--json', '--model', 'damaged/captioner-tiny'], { cwd });
    const { models, works } = JSON.parse(stdout);
    expect(models[0].problem).toContain('encoder.bin is cut off');
    expect({ code, works }).toEqual({ code: 1, works: false });
  });
});
