import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportTranslator } from '../../src/training/translator/export-translator.ts';
import { findTranslator, listTranslators, type TranslatorListing } from '../../src/translation/find-translator.ts';
import { describeTranslator } from '../../src/translation/translator-checkpoint.ts';
import { translate } from '../../src/translation/translate.ts';
import { checkTranslator, loadTranslator } from '../../src/translation/translator-model.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyRun } from '../support/tiny-captioner.ts';
import { writeTinyTranslator, writeTinyTranslatorRun } from '../support/tiny-translator.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let run: string;
let shipped: string;
let copy: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  run = await writeTinyTranslatorRun(join(folder.path, 'run'));
  shipped = join(folder.path, 'translator-tiny');
  copy = join(folder.path, 'translator-copy');
  await exportTranslator(run, shipped);
});
beforeEach(async () => {
  await rm(copy, { recursive: true, force: true });
  await cp(shipped, copy, { recursive: true });
});
afterAll(() => folder.remove());

async function translateWith(model: string): Promise<string> {
  const loaded = await loadTranslator(model);
  try {
    const [result] = await translate(loaded, ['A dog runs.'], { to: 'de', beam: 1 });
    return result?.text ?? '';
  } finally {
    loaded.dispose();
  }
}

describe('a translator that is exported', () => {
  it('holds half-precision weights, the vocabulary, the languages and a card', async () => {
    const card = await readFile(join(shipped, 'README.md'), 'utf8');
    expect(card).toContain('from English to German and French');
    expect(card).toContain('Training run: tiny-run');
    const { metadata, weights } = JSON.parse(await readFile(join(shipped, 'model.json'), 'utf8'));
    expect(metadata).toMatchObject({ from: 'en', to: ['de', 'fr'], decoding: { beam: 5 } });
    expect(metadata.run).toBeUndefined();
    expect(weights.every(({ dtype }: { dtype: string }) => dtype === 'float16')).toBe(true);
  });

  it('translates as the checkpoint of the training run does', async () => {
    expect(await translateWith(shipped)).toBe(await translateWith(join(run, 'final')));
  });

  it('loads without leaving tensors behind once it is disposed of', async () => {
    await expectNoLeak(async () => (await loadTranslator(shipped)).dispose());
    await expectNoLeak(() => exportTranslator(run, copy));
  });

  it('carries its own way of decoding, and its scores', async () => {
    await exportTranslator(run, copy, { decoding: { beam: 2, alignmentLayer: 2 }, results: { BLEU: 41.5 }, card: 'x' });
    const model = await loadTranslator(copy);
    expect(model.decoding).toMatchObject({ beam: 2, alignmentLayer: 2, lengthNormalisation: 1 });
    model.dispose();
    const { metadata } = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    expect(metadata.card.results).toEqual({ BLEU: 41.5 });
  });

  it('says what kind of text it is for, in its card as well', async () => {
    const own = join(folder.path, 'translator-own');
    await exportTranslator(run, own, { domain: 'captions' });
    const model = await loadTranslator(own);
    expect(model.domain).toBe('captions');
    model.dispose();
    expect(await readFile(join(own, 'README.md'), 'utf8')).toContain('It is for captions alone');
    await exportTranslator(own, copy);
    const { metadata } = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    expect(metadata.domain).toBe('captions');
    await exportTranslator(run, copy);
    expect(await readFile(join(copy, 'model.json'), 'utf8')).not.toContain('"domain"');
  });

  it('keeps the card that is there', async () => {
    await writeFile(join(copy, 'README.md'), 'written by hand');
    await exportTranslator(run, copy);
    expect(await readFile(join(copy, 'README.md'), 'utf8')).toBe('written by hand');
  });

  it('does not take the place of a folder that is no model', async () => {
    const other = join(folder.path, 'letters');
    await mkdir(other, { recursive: true });
    await writeFile(join(other, 'letter.txt'), 'Dear');
    await expect(exportTranslator(run, other)).rejects.toThrow('other things than a model');
  });

  it('comes from a run that has ended, or is told which checkpoint', async () => {
    await expect(exportTranslator(join(folder.path, 'nowhere'), copy)).rejects.toThrow('There is no training run');
    const unfinished = join(folder.path, 'unfinished');
    await writeTinyTranslator(join(unfinished, 'best'));
    await expect(exportTranslator(unfinished, copy)).rejects.toThrow(`--run ${join(unfinished, 'best')}`);
    await exportTranslator(join(unfinished, 'best'), copy);
  });

  it('is no captioner', async () => {
    const captioner = join(folder.path, 'captioner-run');
    await writeTinyRun(captioner);
    await expect(exportTranslator(captioner, copy)).rejects.toThrow('It is a "captioner", not a translator.');
  });
});

