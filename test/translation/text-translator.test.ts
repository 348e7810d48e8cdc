import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Progress, REQUESTS } from '../../src/contract/requests.ts';
import type { TaskControl } from '../../src/tasks/task-control.ts';
import { TextTranslator } from '../../src/translation/text-translator.ts';
import { meanEntropy, meanJensenShannon } from '../../src/engine/attention/divergence.ts';
import { pathTo } from '../../src/engine/decoding/beam-tree.ts';
import { toAttendError } from '../../src/service/describe-failure.ts';
import { translate } from '../../src/translation/translate.ts';
import { loadTranslator } from '../../src/translation/translator-model.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';
import { writeTinyTranslator } from '../support/tiny-translator.ts';

useTestBackend();

const TEXT = 'A dog runs.\n\nTwo cats sleep. 🎉';
let folder: { path: string; remove: () => Promise<void> };
let models: string;
let translator: TextTranslator;

beforeAll(async () => {
  folder = await temporaryFolder();
  models = join(folder.path, 'models');
  await writeTinyTranslator(join(models, 'translator-many'), { to: ['de', 'fr', 'cs'] });
  await writeTinyTranslator(join(models, 'translator-additive'), { shape: 'recurrent', to: ['de', 'fr'] });
  await writeTinyTranslator(join(models, 'translator-none'), { shape: 'none', to: ['es'] });
  await writeTinyTranslator(join(folder.path, 'run', 'best'), { run: 'tiny-run', to: ['de', 'fr'] });
  translator = new TextTranslator({ models, useBackend: () => Promise.resolve() });
});
afterEach(() => translator.dispose());
afterAll(() => folder.remove());

const control = <Report>(
  report: (report: Report) => void = () => undefined,
  signal = new AbortController().signal,
): TaskControl<Report> => ({ signal, report });

describe('the translators that are there', () => {
  it('are listed with their pairs, the one with most languages first, and each language by its own name', async () => {
    const listed = await translator.list();
    expect(REQUESTS['translate.models'].output.parse(listed)).toEqual(listed);
    expect(listed.models.map(({ name, layers, heads }) => [name, layers, heads])).toEqual([
      ['translator-many', 3, 2],
      ['translator-additive', 1, 1],
      ['translator-none', 0, 0],
    ]);
    expect(listed.models[1]).toMatchObject({
      title: 'GRU with additive attention',
      architecture: 'seq2seq',
      pairs: [
        { from: 'en', to: 'de' },
        { from: 'en', to: 'fr' },
      ],
    });
    expect(Object.fromEntries(listed.languages.map(({ tag, name }) => [tag, name]))).toEqual({
      en: 'English',
      de: 'Deutsch',
      fr: 'français',
      cs: 'čeština',
      es: 'español',
    });
  });

  it.each([
    ['of a run, under its name', () => join(folder.path, 'run', 'best'), 'tiny-run'],
    ['among them, by its name', () => 'none', 'translator-none'],
    ['among them, by its folder', () => join(models, 'translator-none'), 'translator-none'],
  ])('have a named one %s before the others', async (_, preferred, name) => {
    const own = new TextTranslator({ models, preferred: preferred(), useBackend: () => Promise.resolve() });
    const names = (await own.list()).models.map((one) => one.name);
    expect(names[0]).toBe(name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['translator-many', 'translator-additive', 'translator-none']));
  });
});

describe('a translator that was made for captions', () => {
  let special: string;

  beforeAll(async () => {
    special = join(folder.path, 'special');
    await writeTinyTranslator(join(special, 'translator-many'), { to: ['de', 'fr'] });
    await writeTinyTranslator(join(special, 'translator-own'), { to: ['de', 'fr'] });
    await writeTinyTranslator(join(special, 'translator-short'), { to: ['de'], metadata: { domain: 'captions' } });
  });

  it.each([
    [{ to: 'de' }, undefined, 'translator-many'],
    [{ to: 'de', domain: 'captions' }, undefined, 'translator-short'],
    [{ to: 'fr', domain: 'captions' }, undefined, 'translator-many'],
    [{ to: 'de', domain: 'captions' }, 'own', 'translator-own'],
    [{ to: 'de', domain: 'captions', model: 'translator-many' }, undefined, 'translator-many'],
  ] as const)('is taken for %j, where somebody prefers %s: %s', async (wanted, preferred, name) => {
    const own = new TextTranslator({ models: special, preferred, useBackend: () => Promise.resolve() });
    const answer = await own.translate({ text: 'A dog.', ...wanted }, control());
    expect(answer.model).toBe(name);
    const listed = await own.list();
    expect(REQUESTS['translate.models'].output.parse(listed)).toEqual(listed);
    expect(Object.fromEntries(listed.models.map(({ name: one, domain }) => [one, domain]))).toEqual({
      'translator-many': undefined,
      'translator-own': undefined,
      'translator-short': 'captions',
    });
    own.dispose();
  });
});

