import { joinWords } from '../../engine/text/caption-words.ts';
import type { KeywordFinder } from '../keyword-finder.ts';

/** A noun of a caption. */
export interface NounPlace {
  /** The number of the word. */
  place: number;
  /** In the singular. */
  noun: string;
}

/** The nouns that name things in a caption: of "a teddy bear" the bear. @param words of the caption */
export function nounPlaces(words: readonly string[], find: KeywordFinder): NounPlace[] {
  const ends = words.map((_, i) => joinWords(words.slice(0, i + 1)).length);
  return find(joinWords(words)).flatMap(({ keyword, kind, place: [, end] }) => {
    const place = ends.indexOf(end);
    return kind === 'thing' && place >= 0 ? [{ place, noun: keyword.split(' ').at(-1)! }] : [];
  });
}
