import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { normalise } from '../../../src/engine/text/normalise.ts';
import { SubwordTokenizer } from '../../../src/engine/text/subword-tokenizer.ts';
import { randomTexts, TEXTS } from './scripts.ts';

const CORPUS = [
  'A dog runs through the snow.',
  'The dog runs, the dog jumps, the dogs run.',
  "The dog doesn't run in the snow.",
  'Ein Hund läuft durch den Schnee.',
  'Der Hund läuft, der Hund springt, die Hunde laufen.',
  'Un chien court dans la neige, l’autre chien ne court pas.',
];
const options = { size: 320, languages: ['de', 'fr'], minCharacterCount: 2 };
const tokenizer = SubwordTokenizer.train(CORPUS, options);
const ALL = [...TEXTS, ...CORPUS, ...randomTexts(400, new Random(11))];
const printed = (text: string) => tokenizer.encode(text).map((id) => tokenizer.tokens[id]);

describe('SubwordTokenizer', () => {
  it('loses no character of any text', () => {
    for (const text of ALL) expect(tokenizer.decode(tokenizer.encode(text))).toBe(normalise(text));
  });

  it('loses no character with dropout, and cuts differently', () => {
    const { next } = new Random(7);
    const dropout = { rate: 0.3, random: next };
    for (const text of ALL) expect(tokenizer.decode(tokenizer.encode(text, dropout))).toBe(normalise(text));
    const cuttings = new Set(Array.from({ length: 20 }, () => tokenizer.encode('the dog runs', dropout).join(' ')));
    expect(cuttings.size).toBeGreaterThan(1);
  });

  it('writes frequent words as one token with the space, and rare characters as bytes', () => {
    expect(printed('the dog')).toEqual(['▁the', '▁dog']);
    expect(printed('Ω')).toEqual(['▁', '<0xCE>', '<0xA9>']);
    expect(printed('▁')).toEqual(['▁', '<0xE2>', '<0x96>', '<0x81>']);
  });

  it('shares tokens between languages and punctuation', () => {
    const comma = printed('dog, Hund,').filter((token) => token === ',');
    expect(comma).toHaveLength(2);
    expect(printed('dog.').at(0)).toBe('▁dog');
  });

  it('has as many ids as asked for, each printed differently, and knows its special ones', () => {
    const { size, tokens } = tokenizer;
    expect(size).toBe(320);
    expect(new Set(tokens).size).toBe(320);
    expect(tokens.slice(0, 6)).toEqual(['<pad>', '<start>', '<end>', '<unk>', '<2de>', '<2fr>']);
    expect([tokenizer.pad, tokenizer.start, tokenizer.end, tokenizer.unknown]).toEqual([0, 1, 2, 3]);
    expect(tokenizer.language('fr')).toBe(5);
    expect(tokenizer.forbidden).toEqual([0, 1, 3, 4, 5]);
  });

  it('never reads special tokens from text', () => {
    for (const text of ['<pad>', '<start> <end>', '<2de>', '<unk>', '<0x41>']) {
      expect(Math.min(...tokenizer.encode(text))).toBeGreaterThan(5);
    }
  });

  it('does not depend on the order of the texts', () => {
    const reversed = SubwordTokenizer.train(CORPUS.toReversed(), options);
    expect(reversed.toJSON()).toEqual(tokenizer.toJSON());
  });

  it('is the same after a journey through JSON', () => {
    const copy = SubwordTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(copy.tokens).toEqual(tokenizer.tokens);
    for (const text of ALL) expect(copy.encode(text)).toEqual(tokenizer.encode(text));
  });

  it('keeps its policy on quotation marks', () => {
    const plain = SubwordTokenizer.train(CORPUS, { ...options, quotes: 'plain' });
    const copy = SubwordTokenizer.fromJSON(JSON.parse(JSON.stringify(plain)));
    expect(copy.decode(copy.encode('“don’t”'))).toBe('"don\'t"');
    expect(copy.encode('don’t')).toEqual(copy.encode("don't"));
    expect(tokenizer.decode(tokenizer.encode('“don’t”'))).toBe('“don’t”');
  });

  it('writes whatever a model says', () => {
    const id = (token: string) => tokenizer.tokens.indexOf(token);
    const ids = [
      '<start>',
      '<2de>',
      '▁',
      '▁dog',
      '▁',
      '▁the',
      '<0xCE>',
      '.',
      '<0xF0>',
      '<0xCE>',
      '<0xA9>',
      '▁',
      '<end>',
    ].map(id);
    expect(tokenizer.decode(ids)).toBe('dog the\ufffd.\ufffdΩ');
    expect(tokenizer.decode([])).toBe('');
    expect(() => tokenizer.decode([400])).toThrow('No token has the id 400');
    expect(() => tokenizer.decode([-1])).toThrow('No token has the id -1');
  });

  it('encodes ten thousand characters of anything', () => {
    for (const unit of ['the dog runs ', 'dog', '無', '👩‍👩‍👧‍👦', '.', '\u0301', '7']) {
      const text = unit.repeat(Math.ceil(10_000 / unit.length));
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(normalise(text));
    }
  });

  it('refuses languages that it does not know, and vocabularies without room', () => {
    expect(() => tokenizer.language('xx')).toThrow('no tag for the language “xx”; it knows de, fr');
    expect(() => SubwordTokenizer.train(CORPUS, { size: 200 })).toThrow(/vocabulary of 200 is too small/);
    expect(() => SubwordTokenizer.train(CORPUS, { size: 320, languages: ['de', 'de'] })).toThrow('given twice');
    expect(() => SubwordTokenizer.train(CORPUS, { size: 320, languages: ['<'] })).toThrow('“<” is not a language code');
  });

  it.each([
    [null, 'it is not an object'],
    [{}, 'its format is not attend-subwords'],
    [{ ...tokenizer.toJSON(), version: 3 }, 'it has version 3 and this Attend reads version 2'],
    [{ ...tokenizer.toJSON(), placeholders: 40 }, 'its placeholders are no number'],
    [{ ...tokenizer.toJSON(), quotes: 'some' }, 'neither keep nor plain'],
    [{ ...tokenizer.toJSON(), languages: undefined }, 'it lists no languages'],
    [{ ...tokenizer.toJSON(), symbols: [' ', 7] }, 'symbol 1 is no text'],
    [{ ...tokenizer.toJSON(), symbols: [' ', 'a', 'a'] }, 'a symbol occurs twice'],
    [{ ...tokenizer.toJSON(), symbols: ['a'] }, 'its first symbol is not the space'],
  ])('refuses damaged JSON %#', (value, message) => {
    expect(() => SubwordTokenizer.fromJSON(value)).toThrow(message);
  });
});

