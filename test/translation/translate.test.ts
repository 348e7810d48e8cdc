import { beforeAll, describe, expect, it } from 'vitest';
import { UnknownLanguageError } from '../../src/translation/languages.ts';
import { lookInside } from '../../src/translation/look-inside.ts';
import { translate } from '../../src/translation/translate.ts';
import type { TranslatedText } from '../../src/translation/translation-result.ts';
import { loadTranslator, type TranslatorModel } from '../../src/translation/translator-model.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';
import { copyingTranslator, TINY_SHAPES, writeTinyTranslator } from '../support/tiny-translator.ts';

useTestBackend();

const copy = async (text: string): Promise<TranslatedText> => {
  const [result] = await translate(copyingTranslator(), [text], { to: 'de' });
  return result as TranslatedText;
};

const sums = (rows: readonly (readonly number[])[]): number[] => rows.map((row) => row.reduce((a, b) => a + b, 0));

describe('translating with a model that copies', () => {
  it.each([
    ['a sentence', 'A dog runs.'],
    ['nothing', ''],
    ['white space', ' \n\t '],
    ['paragraphs and line breaks', 'A dog runs. It sleeps!\r\n\r\n\tTwo cats.\n  - and a ball\n'],
    ['emoji alone', '🎉🎉 👩‍👩‍👧‍👦'],
    ['emoji inside', 'Great day ☀️ let us go! 🎉'],
    ['an address', 'See https://example.org/a?b=c now.'],
    ['numbers', '12:30 – 14:00'],
    ['a script that it does not know', '今日はいい天気です。'],
    ['ten thousand characters', 'A dog runs through the snow. '.repeat(345)],
    ['ten thousand characters without a space', 'x'.repeat(200)],
  ])('gives %s back', async (what, text) => {
    const result = await copy(text);
    // A word that is too long for one sentence comes out in parts.
    expect(what.includes('without a space') ? result.text.replaceAll(' ', '') : result.text).toBe(text);
  });

  it('gives every sentence its place, its words and its alignment', async () => {
    const { sentences } = await copy(' A dog runs.\n\nTwo cats sleep.');
    expect(sentences.map(({ start, end }) => [start, end])).toEqual([
      [1, 12],
      [14, 29],
    ]);
    const { source, translations } = sentences[0]!;
    const [best] = translations;
    expect(source.words).toEqual(['A', 'dog', 'runs', '.']);
    expect(best!.words.map(({ word }) => word)).toEqual(source.words);
    for (const [i, row] of best!.alignment.entries()) {
      expect(row.map((weight) => weight > 0.99)).toEqual(source.words.map((_, j) => i === j));
    }
    expect(source.tokens[0]).toEqual({ text: '<2de>', word: null });
    expect(source.tokens.at(-1)).toEqual({ text: '<end>', word: null });
    expect(best!.tokens.map(({ text }) => text)).toEqual(source.tokens.slice(1).map(({ text }) => text));
    // The tokens of a sentence: all it was made of, behind the tag.
    expect(best!.weights).toHaveLength(best!.tokens.length);
    expect(best!.weights[0]![1]).toBeCloseTo(0.9, 5);
  });

  it('leaves alone what it cannot read, and says so', async () => {
    const { sentences, text } = await copy('A dog. Съешь ещё этих мягких французских булок.');
    expect(sentences.map(({ kept }) => kept)).toEqual([undefined, 'unknown-script']);
    expect(text).toBe('A dog. Съешь ещё этих мягких французских булок.');
    const [itself] = sentences[1]!.translations;
    expect(sums(itself!.alignment)).toEqual(itself!.words.map(() => 1));
    expect(itself!.weights[0]).toHaveLength(sentences[1]!.source.tokens.length);
  });

  it('puts sentences of like length together, whichever text they are of', async () => {
    const batches: [number, number][] = [];
    const long = 'Two children play with a red ball and a dog runs through the snow.';
    await translate(copyingTranslator(batches), [`A dog. ${long}`, `A cat. ${long}`], { to: 'fr' });
    expect(batches.map(([rows]) => rows)).toEqual([2, 2]);
    batches.length = 0;
    await translate(
      copyingTranslator(batches),
      Array.from({ length: 40 }, (_, i) => (i % 2 ? 'A dog.' : long)),
      {
        to: 'fr',
      },
    );
    expect(batches.map(([rows]) => rows)).toEqual([20, 20]);
    expect(batches[0]![1]).toBeGreaterThan(batches[1]![1]);
  });

  it('tells of every text in order as soon as its sentences are done', async () => {
    const told: string[] = [];
    const texts = Array.from(
      { length: 150 },
      (_, i) => `${'A '.repeat(1 + (i % 5))}dog ${String.fromCharCode(97 + (i % 26))}.`,
    );
    let sentences = 0;
    const counts: number[] = [];
    await translate(copyingTranslator(), texts, {
      to: 'de',
      onSentence: () => sentences++,
      onResult: ({ text }, index) => {
        expect(index).toBe(told.length);
        told.push(text);
        counts.push(sentences);
      },
    });
    expect(told).toEqual(texts);
    expect(counts[0]).toBeLessThan(150);
  });

  it('finds alternatives that read differently', async () => {
    const [result] = await translate(copyingTranslator(), ['A dog.'], { to: 'de', alternatives: 3 });
    const { translations } = result!.sentences[0]!;
    expect(new Set(translations.map(({ text }) => text)).size).toBe(4);
    expect(result!.alternatives).toEqual(translations.slice(1).map(({ text }) => text));
    expect(translations.map(({ score }) => score)).toEqual(
      translations.map(({ score }) => score).toSorted((a, b) => b - a),
    );
  });

  it.each([['de'], ['DE'], ['de-AT']])('understands the language %s', async (to) => {
    const [result] = await translate(copyingTranslator(), ['A dog.'], { to });
    expect(result!.to).toBe('de');
  });

  it('refuses an unknown language, with the list of the known ones', async () => {
    const refused = translate(copyingTranslator(), ['A dog.'], { to: 'xx' });
    await expect(refused).rejects.toThrow(UnknownLanguageError);
    await expect(refused).rejects.toThrow('There is no translation to "xx". Known: de (German), fr (French).');
  });

  it('needs no language where the model knows one only', async () => {
    const [result] = await translate(copyingTranslator([], []), ['A dog.']);
    expect(result).toMatchObject({ to: 'de', text: 'A dog.' });
    await expect(translate(copyingTranslator(), ['A dog.'])).rejects.toThrow('Say which language');
  });

  it.each([
    [{ beam: 0 }, 'beam must be'],
    [{ alternatives: -1 }, 'alternatives must be'],
    [{ beam: 1.5 }, 'beam must be'],
  ])('refuses %j', async (options, message) => {
    await expect(translate(copyingTranslator(), ['A dog.'], { to: 'de', ...options })).rejects.toThrow(message);
  });

  it('looks into exactly the translation that is asked about', async () => {
    const model = copyingTranslator();
    const own = await lookInside(model, 'A dog.', { to: 'de' });
    expect(await lookInside(model, 'A dog.', { to: 'de', target: 'A dog.' })).toEqual(own);
    expect(await lookInside(model, 'A dog.', { to: 'de', target: '' })).toEqual(own);
    const other = await lookInside(model, 'A dog.', { to: 'de', target: 'A cat.' });
    expect(other.text).toBe('A cat.');
    expect(other.probabilities[0]).toBeGreaterThan(0.5);
    expect(other.probabilities[1]).toBeLessThan(0.1);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const translating = translate(copyingTranslator(), ['A dog.', 'A cat.'], {
      to: 'de',
      signal: controller.signal,
      onResult: () => controller.abort(reason),
    });
    controller.abort(reason);
    await expect(translating).rejects.toBe(reason);
  });
});

