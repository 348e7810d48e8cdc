import { describe, expect, it } from 'vitest';
import { SentenceMemory } from '../../src/translation/sentence-memory.ts';
import type { PlacedSentence } from '../../src/translation/translation-result.ts';
import type { Search } from '../../src/translation/translation-search.ts';

const SEARCH: Search = { to: 'de', width: 4, wanted: 1, lengthNormalisation: 1 };
const sentence = (text: string): PlacedSentence => ({
  start: 0,
  end: text.length,
  source: { text, words: [], places: [], tokens: [] },
  translations: [],
  confidence: 1,
});

describe('a memory of sentences', () => {
  it.each([
    ['another language', { to: 'fr' }],
    ['another beam', { width: 1 }],
    ['more alternatives', { wanted: 3 }],
    ['another normalisation of length', { lengthNormalisation: 0 }],
  ])('knows nothing about %s', (_, other) => {
    const memory = new SentenceMemory();
    const known = sentence('A dog.');
    memory.remember(SEARCH, 'A dog.', known);
    expect(memory.recall(SEARCH, 'A dog.')).toBe(known);
    expect(memory.recall({ ...SEARCH, ...other }, 'A dog.')).toBeUndefined();
    expect(memory.recall(SEARCH, 'A dog')).toBeUndefined();
  });

  it('forgets what was not wanted for longest', () => {
    const memory = new SentenceMemory(2);
    for (const text of ['A.', 'B.']) memory.remember(SEARCH, text, sentence(text));
    memory.recall(SEARCH, 'A.');
    memory.remember(SEARCH, 'C.', sentence('C.'));
    expect(['A.', 'B.', 'C.'].filter((text) => memory.recall(SEARCH, text))).toEqual(['A.', 'C.']);
  });
});