describe('places of tokens and words', () => {
  it('encodes as without places, and covers everything visible', () => {
    for (const text of ALL) {
      const { ids, spans, words } = tokenizer.encodeWithSpans(text);
      expect(ids).toEqual(tokenizer.encode(text));
      expect(spans).toHaveLength(ids.length);
      for (const { start, end, text: word } of words) expect(text.slice(start, end)).toBe(word);
      const writing = spans.flatMap(({ start, end }, token) => (end > start ? [token] : []));
      expect(words.flatMap((word) => word.tokens)).toEqual(writing);
    }
  });

  it('decodes as without places', () => {
    for (const text of ALL) {
      const ids = [...tokenizer.encode(text), tokenizer.end];
      const { text: decoded, spans, words } = tokenizer.decodeWithSpans(ids);
      expect(decoded).toBe(tokenizer.decode(ids));
      expect(spans).toHaveLength(ids.length);
      const writing = spans.flatMap(({ start, end }, token) => (end > start ? [token] : []));
      expect(words.flatMap((word) => word.tokens)).toEqual(writing);
    }
  });

  it('finds the words of the text as it was typed', () => {
    const text = '  The\u00a0 dog\u00ads  Ωe\u0301!';
    const { ids, spans, words } = tokenizer.encodeWithSpans(text);
    expect(words.map((word) => word.text)).toEqual(['The', 'dog\u00ads', 'Ωe\u0301', '!']);
    const letter = words[2]!.tokens.map((token) => text.slice(spans[token]!.start, spans[token]!.end));
    expect(new Set(letter)).toEqual(new Set(['Ω', 'e\u0301']));
    expect(words.at(-1)!.tokens).toEqual([ids.length - 1]);
  });

  describe('with placeholders', () => {
    const holding = tokenizer.withPlaceholders(3);

    it('has as many ids as before, and other names for three of them', () => {
      expect(holding.size).toBe(tokenizer.size);
      const renamed = holding.tokens.flatMap((token, id) => (token === tokenizer.tokens[id] ? [] : [token]));
      expect(renamed).toEqual(['<1>', '<2>', '<3>']);
      expect(holding.placeholderOf(holding.placeholder(2))).toBe(2);
      expect(holding.placeholderOf(holding.end)).toBe(-1);
    });

    it('reads them for stretches of a text, and knows their places', () => {
      const text = 'the dog 12:30 runs (C:\\x)';
      const held = [
        { start: 8, end: 13 },
        { start: 20, end: 24 },
      ];
      const { ids, spans, words } = holding.encodeWithSpans(text, 'en', held);
      const places = [0, 1].map((index) => ids.indexOf(holding.placeholder(index)));
      expect(places.map((place) => text.slice(spans[place]!.start, spans[place]!.end))).toEqual(['12:30', 'C:\\x']);
      expect(words.map((word) => word.text)).toEqual(['the', 'dog', '12:30', 'runs', '(', 'C:\\x', ')']);
      expect(spans.every(({ start, end }, i) => i === 0 || start >= spans[i - 1]!.start || end > start)).toBe(true);
    });

    it('writes what they stand for', () => {
      const { ids } = holding.encodeWithSpans('at 7 and 8', 'en', [
        { start: 3, end: 4 },
        { start: 9, end: 10 },
      ]);
      const { text, words } = holding.decodeWithSpans(ids, 'en', ['sieben', '8 Uhr']);
      expect(text).toBe('at sieben and 8 Uhr');
      expect(words.map(({ start, end }) => text.slice(start, end))).toContain('8 Uhr');
    });

    it('loses no text, whichever it is, and comes back from JSON', () => {
      const again = SubwordTokenizer.fromJSON(JSON.parse(JSON.stringify(holding)));
      expect(again.placeholders).toBe(3);
      for (const text of [...TEXTS, '\ue000\ue001 a\ue002b \ue003'])
        expect(again.decode(again.encode(text))).toBe(normalise(text));
    });

    it('cannot have more than there are bytes for, or stand for more than there are', () => {
      expect(() => tokenizer.withPlaceholders(15)).toThrow('0 to 14 placeholders, not 15');
      const four = [0, 2, 4, 6].map((start) => ({ start, end: start + 1 }));
      expect(() => holding.encodeWithSpans('a b c d', 'en', four)).toThrow('There are 3 placeholders only');
    });
  });
});
