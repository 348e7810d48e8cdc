import type { KeywordFinder } from '../../captioning/keyword-finder.ts';
import { joinWords } from '../../engine/text/caption-words.ts';
import type { Vocabulary } from '../../engine/text/vocabulary.ts';

/** Things that captions name, and by which words. */
export interface CaptionNouns {
  /** In the singular, the most frequent first. */
  readonly names: readonly string[];
  /** By word id: the number of the thing that the word names, or −1. */
  readonly ofWord: Int32Array;
}

export interface CaptionNounsOptions {
  /** Photos whose captions must name a thing for it to count. */
  leastPhotos: number;
  /** Things at most, the most frequent. */
  most: number;
}

/**
 * The things that captions name often. A word stands for the thing that it names most of the time that it occurs, where
 * it does so more than half of the time: `dogs` for `dog`, but `orange` for nothing.
 *
 * @param photos the words of the captions of each photo
 */
export function captionNouns(
  photos: readonly (readonly (readonly string[])[])[],
  vocabulary: Vocabulary,
  find: KeywordFinder,
  { leastPhotos, most }: CaptionNounsOptions,
): CaptionNouns {
  const occurrences = new Map<string, number>();
  const named = new Map<string, Map<string, number>>();
  for (const words of photos.flat()) {
    for (const word of words) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
    const caption = joinWords(words);
    for (const { keyword, kind, place } of find(caption)) {
      if (kind !== 'thing') continue;
      // Of "fire hydrant" the last word is the thing.
      const word = caption
        .slice(...place)
        .split(' ')
        .at(-1)!;
      const thing = keyword.split(' ').at(-1)!;
      const things = named.get(word) ?? new Map<string, number>();
      named.set(word, things.set(thing, (things.get(thing) ?? 0) + 1));
    }
  }
  const thingOf = new Map<string, string>();
  for (const [word, things] of named) {
    const [thing, times] = [...things].reduce((best, next) => (next[1] > best[1] ? next : best));
    if (vocabulary.has(word) && 2 * times > (occurrences.get(word) ?? 0)) thingOf.set(word, thing);
  }
  const photosOf = new Map<string, number>();
  for (const captions of photos) {
    for (const thing of new Set(captions.flat().flatMap((word) => thingOf.get(word) ?? []))) {
      photosOf.set(thing, (photosOf.get(thing) ?? 0) + 1);
    }
  }
  const names = [...photosOf]
    .filter(([, count]) => count >= leastPhotos)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([name]) => name);
  const numberOf = new Map(names.map((name, number) => [name, number]));
  const ofWord = Int32Array.from(vocabulary.words, (word) => numberOf.get(thingOf.get(word) ?? '') ?? -1);
  return { names, ofWord };
}
