import { describe, expect, it } from 'vitest';
import { translate } from '../../src/translation/translate.ts';
import type { TranslatedText } from '../../src/translation/translation-result.ts';
import { useTestBackend } from '../support/backend.ts';
import { copyingTranslator, type CopyingOptions } from '../support/tiny-translator.ts';

useTestBackend();

const ask = async (text: string, options: CopyingOptions = {}): Promise<TranslatedText> => {
  const [result] = await translate(copyingTranslator([], ['de', 'fr'], options), [text], { to: 'fr' });
  return result as TranslatedText;
};

/** As a bad model does: it loses what it was not trained on. */
const losing: NonNullable<CopyingOptions['write']> = (source) => source.replace(/[^\p{L}\ue000-\ue00f .,!?]+/gu, '');

describe.each([0, 4])('with a model of %i placeholders that loses digits and signs', (placeholders) => {
  it.each([
    'A dog runs at 12:30 on 17.05.2024.',
    'It costs $1,299.00 here.',
    'Call +49 30 1234567 now, or a dog runs.',
    '3 dogs and 1 cat.',
    'Hello {name}, a {{dog}} has %s and %d of ${max}.',
    'A #dog and @cat_k today :smile: yes',
    'Press <kbd>Ctrl</kbd> and <b>run</b>.',
    'Fish &amp; chips &lt;b&gt;',
    'The file is in C:\\dogs\\cat.txt now.',
    'See https://example.org/a?b=c, please, or write to a.b@example.org!',
    'The word 犬 means dog.',
    'A ☀️ day and a dog.',
    'A dog runs 1 2 3 4 5 6 7 8 9 times.',
    'A dog $x^2$ runs `npm ci` here.',
  ])('%j comes out with all of it', async (text) => {
    const { sentences, text: written } = await ask(text, { placeholders, write: losing });
    expect(written).toBe(text);
    expect(sentences.flatMap(({ faults = [] }) => faults)).toEqual([]);
  });

  it('still says what words looked at', async () => {
    const { sentences } = await ask('A dog runs at 12:30 today.', { placeholders, write: losing });
    const { source, translations } = sentences[0]!;
    const [best] = translations;
    expect(best!.words).toHaveLength(best!.alignment.length);
    expect(best!.tokens).toHaveLength(best!.weights.length);
    for (const row of best!.alignment) {
      expect(row).toHaveLength(source.words.length);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    }
    for (const row of best!.weights) expect(row).toHaveLength(source.tokens.length);
    const time = best!.words.findIndex(({ word }) => word.startsWith('12'));
    const looked = best!.alignment[time]!;
    expect(source.words[looked.indexOf(Math.max(...looked))]).toContain('12');
    for (const [i, [start, end]] of best!.places.entries()) {
      expect(best!.text.slice(start, end)).toBe(best!.words[i]!.word);
    }
  });
});

describe('a sentence that comes out badly', () => {
  it('is marked where it stays bad', async () => {
    const write = (source: string): string => (source.includes('dog') ? '42 dogs run.' : source);
    const model = copyingTranslator([], ['de', 'fr'], { write });
    const [result] = await translate(model, ['A dog runs. A cat sleeps.'], { to: 'fr', beam: 1 });
    expect(result!.sentences.map(({ faults }) => faults)).toEqual([['numbers'], undefined]);
  });

  it('is tried without repetitions', async () => {
    const { sentences } = await ask('A dog runs through the snow.', { write: () => 'snow red snow red snow red ball' });
    expect(sentences[0]!.faults ?? []).not.toContain('repetition');
  });

  it('has no obscene word that its source has not: there stands the word of the source', async () => {
    const write = (source: string): string => source.replace('peanuts', 'putain');
    const { sentences, text } = await ask('A dog and peanuts here.', { write });
    expect(text).toBe('A dog and peanuts here.');
    expect(sentences[0]!.faults).toEqual(['offensive']);
  });
});