describe('a translator that is loaded', () => {
  const edit = async (change: (metadata: Record<string, unknown>) => void): Promise<void> => {
    const broken = { metadata: {} as Record<string, unknown> };
    change(broken.metadata);
    await writeTinyTranslator(copy, { metadata: broken.metadata });
  };

  it.each<[string, () => Promise<unknown>, string]>([
    ['no languages', () => edit((metadata) => (metadata['to'] = [])), 'which languages'],
    ['no vocabulary', () => edit((metadata) => (metadata['tokenizer'] = null)), 'vocabulary cannot be read'],
    ['a language without a tag', () => edit((metadata) => (metadata['to'] = ['de', 'cs'])), '“cs”'],
    ['a kind of text that nobody knows', () => edit((metadata) => (metadata['domain'] = 'law')), 'is for "law"'],
    [
      'a missing shard',
      async () =>
        rm(
          join(
            copy,
            (await readdir(copy)).find((name) => name.startsWith('weights-'))!,
          ),
        ),
      'is missing',
    ],
    ['an empty folder', () => rm(join(copy, 'model.json')), 'There is no model in'],
  ])('refuses %s and names the folder', async (_, damage, message) => {
    await damage();
    await expectNoLeak(async () => {
      for (const open of [loadTranslator, checkTranslator]) {
        const failure: unknown = await open(copy).then(
          (model) => ('dispose' in model ? model.dispose() : undefined),
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(Error);
        expect((failure as Error).message).toContain(message);
        if (open === loadTranslator) expect((failure as Error).message).toContain(copy);
      }
    });
  });

  it.each([
    ['transformer', { size: 8, heads: 2 }, 'cell'],
    ['seq2seq', { cell: 'gru', attention: 'dot' }, 'heads'],
    ['conv-s2s', { size: 8, width: 3 }, 'dilation'],
  ])('refuses a %s of whose shape something is said that nobody reads', (architecture, shape, unknown) => {
    const config = { sourceVocabularySize: 9, targetVocabularySize: 9, startToken: 0, endToken: 1, ...shape };
    const metadata = { from: 'en', to: ['de'] };
    describeTranslator({ architecture, config, metadata });
    expect(() => describeTranslator({ architecture, config: { ...config, [unknown]: 1 }, metadata })).toThrow(
      `model.json's config has "${unknown}", which this Attend does not know`,
    );
  });

  it('lists its files', async () => {
    const model = await loadTranslator(shipped);
    expect(model.files.map(({ file }) => file)).toContain('model.json');
    expect(await checkTranslator(shipped)).toEqual(model.files);
    model.dispose();
  });
});

describe('looking for a translator', () => {
  let models: string;

  beforeAll(async () => {
    models = join(folder.path, 'models');
    await writeTinyTranslator(join(models, 'translator-cs'), { to: ['cs'], shape: 'recurrent' });
    await writeTinyTranslator(join(models, 'translator-many'));
  });

  it('takes the first that knows the language, those first that know more', async () => {
    expect((await listTranslators(models)).map(({ name }) => name)).toEqual(['translator-many', 'translator-cs']);
    expect((await findTranslator({ to: 'cs' }, models)).name).toBe('translator-cs');
    expect((await findTranslator({ to: 'fr-CA' }, models)).name).toBe('translator-many');
    expect((await findTranslator({}, models)).name).toBe('translator-many');
    expect((await findTranslator({ model: 'cs', to: 'cs' }, models)).title).toBe('GRU with additive attention');
  });

  it('takes one that was made for captions where captions are translated, and elsewhere only where there is no other', async () => {
    const special = join(folder.path, 'special');
    await writeTinyTranslator(join(special, 'translator-a'), { to: ['de'], metadata: { domain: 'captions' } });
    await writeTinyTranslator(join(special, 'translator-b'), { to: ['cs'], metadata: { domain: 'captions' } });
    await writeTinyTranslator(join(special, 'translator-c'), { to: ['de'] });
    await writeTinyTranslator(join(special, 'translator-d'), { to: ['fr'] });
    await writeTinyTranslator(join(special, 'comparison-e'), { to: ['de', 'fr'] });
    const names = async (wanted: Parameters<typeof findTranslator>[0]): Promise<string> =>
      (await findTranslator(wanted, special)).name;
    expect(await names({ to: 'de' })).toBe('translator-c');
    expect(await names({ to: 'cs' })).toBe('translator-b');
    expect(await names({ to: 'de', domain: 'captions' })).toBe('translator-a');
    expect(await names({ to: 'fr', domain: 'captions' })).toBe('translator-d');
    expect(await names({ to: 'de', domain: 'captions', model: 'c' })).toBe('translator-c');
    const listed = await listTranslators(special);
    expect(listed.map(({ name }) => name.slice(-1)).join('')).toBe('cdabe');
  });

  it('takes those of the comparison last, from no attention over one to many', async () => {
    const compared = join(folder.path, 'compared');
    for (const [name, shape] of [
      ['comparison-a', 'transformer'],
      ['comparison-b', 'recurrent'],
      ['comparison-c', 'none'],
      ['translator-d', 'recurrent'],
    ] as const) {
      await writeTinyTranslator(join(compared, name), { to: ['de'], shape });
    }
    expect((await listTranslators(compared)).map(({ isComparison, name }) => [name, isComparison])).toEqual([
      ['translator-d', false],
      ['comparison-c', true],
      ['comparison-b', true],
      ['comparison-a', true],
    ]);
    expect((await findTranslator({ to: 'de' }, compared)).name).toBe('translator-d');
    expect((await findTranslator({ to: 'de', model: 'comparison-a' }, compared)).title).toBe('Transformer');
  });

  it.each([
    [{ to: 'xx' }, 'no translation to "xx". Known: de (German), fr (French), cs (Czech).'],
    [{ from: 'ja' }, 'no translation from "ja". Known: en (English).'],
    [{ to: 'de', model: 'cs' }, 'no translation to "de". Known: cs (Czech).'],
    [{ model: 'huge' }, 'There is no model "huge"'],
  ])('says what there is where %j cannot be had', async (wanted, message) => {
    await expect(findTranslator(wanted, models)).rejects.toThrow(message);
  });

  it('reads a translator again only when another has taken its place', async () => {
    const changing = join(folder.path, 'changing');
    const only = async (): Promise<TranslatorListing> => (await listTranslators(changing))[0]!;
    await writeTinyTranslator(join(changing, 'translator-a'), { to: ['de'] });
    const first = await only();
    expect((await only()).config).toBe(first.config);
    await rm(join(changing, 'translator-a'), { recursive: true });
    await writeTinyTranslator(join(changing, 'translator-a'), { to: ['cs'] });
    expect((await only()).to).toEqual(['cs']);
    await rm(join(changing, 'translator-a'), { recursive: true });
    expect(await listTranslators(changing)).toEqual([]);
  });

  it('says how to get one where there is none', async () => {
    await expect(findTranslator({ to: 'de' }, join(folder.path, 'nothing'))).rejects.toThrow('attend train translator');
  });
});
