import type { SentenceTranslation } from './translation-result.ts';

/**
 * A translation without the mark at its end, where the source has none there: "bread" is no sentence, though most of what
 * a model was trained on is.
 */
export function withoutEndMark(translation: SentenceTranslation, source: string): SentenceTranslation {
  const last = translation.words.length - 1;
  const isAdded = last > 0 && /^[.!?]$/.test(translation.words[last]!.word) && /[\p{L}\p{M}\p{N}]\s*$/u.test(source);
  if (!isAdded) return translation;
  return {
    ...translation,
    text: translation.text.slice(0, translation.places[last]![0]).trimEnd(),
    words: translation.words.slice(0, last),
    places: translation.places.slice(0, last),
    alignment: translation.alignment.slice(0, last),
    tokens: translation.tokens.map((token) => (token.word === last ? { ...token, word: null } : token)),
  };
}
