import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { checkCaptioner, loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { listModels, modelsFolder } from '../../src/model-folders/installed-models.ts';
import { findTranslator, listTranslators } from '../../src/translation/find-translator.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { readPhrasebook } from '../../src/training/translator/phrasebook/phrasebook.ts';
import { translate } from '../../src/translation/translate.ts';
import { checkTranslator, loadTranslator } from '../../src/translation/translator-model.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();

const MODELS = modelsFolder();
const NAMES = await readdir(MODELS);
const CAPTIONERS = listModels('captioner', MODELS).map(({ name }) => name);
const TRANSLATORS = await listTranslators(MODELS);

describe.each(NAMES)('the model %s', (name) => {
  const folder = join(MODELS, name);

  it('is whole, in half precision, and small', async () => {
    const check = CAPTIONERS.includes(name) ? checkCaptioner : checkTranslator;
    const listed = (await check(folder)).map(({ file }) => file);
    const files = await readdir(folder);
    const { metadata, weights } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as {
      metadata: { encoder?: { of?: string } };
      weights: { dtype: string }[];
    };
    const shared = metadata.encoder?.of === undefined ? [] : await readdir(join(MODELS, metadata.encoder.of));
    expect([...files, ...shared.filter((file) => file.startsWith('encoder.'))]).toEqual(expect.arrayContaining(listed));
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(32e6);
    expect(new Set(weights.map(({ dtype }) => dtype))).toEqual(new Set(['float16']));
  });

  it('has a card that tells its data, its scores and its limits', async () => {
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card.startsWith(`# ${name}\n`)).toBe(true);
    for (const part of ['Training data', 'Results', 'Limits and biases']) expect(card).toContain(`\n## ${part}\n`);
    expect(card).toMatch(/CC BY/);
  });
});

/** Other words for what a sample is called after. */
const ALSO: Readonly<Record<string, string>> = {
  airplane: 'jet',
  bear: 'stuffed animal',
  surfer: 'surfing|in a wetsuit',
};

it.each(CAPTIONERS)('the captioner %s says what the samples show', async (name) => {
  const samples = join(packageRoot(), 'assets', 'samples');
  const photos = (await readdir(samples)).filter((file) => file.endsWith('.jpg'));
  const model = await loadCaptioner(join(MODELS, name));
  const said = new Map<string, string>();
  for await (const result of captionPhotos(
    model,
    photos.map((file) => join(samples, file)),
  )) {
    if ('caption' in result) said.set(result.file, result.caption);
  }
  model.dispose();
  for (const file of photos) {
    // A sample is called after what it shows: double-decker-bus, dog-in-snow.
    const subject = file
      .replace(/(-(in|on)-.*)?\.jpg$/, '')
      .split('-')
      .at(-1)!;
    expect(said.get(join(samples, file)), file).toMatch(new RegExp(`${subject}|${ALSO[subject] ?? subject}`));
  }
});

const WORDS: Readonly<Record<string, RegExp>> = {
  de: /\bHund\b.*\bSchnee\b/,
  fr: /\bchien\b.*\bneige\b/,
  es: /\bperro\b.*\bnieve\b/,
  cs: /\bpes\b.*\bsn[ěí]h/i,
};

it.each(TRANSLATORS.filter(({ isComparison }) => !isComparison).map(({ name }) => name))(
  'the translator %s knows a dog in the snow in each of its languages',
  async (name) => {
    const model = await loadTranslator(join(MODELS, name));
    expect(model.to.every((language) => language in WORDS)).toBe(true);
    for (const to of model.to) {
      const [translated] = await translate(model, ['A dog runs through the snow.'], { to });
      expect(translated?.text).toMatch(WORDS[to] ?? /./);
    }
    model.dispose();
  },
);

// A sentence that the phrasebook does not have, so that the thing's name is known and not a sentence learnt by heart.
it.each(Object.keys(WORDS))('captions are translated with the names of what photos show: %s', async (to) => {
  const { things } = await readPhrasebook(join(packageRoot(), 'configs', 'phrasebook'));
  const asked = things
    .filter(({ kinds, texts }) => !kinds.includes('mass') && texts[to] !== undefined)
    .filter((_, i) => i % 4 === 0)
    .map(({ texts }) => ({ noun: texts['en']!.split('/')[0]!, forms: texts[to]!.replace(/^\S+ /, '').split('/') }));
  const { folder } = await findTranslator({ to, domain: 'captions' }, MODELS);
  const model = await loadTranslator(folder);
  const sentences = asked.map(({ noun }) => `Some children are pointing at a ${noun} in front of a house.`);
  const translated = await translate(model, sentences, { to, beam: 2 });
  model.dispose();
  const named = asked.filter(({ forms }, i) =>
    forms.some((form) => translated[i]!.text.toLowerCase().includes(form.toLowerCase())),
  );
  expect(named.length / asked.length).toBeGreaterThan(0.6);
});
