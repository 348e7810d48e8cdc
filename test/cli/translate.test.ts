import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { translationBleu } from '../../src/engine/metrics/translation-bleu.ts';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { entropyOf } from '../../src/engine/attention/divergence.ts';
import type { TranslatedText } from '../../src/translation/translation-result.ts';
import { useTestBackend } from '../support/backend.ts';
import { finish, useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { writeTinyTranslator, writeTinyTranslatorRun } from '../support/tiny-translator.ts';

useTestBackend();
const cli = useCli();

let folder: { path: string; remove: () => Promise<void> };
let cwd: string;
let model: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = join(folder.path, 'work');
  await mkdir(cwd);
  model = ['--model', await writeTinyTranslator(join(folder.path, 'translator-tiny')), '--beam', '1'];
});
afterAll(() => folder.remove());

const translate = (args: string[], stdin?: string) =>
  cli.ask(['translate', ...model, ...args], { cwd, ...(stdin === undefined ? {} : { stdin }) });

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

describe('attend translate', () => {
  it('leaves the file as it was where a text turns out to be none in its last line', async () => {
    await writeFile(
      join(cwd, 'late.txt'),
      Buffer.concat([Buffer.from('A dog runs.\n'.repeat(300)), Buffer.of(0xff, 10)]),
    );
    await writeFile(join(cwd, 'late.de.txt'), 'Before.');
    const files = await readdir(cwd);
    const { code, stderr } = await translate(['--to', 'de', 'late.txt', '-o', 'late.de.txt']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/late\.txt .*UTF-8/)]);
    expect(await readFile(join(cwd, 'late.de.txt'), 'utf8')).toBe('Before.');
    expect(await readdir(cwd)).toEqual(files);
  });

  it('answers a line with a line: of a text, a file and standard input', async () => {
    await writeFile(join(cwd, 'text.txt'), 'A dog runs.\r\n\r\n🎉\r\nA cat sleeps.');
    const file = await translate(['--to', 'de', 'text.txt']);
    expect(file.code).toBe(0);
    expect(file.stderr).not.toContain('left as written');
    expect(file.stdout.split('\r\n')).toHaveLength(5);
    const [first, second, third, fourth] = linesOf(file.stdout.replaceAll('\r\n', '\n'));
    expect([second, third]).toEqual(['', '🎉']);
    const typed = await translate(['--to', 'de', 'A', 'dog', 'runs.']);
    expect(linesOf(typed.stdout)).toEqual([first]);
    const piped = await cli.run(['translate', ...model, '--to', 'DE', '-'], {
      cwd,
      stdin: 'A dog runs.\nA cat sleeps.\n',
    });
    expect(linesOf(piped.stdout)).toEqual([first, fourth]);
    expect((await translate(['--to', 'fr', 'A dog runs.'])).stdout).not.toBe(`${first}\n`);
  });

  it('gives UTF-16, byte order marks and line ends back as they came', async () => {
    const utf16 = Buffer.from('\ufeffA dog runs.\r\n犬', 'utf16le');
    await writeFile(join(cwd, 'wide.txt'), utf16);
    await translate(['--to', 'de', 'wide.txt', '-o', 'wide.de.txt']);
    const wide = await readFile(join(cwd, 'wide.de.txt'));
    expect([wide[0], wide[1]]).toEqual([0xff, 0xfe]);
    expect(wide.toString('utf16le')).toMatch(/^\ufeff.+\r\n犬$/);
    await writeFile(join(cwd, 'marked.md'), '\ufeff# A dog\r\n');
    const marked = await translate(['--to', 'de', 'marked.md']);
    expect(marked.stdout).toMatch(/^\ufeff# .+\r\n$/);
  });

  it('refuses subtitles whose marks it would lose, and several files', async () => {
    for (const name of ['film.vtt', 'one.txt', 'two.txt']) await writeFile(join(cwd, name), 'A dog runs.');
    const film = await translate(['--to', 'de', 'film.vtt']);
    expect([film.code, film.stdout]).toEqual([2, '']);
    expect(film.stderr).toContain('only SubRip (.srt) keeps its times');
    expect((await translate(['--to', 'de', 'one.txt', 'two.txt'])).stderr).toContain('one at a time');
  });

  it('refuses a line that is none', async () => {
    const { code, stderr } = await translate(['--to', 'de', '-'], `a\n${'dog '.repeat(600_000)}`);
    expect(code).toBe(1);
    expect(stderr).toContain('Line 2 is longer than 2,000,000 characters');
  });

  it('leaves what it cannot read as it is, and says so', async () => {
    const { code, stderr, stdout } = await translate(['--to', 'de', '-'], 'A dog runs. 犬が走る。\n犬が眠る。\n');
    expect([code, linesOf(stdout)[1]]).toEqual([0, '犬が眠る。']);
    expect(stdout).toContain('犬が走る。');
    expect(stderr).toContain('2 sentences were left as written: the model does not know their script.');
  });

  it('answers before the input ends', async () => {
    const child = cli.start(['translate', ...model, '--to', 'de'], { cwd });
    const finished = finish(child);
    const answered = new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.write('A dog runs.\nA c');
    await answered;
    child.stdin.end('at.\n');
    const { code, stdout } = await finished;
    expect({ code, lines: linesOf(stdout).length }).toEqual({ code: 0, lines: 2 });
  });

  it('gives alternatives, and everything as JSON', async () => {
    const text = await translate(['--to', 'de', '--alternatives', '1', 'A dog runs.']);
    expect(linesOf(text.stdout)).toHaveLength(2);
    expect(linesOf(text.stdout)[1]).toMatch(/^ {4}or: /);
    const { stdout } = await translate(['--to', 'de', '--alternatives', '1', '--json', '--heads'], 'A dog runs.\n\n');
    const [first, empty] = linesOf(stdout).map((line) => JSON.parse(line) as TranslatedText);
    expect(first).toMatchObject({ source: 'A dog runs.', from: 'en', to: 'de', model: 'translator-tiny' });
    expect(first!.sentences[0]!.source.words).toEqual(['A', 'dog', 'runs', '.']);
    const [{ heads, translations }] = first!.sentences as [TranslatedText['sentences'][number]];
    expect(translations[0]!.alignment[0]).toHaveLength(4);
    expect(translations[0]!.words[0]!.entropy).toBeCloseTo(entropyOf(translations[0]!.alignment[0]!), 5);
    expect(heads![0]).toMatchObject({ kind: 'cross', layer: 0, head: 0, entropy: expect.any(Number) as number });
    expect(heads![0]).not.toHaveProperty('weights');
    expect(empty).toMatchObject({ text: '', sentences: [] });
  });

  it('keeps the mark-up of Markdown and the times of subtitles', async () => {
    await writeFile(join(cwd, 'page.md'), '# A dog\n\n```\ncode\n```\n');
    const page = await translate(['--to', 'de', 'page.md']);
    expect(page.stdout).toMatch(/^# .*\n\n```\ncode\n```\n$/);
    await writeFile(join(cwd, 'film.srt'), '1\n00:00:01,000 --> 00:00:02,000\nA dog\n');
    const { code, stdout } = await translate(['--to', 'de', 'film.srt', '-o', 'film.de.srt']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(await readFile(join(cwd, 'film.de.srt'), 'utf8')).toMatch(/^1\n00:00:01,000 --> 00:00:02,000\n.+\n$/);
    const json = await translate(['--to', 'de', '--json', '--format', 'markdown', '-'], '# A dog\n\nA cat\n');
    expect(linesOf(json.stdout).map((line) => (JSON.parse(line) as TranslatedText).source)).toEqual(['A dog', 'A cat']);
  });

  it.each<[string, string[], number, string]>([
    ['an unknown language', ['--to', 'xx', 'a dog'], 2, 'to "xx". Known: de (German), fr (French).'],
    ['no language', ['a dog'], 2, "required option '--to <language>' not specified"],
    ['an unknown source language', ['--to', 'de', '--from', 'ja', 'a dog'], 2, 'from "ja". Known: en (English).'],
    ['a file that is not there', ['--to', 'de', 'nothing.txt'], 1, 'There is no file nothing.txt.'],
    ['a folder', ['--to', 'de', '.'], 2, '. is a folder'],
    [
      'its own text as the output',
      ['--to', 'de', 'text.txt', '-o', './text.txt'],
      2,
      '--output would overwrite text.txt',
    ],
    ['Latin-1', ['--to', 'de', 'latin1.txt'], 1, 'latin1.txt is no text in UTF-8 or UTF-16. Save it as UTF-8 first.'],
    ['a picture', ['--to', 'de', 'picture.txt'], 1, 'picture.txt is no text in UTF-8 or UTF-16'],
    ['what is no film', ['--to', 'de', 'text.txt', '--format', 'srt'], 1, 'text.txt holds no subtitles'],
    ['heads without JSON', ['--to', 'de', '--heads', 'A dog.'], 2, '--heads needs --json'],
    ['alternatives of a page', ['--to', 'de', 'page.md', '--alternatives', '2'], 2, '--alternatives needs --json'],
    ['a place that cannot be written', ['--to', 'de', 'a', '-o', 'no/such.txt'], 1, 'cannot write no/such.txt'],
  ])('says what is wrong with %s', async (_, args, expected, message) => {
    await writeFile(join(cwd, 'latin1.txt'), Buffer.from('caf\xe9', 'latin1'));
    await writeFile(join(cwd, 'picture.txt'), new Uint8Array([0x89, 0x50, 0xff, 0xfe]));
    const { code, stdout, stderr } = await translate(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});

describe('attend evaluate translation', () => {
  const evaluate = (...args: string[]) => cli.ask(['evaluate', 'translation', ...model, ...args], { cwd });

  beforeAll(async () => {
    await writeFile(join(cwd, 'test.en'), 'A dog runs. It sleeps.\nTwo cats.\n\nA ball.\n');
    await writeFile(join(cwd, 'test.de'), 'Ein Hund läuft. Er schläft.\nZwei Katzen.\n\nEin Ball.\n');
    await writeFile(join(cwd, 'other.de'), 'Ein Hund rennt. Er schläft.\nZwei Kater.\n\nA ball.\n');
  });

  it('prints scores with signatures, and writes what was scored', async () => {
    const { code, stdout, stderr } = await evaluate(
      ...['--source', 'test.en', '--reference', 'test.de', 'other.de', '--to', 'de', '--output', 'out.de', '--json'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout);
    const written = (await readFile(join(cwd, 'out.de'), 'utf8')).split('\n').slice(0, -1);
    expect(written).toHaveLength(4);
    const references = [
      ['Ein Hund läuft. Er schläft.', 'Ein Hund rennt. Er schläft.'],
      ['Zwei Katzen.', 'Zwei Kater.'],
      ['', ''],
      ['Ein Ball.', 'A ball.'],
    ];
    expect(report.bleu).toEqual(translationBleu(written, references));
    expect(report.bleu.signature).toBe('nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:attend-1');
    expect(report.chrf.signature).toBe('nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:attend-1');
    expect(report.copying.chrf).toBeGreaterThan(0);
    expect(report).toMatchObject({ from: 'en', to: 'de', lines: 4, beam: 1, numbersKept: 1, linesWithNumbers: 0 });
    expect(report.repetitions).toBeLessThanOrEqual(1);
  });

  it('prints a table', async () => {
    const { code, stdout } = await evaluate(
      '--source',
      'test.en',
      '--reference',
      'test.de',
      '--to',
      'de',
      '--limit',
      '2',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('2 lines, en to de: translator-tiny, beam 1');
    expect(stdout).toContain('tok:moses-multi30k-de');
    expect(stdout).toMatch(/numbers kept +– {2}\(no line has numbers\)/);
  });

  it.each<[string[], number, string]>([
    [['--source', 'test.en', '--reference', 'nothing.de', '--to', 'de'], 1, 'Cannot read nothing.de'],
    [['--source', 'test.en', '--reference', 'text.txt', '--to', 'xx'], 2, 'Known: de (German), fr (French).'],
    [['--source', 'test.en', '--reference', 'test.de', '--to', 'de', '-o', 'test.de'], 2, 'would overwrite test.de'],
    [['--source', 'test.en', '--to', 'de'], 2, "required option '--reference <file...>' not specified"],
  ])('says what is wrong with %j', async (args, expected, message) => {
    const { code, stderr } = await evaluate(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(expected);
  });

  it('refuses files of unlike length', async () => {
    await writeFile(join(cwd, 'short.de'), 'Ein Hund.\n');
    const { code, stderr } = await evaluate('--source', 'test.en', '--reference', 'short.de', '--to', 'de');
    expect(stderr).toContain('test.en has 4, short.de has 1.');
    expect(code).toBe(1);
  });
});

describe('attend export translator', () => {
  it('writes a model that translates', async () => {
    const run = await writeTinyTranslatorRun(join(folder.path, 'run'));
    const target = join(folder.path, 'translator-exported');
    const { code, stdout } = await cli.run(
      [
        'export',
        'translator',
        '--run',
        run,
        '--output',
        target,
        '--beam',
        '2',
        '--alignment-layer',
        '0',
        '--domain',
        'captions',
      ],
      { cwd },
    );
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(join(target, 'model.json'), 'utf8')).metadata.domain).toBe('captions');
    expect(stdout).toContain('model.json');
    expect((await readdir(target)).filter((name) => !name.startsWith('weights-'))).toEqual(['README.md', 'model.json']);
    const translated = await cli.run(['translate', '--model', target, '--to', 'de', 'A dog', '--json'], { cwd });
    expect(JSON.parse(translated.stdout)).toMatchObject({ model: 'translator-exported', alignmentLayer: 0 });
  });
});

describe('attend caption --language', () => {
  it('translates captions, carries their maps over, and goes on only in the same language', async () => {
    const captioner = await writeTinyModel(folder.path);
    const translator = join(folder.path, 'translator-tiny');
    await writeTinyPhoto(join(cwd, 'a.png'), 1);
    const caption = (...args: string[]) =>
      cli.ask(['caption', 'a.png', '--model', captioner, '--translator', translator, ...args], { cwd });

    const german = await caption(
      '--language',
      'de',
      '--jsonl',
      '-o',
      'de.jsonl',
      '--overlay',
      'out',
      '--format',
      'svg,json',
    );
    expect(german).toMatchObject({ code: 0, stderr: '' });
    const photo = JSON.parse(await readFile(join(cwd, 'out', 'a.json'), 'utf8')) as CaptionedPhoto;
    expect(photo).toMatchObject({ language: 'de', translator: 'translator-tiny' });
    expect(photo.original?.words.length).toBeGreaterThan(0);
    for (const { weights } of photo.words) {
      expect(weights).toHaveLength(9);
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    }

    const french = await caption('--language', 'fr', '--jsonl', '-o', 'de.jsonl', '--resume');
    expect(french.stderr).toContain('holds captions in German; these are in French');
    expect(french.code).toBe(2);
    const again = await caption('--language', 'fr', '--overlay', 'out', '--format', 'json', '--resume');
    expect(again.stderr).not.toContain('done already');
    const unknown = await caption('--language', 'xx');
    expect(unknown.stderr).toContain('Known: de (German), fr (French).');
    expect(unknown.code).toBe(2);
  });
});