describe('translating', () => {
  it('says what translating says, in the form of the contract', async () => {
    const told: Progress<'translate.run'>[] = [];
    const output = await translator.translate(
      { text: TEXT, to: 'DE', alternatives: 1, beam: 2 },
      control((report) => told.push(report)),
    );
    expect(REQUESTS['translate.run'].output.parse(output)).toEqual(output);
    const model = await loadTranslator(join(models, 'translator-many'));
    const [expected] = await translate(model, [TEXT], { to: 'de', alternatives: 1, beam: 2 });
    model.dispose();
    expect(output).toMatchObject({ from: 'en', to: 'de', model: 'translator-many', text: expected!.text });
    expect(output.sentences).toHaveLength(2);
    for (const [i, { source, translations }] of output.sentences.entries()) {
      expect(source.tokens[0]).toEqual({ text: '<2de>', word: null });
      expect(translations.map(({ text }) => text)).toEqual(
        expected!.sentences[i]!.translations.map(({ text }) => text),
      );
      expect(translations[0]!.alignment).toEqual(expected!.sentences[i]!.translations[0]!.alignment);
    }
    expect(told.map(({ sentence, of }) => [sentence, of]).toSorted()).toEqual([
      [0, 2],
      [1, 2],
    ]);
    for (const report of told) expect(report.translated).toEqual(output.sentences[report.sentence]);
  });

  it('translates only what is new in a text that somebody goes on writing, and says the same as from the beginning', async () => {
    const wanted = { to: 'de', model: 'translator-many', beam: 2 };
    const remember = vi.spyOn((await translator.open(wanted)).memory, 'remember');
    const translated = (): string[] => remember.mock.calls.splice(0).map(([, sentence]) => sentence);
    const text = 'A dog runs. Two cats sleep. A dog';
    await translator.translate({ text, ...wanted }, control());
    expect(translated().toSorted()).toEqual(['A dog', 'A dog runs.', 'Two cats sleep.']);
    const told: number[] = [];
    const report = ({ sentence }: Progress<'translate.run'>): number => told.push(sentence);
    const longer = await translator.translate({ text: `\n${text} sleeps.`, ...wanted }, control(report));
    expect(translated()).toEqual(['A dog sleeps.']);
    expect(told.toSorted()).toEqual([0, 1, 2]);
    translator.dispose();
    const anew = await translator.translate({ text: `\n${text} sleeps.`, ...wanted }, control());
    // The last digit of a number depends on what else was in its batch.
    const said = ({ sentences, text }: typeof longer): unknown[] => [
      text,
      sentences.map(({ source, translations }) => [source, translations.map(({ text, tokens }) => [text, tokens])]),
    ];
    expect(said(longer)).toEqual(said(anew));
  });

  it('says which sentences are in a script that the model cannot read', async () => {
    const { sentences, text } = await translator.translate({ text: '今日はいい天気です。', to: 'de' }, control());
    expect(text).toBe('今日はいい天気です。');
    expect(sentences.map(({ kept }) => kept)).toEqual(['unknown-script']);
  });

  it.each([
    [{ to: 'cs' }, 'translator-many'],
    [{ to: 'es' }, 'translator-none'],
    [{ to: 'fr', model: 'translator-additive' }, 'translator-additive'],
  ])('takes for %j the first model that can', async (wanted, name) => {
    expect(await translator.translate({ text: 'A dog.', ...wanted }, control())).toMatchObject({ model: name });
  });

  it.each([
    [{ to: 'xx' }, 'unknown-language', 'to "xx". Known: de (German)'],
    [{ from: 'ja', to: 'de' }, 'unknown-language', 'from "ja". Known: en (English)'],
    [{ to: 'cs', model: 'translator-additive' }, 'unknown-language', 'to "cs"'],
    [{ to: 'de', model: 'other' }, 'not-found', 'Installed: translator-many'],
  ])('refuses %j', async (wanted, code, message) => {
    const error = await translator.translate({ text: 'A dog.', ...wanted }, control()).catch(toAttendError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('takes no folder for a name, whoever asks', async () => {
    const model = join(folder.path, 'run', 'best');
    const error = await translator.translate({ text: 'A dog.', to: 'de', model }, control()).catch(toAttendError);
    expect(error).toMatchObject({ code: 'not-found' });
  });

  it('has none where none is installed, and finds one that is put there later', async () => {
    const later = join(folder.path, 'later');
    const own = new TextTranslator({ models: later, useBackend: () => Promise.resolve() });
    expect(await own.list()).toEqual({ models: [], languages: [], through: [] });
    await expect(own.translate({ text: 'A dog.', to: 'de' }, control())).rejects.toMatchObject({
      code: 'no-translator',
    });
    await writeTinyTranslator(join(later, 'translator-tiny'));
    expect(await own.translate({ text: 'A dog.', to: 'de' }, control())).toMatchObject({ model: 'translator-tiny' });
    own.dispose();
    await rm(later, { recursive: true });
  });

  it('stops between sentences when it is cancelled, and works afterwards', async () => {
    const controller = new AbortController();
    const long = Array.from({ length: 200 }, (_, i) => `A dog and ${'a cat '.repeat(i % 7)}sleep.`).join('\n');
    let done = 0;
    const report = (): void => {
      // From outside, as a message that arrives.
      if (done++ === 0) setTimeout(() => controller.abort(new Error('enough')));
    };
    const running = translator.translate({ text: long, to: 'de', beam: 1 }, control(report, controller.signal));
    await expect(running).rejects.toThrow('enough');
    expect(done).toBeLessThan(200);
    expect((await translator.translate({ text: 'A dog.', to: 'de' }, control())).sentences).toHaveLength(1);
  });

  it('keeps the last two models and frees the others', async () => {
    const all = async (): Promise<void> => {
      for (const model of ['translator-many', 'translator-additive', 'translator-none']) {
        const to = model === 'translator-none' ? 'es' : 'de';
        await translator.translate({ text: 'A dog.', to, model, beam: 1 }, control());
      }
    };
    await all();
    await expectNoLeak(all);
  });
});

describe('heads', () => {
  it('are compared with the others of their kind, in the form of the contract', async () => {
    const look = await translator.lookInside({ text: 'A dog runs.', to: 'de', model: 'translator-many' }, control());
    expect(REQUESTS['translate.lookInside'].output.parse(look)).toEqual(look);
    for (const { entropy, head, kind, layer, nearest, weights } of look.maps) {
      expect(entropy).toBeCloseTo(meanEntropy(weights), 5);
      const others = look.maps.filter((map) => map.kind === kind && (map.layer !== layer || map.head !== head));
      const least = Math.min(...others.map((other) => meanJensenShannon(other.weights, weights)));
      expect(nearest!.divergence).toBeCloseTo(least, 5);
    }
  });

  it('of a recurrent model have none to be compared with', async () => {
    const { maps } = await translator.lookInside({ text: 'A dog.', to: 'de', model: 'translator-additive' }, control());
    expect(maps).toHaveLength(1);
    expect(maps[0]!.nearest).toBeUndefined();
  });
});

describe('the tree of the search', () => {
  it.each(['translator-many', 'translator-additive'])('ends with the translation that is given: %s', async (model) => {
    const wanted = { text: 'A dog runs.', to: 'de', model };
    const tree = await translator.tree({ ...wanted, beam: 3 }, control());
    expect(REQUESTS['learn.sentenceTree'].output.parse(tree)).toEqual(tree);
    // A whole text may be tried again another way, where a translation looks wrong, as of a tiny model it does.
    const look = await translator.lookInside({ ...wanted, beam: 3 }, control());
    expect(tree.text).toBe(look.text);
    const tokens = pathTo(tree.best!, tree.nodes).map((node) => tree.nodes[node]!.probability);
    for (const [i, probability] of look.probabilities.entries()) expect(tokens[i]).toBeCloseTo(probability, 5);
  });

  it('of an empty text is none', async () => {
    await expect(translator.tree({ text: ' ', to: 'de' }, control())).rejects.toThrow('nothing to translate');
  });
});

describe('one step', () => {
  const wanted = { text: 'A dog runs.', to: 'de' };

  it.each([
    ['translator-many', 'heads', 3, 2],
    ['translator-additive', 'additive', 1, 1],
  ])('of %s is told in the form of the contract', async (model, attention, layers, heads) => {
    const first = await translator.trace({ ...wanted, model, step: 0 }, control());
    expect(REQUESTS['learn.sentence'].output.parse(first)).toEqual(first);
    expect(first).toMatchObject({ attention, layers, heads });
    expect(first.target).toHaveLength(first.written.length + 1);
    const last = await translator.trace(
      { ...wanted, model, written: first.written, step: first.written.length },
      control(),
    );
    expect(last.target).toEqual(first.target);
    expect(last.step.look!.weights).toHaveLength(first.source.length);
  });

  it('of the decoder at itself has the tokens so far as its locations', async () => {
    const head = { kind: 'decoder', layer: 1, head: 1 } as const;
    const { written } = await translator.trace({ ...wanted, step: 0 }, control());
    const { locations, step } = await translator.trace({ ...wanted, written, step: 2, head }, control());
    expect(locations).toHaveLength(3);
    expect(step.look!.weights).toHaveLength(3);
  });

  it('of a model without attention has no look', async () => {
    const { step } = await translator.trace({ text: 'A dog.', to: 'es', model: 'translator-none', step: 0 }, control());
    expect(step.look).toBeNull();
  });

  it.each([
    [{ step: 999 }, 'there is no step 999'],
    [{ written: [100_000], step: 0 }, 'The vocabulary has no token 100000'],
    [{ step: 0, head: { kind: 'cross', layer: 9, head: 0 } }, 'There is no layer 9'],
    [{ step: 0, change: { scores: [1] } }, '1 scores for them'],
    [{ step: 0, text: 'dog '.repeat(120) }, 'at most 64 can be taken apart'],
  ] as const)('is refused for %j', async (change, message) => {
    const error = await translator.trace({ ...wanted, ...change } as never, control()).catch(toAttendError);
    expect(error).toMatchObject({ code: 'bad-request', message: expect.stringContaining(message) });
  });
});

describe('looking inside', () => {
  it.each([
    ['translator-many', 3 * 2 + 2 * 2 + 3 * 2, 'de'],
    ['translator-additive', 1, 'de'],
    ['translator-none', 0, 'es'],
  ])('shows all maps of %s', async (model, maps, to) => {
    const look = await translator.lookInside({ text: 'A dog runs.', to, model, beam: 1 }, control());
    expect(REQUESTS['translate.lookInside'].output.parse(look)).toEqual(look);
    expect(look).toMatchObject({ model });
    expect(look.maps).toHaveLength(maps);
    for (const { kind, weights } of look.maps) {
      expect(weights).toHaveLength(kind === 'encoder' ? look.source.length : look.target.length);
      for (const row of weights) {
        expect(row).toHaveLength(kind === 'decoder' ? look.target.length : look.source.length);
      }
    }
  });

  it('shows how the model would write another translation', async () => {
    const look = await translator.lookInside({ text: 'A dog runs.', to: 'de', target: 'Ein Hund!' }, control());
    expect(look.text).toBe('Ein Hund!');
    expect(look.target.at(-1)).toEqual({ text: '<end>', word: null });
    expect(look.probabilities).toHaveLength(look.target.length);
  });

  it.each([
    [{ text: '' }, 'nothing to translate'],
    [{ text: 'A dog.', target: 'word '.repeat(300) }, 'The translation has'],
  ])('refuses %j', async (wanted, message) => {
    const error = await translator.lookInside({ to: 'de', ...wanted }, control()).catch(toAttendError);
    expect(error).toMatchObject({ code: 'bad-request', message: expect.stringContaining(message) });
  });
});
