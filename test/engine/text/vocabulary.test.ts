import { describe, expect, it } from 'vitest';
import { END, START, UNKNOWN, Vocabulary } from '../../../src/engine/text/vocabulary.ts';

describe('Vocabulary', () => {
  const texts = [
    ['a', 'dog'],
    ['a', 'cat'],
    ['a', 'dog', 'bird'],
  ];

  it('keeps frequent words, most frequent first, ties by the alphabet', () => {
    expect(Vocabulary.fromTexts(texts, 1).words).toEqual([START, END, UNKNOWN, 'a', 'dog', 'bird', 'cat']);
    expect(Vocabulary.fromTexts(texts, 2).words).toEqual([START, END, UNKNOWN, 'a', 'dog']);
  });

  it('does not depend on the order of the texts', () => {
    expect(Vocabulary.fromTexts([...texts].reverse(), 1).words).toEqual(Vocabulary.fromTexts(texts, 1).words);
  });

  it('encodes and decodes, with unknown words as one token', () => {
    const vocabulary = Vocabulary.fromTexts(texts, 2);
    expect(vocabulary.encode(['a', 'zebra', 'dog'])).toEqual([3, 2, 4]);
    expect(vocabulary.decode([3, 4])).toEqual(['a', 'dog']);
    expect(vocabulary.has('zebra')).toBe(false);
  });

  it('refuses ids that do not exist, doubles and missing special tokens', () => {
    expect(() => Vocabulary.fromTexts(texts, 2).decode([99])).toThrow('No word has the id 99');
    expect(() => new Vocabulary([START, END, UNKNOWN, 'a', 'a'])).toThrow('twice');
    expect(() => new Vocabulary(['a'])).toThrow(START);
  });
});
