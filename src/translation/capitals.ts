import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import type { SentenceTranslation } from './translation-result.ts';

/**
 * Whether a sentence is written in capitals altogether. One word alone is a name as likely ("NASA"), unless it is one
 * that is known in small letters.
 */
export function isInCapitals(sentence: string, isWord: (small: string) => boolean): boolean {
  if (/\p{Ll}/u.test(sentence)) return false;
  const words = sentence.match(/\p{Lu}[\p{Lu}\p{M}'’]*/gu) ?? [];
  const longer = words.filter((word) => word.length > 1);
  if (longer.length === 0) return false;
  return words.length > 1 || isWord(longer[0]!.toLowerCase());
}

/** A sentence in small letters but for its first and what stays as it is; as long as before. */
export function smallLetters(sentence: string, spans: readonly ProtectedSpan[]): string {
  let result = '';
  let position = 0;
  const lower = (end: number): void => {
    for (const character of sentence.slice(position, end)) {
      const small = character.toLowerCase();
      result += small.length === character.length ? small : character;
    }
  };
  for (const { start, end } of spans) {
    lower(start);
    result += sentence.slice(start, end);
    position = end;
  }
  lower(sentence.length);
  const first = /^[^\p{L}]*\p{Ll}/u.exec(result)?.[0];
  const begun = first ? first.toUpperCase() : '';
  if (begun.length === first?.length) result = begun + result.slice(begun.length);
  return result.replace(/(?<![\p{L}\p{N}'’])i(?![\p{L}\p{N}])/gu, 'I');
}

/** A translation in capitals, but for what stays as it is. */
export function capitalised(
  translation: SentenceTranslation,
  held: readonly string[],
  language: string,
): SentenceTranslation {
  const places: [number, number][] = [];
  let text = '';
  let position = 0;
  const upper = (part: string): string => (held.includes(part) ? part : part.toLocaleUpperCase(language));
  const words = translation.words.map(({ word, probability }, i) => {
    const [start, end] = translation.places[i]!;
    text += upper(translation.text.slice(position, start));
    const from = text.length;
    text += upper(translation.text.slice(start, end));
    places.push([from, text.length]);
    position = end;
    return { word: upper(word), probability };
  });
  text += upper(translation.text.slice(position));
  return { ...translation, text, words, places };
}
