import { FOUND_MAPS, type FoundMaps } from '../contract/constants/map-kinds.ts';
import type { CaptionedPhoto, Word } from '../contract/data/captions.ts';
import { wordSaid } from '../contract/word-said.ts';
import type { KeywordFinder } from './keyword-finder.ts';
import { withSpread } from './spread.ts';
import { translatedKeywords } from './translate-keywords.ts';
import { translate, type TranslateOptions } from '../translation/translate.ts';
import type { SentenceTranslation, TranslatedText } from '../translation/translation-result.ts';
import type { TranslatorModel } from '../translation/translator-model.ts';

/** A caption, with where the captioner looked for each of its words. */
export interface MappedCaption {
  caption: string;
  /** All its words, in order; those that nobody looked for (written by hand) have no weights. */
  words: readonly Word[];
}

/**
 * Translates captions and carries their maps over: the map of a translated word is the sum over the caption's words of
 * its alignment weight times that word's map. Marks of punctuation have no maps: what a word gave them goes to the others
 * in proportion, so that maps sum to 1 as before. So it is with other maps of the words (`FOUND_MAPS`), where they have any.
 *
 * @param options.keywords finds the keywords of the captions, which then come in the other language as well
 * @returns captions in their order; words are the translation's, without punctuation, their probabilities the
 *   translator's; `weights` are empty where captioner or translator has no attention
 * @throws what `translate` throws
 */
export async function translateCaptions(
  model: TranslatorModel,
  captions: readonly MappedCaption[],
  options: Pick<TranslateOptions, 'to' | 'beam' | 'signal'> & { keywords?: KeywordFinder },
): Promise<{ caption: string; words: Word[]; keywords?: string[] }[]> {
  const { keywords, ...wishes } = options;
  const texts = captions.map(({ caption }) => caption);
  const translated = await translate(model, texts, wishes);
  return captions.map(({ words }, i) => {
    const result = translated[i] as TranslatedText;
    return {
      caption: result.text,
      words: carryMaps(texts[i] as string, words, result),
      ...(keywords && { keywords: translatedKeywords(keywords, result) }),
    };
  });
}

/** A captioned photo in another language; the caption as the captioner said it is kept in `original`. */
export async function translateCaptionedPhoto(
  model: TranslatorModel,
  photo: CaptionedPhoto,
  options: { to: string; signal?: AbortSignal; keywords?: KeywordFinder },
): Promise<CaptionedPhoto> {
  const { caption, words, alternatives, keywords } = photo;
  const others = alternatives.map((one) => ({ caption: one.caption, words: one.words ?? [] }));
  const [best, ...rest] = await translateCaptions(model, [{ caption, words }, ...others], options);
  return {
    ...photo,
    ...best,
    ...(best && { words: withSpread(best.words) }),
    alternatives: alternatives.map(({ score, words: own }, i) => {
      const { caption: text, words: translated = [] } = rest[i] ?? { caption: '' };
      return { caption: text, score, ...(own && { words: withSpread(translated) }) };
    }),
    language: options.to,
    translator: model.name,
    original: { caption, words, ...(keywords && { keywords }) },
  };
}

function carryMaps(caption: string, captionWords: readonly Word[], { sentences }: TranslatedText): Word[] {
  const places = placesOf(caption, captionWords);
  return sentences.flatMap(({ start, source, translations }) => {
    // What the translator takes for one word ("man's") can be several of the caption ("man", "'s").
    const own = source.places.map(([from, to]) =>
      captionWords.filter((_, i) => places[i]![0] < start + to && places[i]![1] > start + from),
    );
    const mapsOf = (kind: 'weights' | FoundMaps): number[][] =>
      own.map((words) => meanMap(words.map(({ [kind]: map = [] }) => map)));
    const maps = mapsOf('weights');
    // Other maps that were asked for are carried over alike.
    const others = FOUND_MAPS.filter((kind) => captionWords.some((word) => word[kind])).map(
      (kind) => [kind, mapsOf(kind)] as const,
    );
    const confidences = own.map((words) => words.find(({ confidence }) => confidence !== undefined)?.confidence);
    const { words, alignment } = translations[0] as SentenceTranslation;
    return words.flatMap(({ word, probability }, i) => {
      if (!/[\p{L}\p{N}]/u.test(word)) return [];
      const from = alignment[i]?.indexOf(Math.max(...alignment[i])) ?? -1;
      const confidence = confidences[from];
      return [
        {
          word,
          probability,
          weights: alignment[i] ? weightedMap(alignment[i], maps) : [],
          ...Object.fromEntries(others.map(([kind, map]) => [kind, weightedMap(alignment[i] ?? [], map)])),
          // As sure as the captioner is of the word that it comes from most.
          ...(confidence !== undefined && { confidence }),
        },
      ];
    });
  });
}

/** Where the words of a caption stand in it. As they are all of its words, each is the next of its letters. */
function placesOf(caption: string, words: readonly Word[]): [number, number][] {
  const text = inSmallLetters(caption);
  let end = 0;
  return words.map(wordSaid).map((word) => {
    const start = text.indexOf(inSmallLetters(word), end);
    if (start < 0) return [end, end];
    end = start + word.length;
    return [start, end];
  });
}

/** The same number of letters: places stay what they are. */
function inSmallLetters(text: string): string {
  return text.replace(/\p{Lu}/gu, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });
}

/** Empty where there are no maps. */
function meanMap(maps: readonly (readonly number[])[]): number[] {
  return weightedMap(
    maps.map(() => 1),
    maps,
  );
}

/** Σ w_i m_i / Σ w_i over those that have a map. */
function weightedMap(weights: readonly number[], maps: readonly (readonly number[])[]): number[] {
  const mapped = maps.flatMap((map, i) => (map.length > 0 ? [{ map, weight: weights[i] ?? 0 }] : []));
  const sum = mapped.reduce((total, { weight }) => total + weight, 0);
  const [first] = mapped;
  if (!first) return [];
  return first.map.map((_, cell) => {
    // A word that looked at punctuation alone gets the mean of all maps.
    const value = mapped.reduce(
      (total, { map, weight }) => total + (sum > 0 ? weight / sum : 1 / mapped.length) * (map[cell] ?? 0),
      0,
    );
    return Math.round(value * 1e6) / 1e6;
  });
}