describe.each(Object.keys(TINY_SHAPES) as (keyof typeof TINY_SHAPES)[])('translating with a model: %s', (shape) => {
  let model: TranslatorModel;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    model = await loadTranslator(await writeTinyTranslator(folder.path, { shape }));
    await folder.remove();
  });

  it('gives probabilities, scores and weights that fit together', async () => {
    const [result] = await expectNoLeak(() =>
      translate(model, ['A dog runs through the snow.\nTwo cats.'], { to: 'fr', alternatives: 2, beam: 2 }),
    );
    expect(result!.alignmentLayer).toBe({ transformer: 1, recurrent: 0, none: null }[shape]);
    for (const { source, translations } of result!.sentences) {
      expect(new Set(translations.map(({ text }) => text)).size).toBe(translations.length);
      expect(translations.length).toBeLessThanOrEqual(3);
      for (const { alignment, tokens, weights, words } of translations) {
        expect(alignment).toHaveLength(shape === 'none' ? 0 : words.length);
        expect(weights).toHaveLength(shape === 'none' ? 0 : tokens.length);
        for (const sum of sums([...alignment, ...weights])) expect(sum).toBeCloseTo(1, 4);
        for (const row of weights) expect(row).toHaveLength(source.tokens.length);
        for (const row of alignment) expect(row).toHaveLength(source.words.length);
        for (const { probability } of [...words, ...tokens]) expect(probability).toBeLessThanOrEqual(1);
      }
      const ranked = translations.filter(({ finished }) => finished).map(({ score }) => score);
      expect(ranked).toEqual(ranked.toSorted((a, b) => b - a));
    }
    expect(result!.alternatives.length).toBeGreaterThan(0);
  });

  it('says the same of a sentence alone and among others', async () => {
    const texts = ['A dog.', 'Two children play with a red ball.', 'A cat and a dog sleep.'];
    const together = await translate(model, texts, { to: 'de', beam: 1 });
    for (const [i, text] of texts.entries()) {
      const [alone] = await translate(model, [text], { to: 'de', beam: 1 });
      const [one, other] = [alone!, together[i]!].map(({ sentences }) => sentences[0]!.translations[0]!);
      expect(other!.text).toBe(one!.text);
    }
  });

  it('can be looked into', async () => {
    const look = await expectNoLeak(() => lookInside(model, 'A dog runs.', { to: 'de', beam: 2 }));
    const expected = { transformer: 3 * 2 + 2 * 2 + 3 * 2, recurrent: 1, none: 0 }[shape];
    expect(look.maps).toHaveLength(expected);
    expect(look.probabilities).toHaveLength(look.target.length);
    for (const { kind, weights } of look.maps) {
      expect(weights).toHaveLength(kind === 'encoder' ? look.source.length : look.target.length);
      expect(weights[0]).toHaveLength(kind === 'decoder' ? look.target.length : look.source.length);
      for (const sum of sums(weights)) expect(sum).toBeCloseTo(1, 4);
    }
  });

  it('shows the mean of the heads of its alignment layer', async () => {
    const look = await lookInside(model, 'A dog runs.', { to: 'de' });
    const [result] = await translate(model, ['A dog runs.'], { to: 'de' });
    const { text, weights } = result!.sentences[0]!.translations[0]!;
    expect(look.text).toBe(text);
    const heads = look.maps.filter(({ kind, layer }) => kind === 'cross' && layer === result!.alignmentLayer);
    for (const [t, row] of weights.entries()) {
      for (const [s, weight] of row.entries()) {
        const mean = heads.reduce((sum, map) => sum + map.weights[t]![s]!, 0) / heads.length;
        expect(weight).toBeCloseTo(mean, 4);
      }
    }
  });

  it.each([
    ['', 'nothing to translate'],
    ['word '.repeat(300), 'at most 256'],
  ])('cannot be looked into with %j', async (text, message) => {
    await expect(lookInside(model, text, { to: 'de' })).rejects.toThrow(message);
  });
});
