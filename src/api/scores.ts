import { scoreCaptions as score, type CaptionScores } from '../engine/metrics/caption-scores.ts';
import { scoreTranslations as scoreTexts, type TranslationScores } from '../engine/metrics/translation-scores.ts';

/**
 * Scores one caption a photo against that photo's references: BLEU, ROUGE-L and CIDEr-D as coco-caption has them.
 *
 * @param hypotheses caption by photo; an empty caption counts as wrong, a missing one is an error
 * @param references reference captions by photo; document frequencies are counted over exactly these photos
 * @throws RangeError where the two do not name the same photos, or a photo has no reference; TypeError where they are no Maps
 */
export function scoreCaptions(
  hypotheses: ReadonlyMap<string, string>,
  references: ReadonlyMap<string, readonly string[]>,
): CaptionScores {
  for (const given of [hypotheses, references] as readonly unknown[]) {
    if (!(given instanceof Map)) {
      throw new TypeError('scoreCaptions takes two Maps by photo: its caption, and the list of its references.');
    }
  }
  return score(hypotheses, references);
}

/**
 * Scores translations against their references: BLEU and chrF as sacreBLEU has them.
 *
 * @param hypotheses translations as people read them, one a line
 * @param references for each of them one or more
 * @param language that they are in, as a tag: "de"
 * @throws RangeError where the lists do not fit together or there is nothing to score; TypeError where they are no such lists
 */
export function scoreTranslations(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  language: string,
): TranslationScores {
  const areTexts = (given: unknown): boolean => Array.isArray(given) && given.every((text) => typeof text === 'string');
  if (!areTexts(hypotheses) || !Array.isArray(references) || !references.every(areTexts)) {
    throw new TypeError('scoreTranslations takes a list of translations, and for each of them a list of references.');
  }
  if (typeof language !== 'string') throw new TypeError('scoreTranslations takes the language that they are in: "de".');
  return scoreTexts(hypotheses, references, language);
}
