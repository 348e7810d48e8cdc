import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listModels, modelsFolder } from '../../../src/model-folders/installed-models.ts';
import { addModel, chooseModel, removeModel } from '../../../src/model-folders/published/add-model.ts';
import { describePublished } from '../../../src/model-folders/published/read-published.ts';
import { findTranslator, listTranslators } from '../../../src/translation/find-translator.ts';
import { lookInside } from '../../../src/translation/look-inside.ts';
import { translate } from '../../../src/translation/translate.ts';
import { checkTranslator, loadTranslator } from '../../../src/translation/translator-model.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';

useTestBackend();

const PUBLISHED = fileURLToPath(new URL('../../engine/published/fixtures/marian', import.meta.url));
const TEXT = 'A captioner looks at the photo.\nNumbers stay: 12:30 🙂.';

let home: string;
let folder: string;
let before: string | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'attend-published-'));
  before = process.env['ATTEND_DATA'];
  process.env['ATTEND_DATA'] = home;
  folder = join(home, 'opus-mt-toy');
  await cp(PUBLISHED, folder, { recursive: true });
});
afterEach(async () => {
  if (before === undefined) delete process.env['ATTEND_DATA'];
  else process.env['ATTEND_DATA'] = before;
  await rm(home, { recursive: true, force: true });
});

async function translationBy(model: string, to: string): Promise<string> {
  const loaded = await loadTranslator(model);
  try {
    const [result] = await translate(loaded, [TEXT], { to });
    for (const sentence of result!.sentences) {
      const [best] = sentence.translations;
      for (const row of best!.weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
      for (const row of best!.alignment) expect(row).toHaveLength(sentence.source.words.length);
    }
    return result!.text;
  } finally {
    loaded.dispose();
  }
}

describe('a Marian folder as its authors publish it', () => {
  it('translates as it stands, to each language of its tags', async () => {
    const listing = await findTranslator({ model: folder, to: 'de' });
    expect(listing).toMatchObject({ from: 'en', to: ['de', 'fr'], title: 'MarianMT', layers: 3, heads: 4 });
    const german = await expectNoLeak(() => translationBy(folder, 'de'));
    const french = await translationBy(folder, 'fr');
    expect(german.split('\n')).toHaveLength(2);
    expect(german).toContain('🙂');
    expect(french).not.toBe(german);
  });

  it('shows every layer and head, of a translation that somebody gives as well', async () => {
    const model = await loadTranslator(folder);
    const look = await lookInside(model, 'A captioner looks.', { to: 'de', target: 'A photo' });
    expect(look.maps.filter(({ kind }) => kind === 'cross')).toHaveLength(12);
    expect(look.maps.filter(({ kind }) => kind === 'encoder')).toHaveLength(8);
    model.dispose();
  });

  it('is added with half-precision weights, a card, and checksums for all files', async () => {
    await writeFile(join(folder, 'README.md'), '---\nlicense: cc-by-4.0\n---\n\n### opus-mt\n\nIt knows little.\n');
    const added = await addModel(folder);
    expect(added).toMatchObject({ name: 'translator-opus-mt-toy', kind: 'translator', family: 'MarianMT' });
    const card = await readFile(join(added.folder, 'README.md'), 'utf8');
    expect(card).toContain('Licence: cc-by-4.0');
    expect(card).toContain('It knows little.');
    const files = await checkTranslator(added.folder);
    expect(files.map(({ file }) => file).toSorted()).toEqual(
      (await readdir(added.folder)).filter((file) => file !== 'README.md').toSorted(),
    );
    expect(files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    // Rounding to 11 bits moves no word of so small a model.
    expect(await translationBy(added.folder, 'de')).toBe(await translationBy(folder, 'de'));
  });

  it('is listed with the others once it is added, can be the first, and goes again', async () => {
    const { name } = await addModel(folder);
    const names = async (): Promise<string[]> => (await listTranslators()).map((one) => one.name);
    expect(await names()).toContain(name);
    expect((await names())[0]).not.toBe(name);
    expect((await findTranslator({ model: 'opus-mt-toy' })).name).toBe(name);
    await chooseModel('opus-mt-toy');
    expect((await names())[0]).toBe(name);
    expect(await removeModel(name)).toBe(name);
    expect(await names()).not.toContain(name);
  });

  it('leaves the models of the package where they are', async () => {
    const first = listModels('translator', modelsFolder())[0]!.name;
    await expect(removeModel(first)).rejects.toThrow('came with Attend and stays');
    await expect(removeModel('nobody')).rejects.toThrow('There is no model "nobody"');
  });
});

describe('a folder that is no model, or a damaged one', () => {
  const json = async (file: string, change: (value: Record<string, unknown>) => void): Promise<void> => {
    const value = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    change(value);
    await writeFile(join(folder, file), JSON.stringify(value));
  };

  it.each<[string, () => Promise<unknown>, string | RegExp]>([
    [
      'an unknown family',
      () => json('config.json', (c) => (c['model_type'] = 't5')),
      'the family "t5", which Attend cannot run',
    ],
    ['no weights', () => rm(join(folder, 'model.safetensors')), 'needs model.safetensors or pytorch_model.bin'],
    [
      'weights that are cut off',
      () => truncate(join(folder, 'model.safetensors'), 9000),
      'Not a safetensors file: it ends inside',
    ],
    ['no vocabulary', () => rm(join(folder, 'source.spm')), 'source.spm: there is no such file'],
    [
      'a vocabulary that is cut off',
      () => truncate(join(folder, 'target.spm'), 100),
      'Not a SentencePiece unigram model',
    ],
    ['a table with a hole', () => json('vocab.json', (v) => delete v['</s>']), 'numbers its 376 tokens otherwise'],
    [
      'sizes that do not fit',
      () => json('config.json', (c) => (c['encoder_ffn_dim'] = c['decoder_ffn_dim'] = 25)),
      'not [25, 16]',
    ],
    [
      'no languages',
      () => json('tokenizer_config.json', (t) => delete t['source_lang']),
      'needs source_lang and target_lang',
    ],
    ['a configuration that is none', () => writeFile(join(folder, 'config.json'), '[]'), 'is not an object'],
    ['half a configuration', () => truncate(join(folder, 'config.json'), 50), 'is not JSON'],
  ])('with %s is refused in a sentence, and nothing is added', async (_, damage, message) => {
    await damage();
    await expect(addModel(folder)).rejects.toThrow(message);
    await expect(addModel(folder)).rejects.toThrow(folder);
    expect(await readdir(join(home, 'models')).catch(() => [])).toEqual([]);
  });

  it('is refused where there is nothing', async () => {
    await expect(describePublished(home)).rejects.toThrow('config.json is missing');
  });
});
