import type { Place, SentenceTranslation } from './translation-result.ts';

/**
 * A translation with words of its source in the place of some of its own: those that they looked at most.
 *
 * @param unwanted as they stand in the translation
 * @param source the words of the source
 */
export function wordsInstead(
  translation: SentenceTranslation,
  unwanted: readonly string[],
  source: readonly string[],
): SentenceTranslation {
  let text = '';
  let position = 0;
  const places: Place[] = [];
  const words = translation.words.map(({ word, probability }, i) => {
    const [start, end] = translation.places[i]!;
    text += translation.text.slice(position, start);
    const row = translation.alignment[i] ?? [];
    const looked = source[row.indexOf(Math.max(...row))] ?? '…';
    const said = unwanted.includes(word) ? looked : translation.text.slice(start, end);
    places.push([text.length, text.length + said.length]);
    text += said;
    position = end;
    return { word: said, probability };
  });
  return { ...translation, text: text + translation.text.slice(position), words, places };
}