describe('a model with placeholders', () => {
  const seen = async (
    text: string,
    to: string,
    change = (read: string): string => read,
  ): Promise<[string[], string]> => {
    const sources: string[] = [];
    const write = (source: string): string => {
      sources.push(source);
      return change(source);
    };
    const model = copyingTranslator([], ['de', 'es', 'cs'], { placeholders: 4, write });
    const [result] = await translate(model, [text], { to });
    expect(result!.sentences.flatMap(({ faults = [] }) => faults)).toEqual([]);
    return [[...new Set(sources)], result!.text];
  };

  it.each([
    ['de', 'A dog runs at 9:30.', 'A dog runs at \ue000.'],
    ['de', 'A dog runs on 17.05.2024.', 'A dog runs on 17.05.2024.'],
    ['de', 'A dog runs on 17.05.2024 at 9:30.', 'A dog runs on 17.05.2024 at \ue000.'],
    ['cs', 'A dog runs on 17.05.2024.', 'A dog runs on \ue000.'],
    ['es', 'A dog runs at 9:30 for {name}.', 'A dog runs at 9:30 for \ue000.'],
  ])('reads into %s, of %j, %j', async (to, text, read) => {
    expect(await seen(text, to)).toEqual([[read], text]);
  });

  it.each([
    ['A <b>dog</b> runs.', 'A \ue000 dog \ue001 runs.'],
    ['A &quot;dog&quot;, <i>a cat</i> here.', 'A \ue000 dog \ue001, \ue002 a cat \ue003 here.'],
    ['A dog<br/>and <b>a</b> cat', 'A dog \ue000 and \ue001 a \ue002 cat'],
  ])('reads tags and entities apart from words, and writes them as they were: %j', async (text, read) => {
    expect(await seen(text, 'de', (own) => own)).toEqual([[read], text]);
  });

  it('gets a placeholder for a number that it wrote otherwise, with the same digits', async () => {
    const text = 'A dog has 1,250 cats.';
    const change = (read: string): string => read.replace('1,250', '1.250');
    expect(await seen(text, 'es', change)).toEqual([[text, 'A dog has \ue000 cats.'], text]);
  });
});

describe('capitals', () => {
  it.each([
    ['A DOG RUNS THROUGH THE SNOW.', 'A dog runs through the snow.'],
    ['I SEE {name} AND NO-ONE ELSE!', 'I see {name} and no-one else!'],
  ])('%j is read as small letters and written in capitals', async (text, read) => {
    const sources: string[] = [];
    const { sentences, text: written } = await ask(text, {
      placeholders: 2,
      write: (source) => {
        sources.push(source.replace('\ue000', '{name}'));
        return source;
      },
    });
    expect(sources[0]).toBe(read);
    expect(written).toBe(text);
    expect(sentences[0]!.source.text).toBe(text);
  });

  it('a name alone stays as it is', async () => {
    expect((await ask('NASA', { write: () => 'x' })).text).toBe('NASA');
  });
});

describe('lists', () => {
  it.each([
    '- bread\n* dogs\n+ cats',
    '1. a dog\n2) two cats\n(3) a ball',
    '• a dog\n  – a cat\n> a ball',
    'a) dog\nb) cat',
  ])('%j keeps its marks and numbers', async (text) => {
    const write = (source: string): string => source.replace(/^[^\p{L}]+/u, '');
    expect((await ask(text, { write })).text).toBe(text);
  });

  it('get no full stop that they had not', async () => {
    expect((await ask('- red ball', { write: (source) => `${source}.` })).text).toBe('- red ball');
  });
});

describe('text that is none', () => {
  it.each([
    ['letters without a space', 'x'.repeat(10_000)],
    ['base64 in a sentence', `The dog ${'QWxhZGRpbjpvcGVu+/'.repeat(110)} runs.`],
    ['quotes', '"'.repeat(100_000)],
    ['a megabyte without a space', 'abcdefghij'.repeat(100_000)],
    ['marks of lists', '- '.repeat(20_000)],
  ])('is copied letter for letter: %s', async (_, text) => {
    expect((await ask(text)).text).toBe(text);
  });

  it('is refused with a sentence where a paragraph has no end', async () => {
    await expect(ask('Mr. A.B. e.g. '.repeat(8000))).rejects.toThrow(
      'more than 100,000 characters without a line break',
    );
  });
});

describe('how sure a model is', () => {
  it('is said of sentences and of the text', async () => {
    const { confidence, isUnlike, sentences } = await ask('A dog runs through the snow. Two children play.');
    expect(sentences.map((one) => one.confidence > 0.8 && one.confidence < 1)).toEqual([true, true]);
    expect(confidence).toBeGreaterThan(0.8);
    expect(isUnlike).toBe(false);
  });

  it('is little where a text is unlike what it was trained on', async () => {
    const model = copyingTranslator();
    const strange = { ...model, decoding: { ...model.decoding, unlikeAbove: { fr: 0.001 } } };
    const text = 'A dog runs through the snow.';
    const said = async (to: string): Promise<boolean> => (await translate(strange, [text], { to }))[0]!.isUnlike;
    expect([await said('fr'), await said('de')]).toEqual([true, false]);
    // Of a few tokens one cannot tell.
    expect((await translate(strange, ['A dog.'], { to: 'fr' }))[0]!.isUnlike).toBe(false);
  });

  it('is nothing to ask of text without letters', async () => {
    expect(await ask('12:30 🎉')).toMatchObject({ confidence: 1, isUnlike: false, sentences: [] });
  });
});
