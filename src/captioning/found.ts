import type { Caption, CaptionResult, Word } from '../contract/data/captions.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { captionSentence } from '../engine/text/caption-sentence.ts';
import type { CaptionerModel } from './captioner-model.ts';
import type { Confidence } from './confidence/meter.ts';
import type { KeywordFinder } from './keyword-finder.ts';
import { photoKeywords } from './keywords.ts';
import type { FoundCaptions } from './search.ts';

/** What was found of a photo, as every door tells it. */
export type Found = Pick<CaptionResult, 'captions' | 'grid' | 'keywords' | 'model' | 'backend'>;

/**
 * Says in words and numbers what a search found of a photo.
 * @param find where keywords are wanted
 * @param confidences of its captions, in their order, where they are known
 */
export function describeFound(
  model: CaptionerModel,
  { captions, searched }: FoundCaptions,
  find: KeywordFinder | undefined,
  confidences: readonly (Confidence | null)[] = [],
): Found {
  return {
    captions: captions.map((one, i) => captionOf(model, one, confidences[i] ?? null)),
    grid: gridOf(model),
    ...(find && {
      keywords: photoKeywords(
        find,
        searched.map((one) => sentenceOf(model, one)),
      ),
    }),
    model: model.name,
    backend: model.backend,
  };
}

/** The words of a caption, perhaps of one that is still decoded. */
export function wordsOf({ vocabulary }: CaptionerModel, { tokens, logProbabilities, weights }: Hypothesis): Word[] {
  return vocabulary.group(tokens).map(({ count, first, word }) => ({
    word,
    probability: significant(Math.exp(sum(logProbabilities.slice(first, first + count)))),
    weights: meanMap(weights.slice(first, first + count)).map(rounded),
  }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Where a word of several pieces looked: the sum of its pieces' maps, as parts of 1. */
export function meanMap(maps: readonly Float32Array[]): number[] {
  const [first] = maps;
  return first ? Array.from(first, (_, cell) => sum(maps.map((map) => map[cell] as number)) / maps.length) : [];
}

export function gridOf({ grid }: Pick<CaptionerModel, 'grid'>): [number, number] {
  const [rows, columns] = grid;
  return [rows, columns];
}

function captionOf(model: CaptionerModel, hypothesis: Hypothesis, confidence: Confidence | null): Caption {
  const words = wordsOf(model, hypothesis);
  return {
    caption: captionSentence(words.map(({ word }, place) => confidence?.said?.get(place) ?? word)),
    score: rounded(hypothesis.score),
    words: confidence
      ? words.map((word, place) => {
          const own = confidence.words.get(place);
          const said = confidence.said?.get(place);
          return {
            ...word,
            ...(own !== undefined && { confidence: significant(own) }),
            ...(said !== undefined && { said }),
          };
        })
      : words,
    ...(confidence && { confidence: significant(confidence.caption) }),
  };
}

function sentenceOf({ vocabulary }: CaptionerModel, { tokens }: Hypothesis): string {
  return captionSentence(vocabulary.decode(tokens));
}

// More digits would tell nothing and fill the files.

/** To six digits behind the point: scores and weights. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
/** To six digits, however small: probabilities. */
export const significant = (probability: number): number => Math.min(1, Number(probability.toPrecision(6)));
export const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
