import type { SentenceTranslation } from './translation-result.ts';

/** A translation without a stretch of its text, and the words in it. */
export function withoutStretch(translation: SentenceTranslation, from: number, to: number): SentenceTranslation {
  const isKept = translation.places.map(([start, end]) => end <= from || start >= to);
  const number = new Map<number, number>();
  for (const [i, kept] of isKept.entries()) if (kept) number.set(i, number.size);
  const only = <T>(list: readonly T[]): T[] => list.filter((_, i) => isKept[i]);
  const moved = (place: number): number => (place >= to ? place - (to - from) : place);
  return {
    ...translation,
    text: translation.text.slice(0, from) + translation.text.slice(to),
    words: only(translation.words),
    places: only(translation.places).map(([start, end]) => [moved(start), moved(end)]),
    alignment: only(translation.alignment),
    tokens: translation.tokens.map((token) => ({
      ...token,
      word: token.word === null ? null : (number.get(token.word) ?? null),
    })),
  };
}
