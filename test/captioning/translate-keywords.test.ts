import { describe, expect, it } from 'vitest';
import type { KeywordFinder } from '../../src/captioning/keyword-finder.ts';
import { translatedKeywords } from '../../src/captioning/translate-keywords.ts';
import type { TranslatedText } from '../../src/translation/translation-result.ts';

/** Finds one thing where it stands, and nothing else. */
const finds =
  (...things: string[]): KeywordFinder =>
  (caption) =>
    things.map((thing) => {
      const start = caption.indexOf(thing);
      return { keyword: thing, place: [start, start + thing.length], kind: 'thing' };
    });

/** A translation into words with spaces between them. */
function translated(
  source: string,
  text: string,
  to: string,
  alignment: number[][],
  probabilities: number[] = [],
): TranslatedText {
  const placed = (sentence: string): [number, number][] =>
    [...sentence.matchAll(/[\p{L}']+/gu)].map(({ 0: word, index }) => [index, index + word.length]);
  const places = placed(text);
  return {
    to,
    sentences: [
      {
        source: { text: source, places: placed(source) },
        translations: [
          {
            text,
            places,
            alignment,
            words: places.map(([start, end], i) => ({
              word: text.slice(start, end),
              probability: probabilities[i] ?? 1,
            })),
          },
        ],
      },
    ],
  } as unknown as TranslatedText;
}

describe('the keywords of a translated caption', () => {
  it('are the words that looked at those of the caption', () => {
    const result = translated('A dog in snow.', 'Ein Hund im Schnee.', 'de', [
      [0.8, 0.2, 0, 0],
      [0.1, 0.8, 0.1, 0],
      [0, 0, 0.4, 0.6],
      [0, 0, 0.1, 0.9],
    ]);
    expect(translatedKeywords(finds('dog', 'snow'), result)).toEqual(['Hund', 'Schnee']);
  });

  it('are all words that looked at one of several words, with what stands between', () => {
    const result = translated('A teddy bear.', 'Un ours en peluche.', 'fr', [
      [0.9, 0.1, 0],
      [0, 0.2, 0.8],
      [0.5, 0.2, 0.3],
      [0, 0.9, 0.1],
    ]);
    expect(translatedKeywords(finds('teddy bear'), result)).toEqual(['ours en peluche']);
  });

  it('are none that the translator is unsure of', () => {
    const alignment = [
      [0, 1, 0, 0],
      [0, 0, 0, 1],
    ];
    const result = translated('A giraffe and grass', 'Käse Gras', 'de', alignment, [0.02, 0.94]);
    expect(translatedKeywords(finds('giraffe', 'grass'), result)).toEqual(['Gras']);
  });

  it('have no article, not even one that is written with the word', () => {
    const result = translated('Water', "L'eau", 'fr', [[1]]);
    expect(translatedKeywords(finds('Water'), result)).toEqual(['eau']);
  });

  it('have no capital because the sentence begins with them, but in German', () => {
    const alignment = [[1], [0]];
    expect(translatedKeywords(finds('Dogs'), translated('Dogs', 'Chiens bruns', 'fr', alignment))).toEqual(['chiens']);
    expect(translatedKeywords(finds('Dogs'), translated('Dogs', 'Hunde bellen', 'de', alignment))).toEqual(['Hunde']);
  });

  it('are none where nothing looked at them, or the translator has no attention', () => {
    expect(
      translatedKeywords(
        finds('dog'),
        translated('A dog', 'Ein Tier', 'de', [
          [1, 0],
          [1, 0],
        ]),
      ),
    ).toEqual([]);
    expect(translatedKeywords(finds('dog'), translated('A dog', 'Ein Tier', 'de', []))).toEqual([]);
  });
});
