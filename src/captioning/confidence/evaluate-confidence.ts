import { Bootstrap, type Estimate } from '../../engine/metrics/bootstrap.ts';
import { areaUnderRoc, calibrationError, riskAt, type Judged } from '../../engine/metrics/confidence-scores.ts';
import { NOT_SURE_BELOW } from '../../contract/constants/not-sure-below.ts';
import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import { wordSaid } from '../../contract/word-said.ts';
import type { ContentWordFinder } from './content-word.ts';
import { rightWords } from './right-words.ts';

/** A caption with a confidence, and what people say of it. */
export interface JudgedCaption extends Judged {
  readonly words: readonly Judged[];
}

/** What a captioner's confidence is worth, each figure with its interval by bootstrap over photos. */
export interface ConfidenceScores {
  photos: number;
  /** The share of captions all of whose things people confirm, and of content words that they confirm. */
  right: { captions: Estimate; words: Estimate };
  /** The area under the ROC curve: does it tell right from wrong? */
  auc: { captions: Estimate; words: Estimate };
  /** The expected calibration error: do as many hold as it says? */
  calibrationError: { captions: Estimate; words: Estimate };
  /** The share of captions that are wrong among the surest part. */
  risk: { coverage: number; risk: Estimate }[];
  /** Of what is shown as not sure: the share of all, the share of it that is wrong, and what is wrong of the rest. */
  notSure: { captions: NotSure; words: NotSure };
  signature: string;
}

export interface NotSure {
  share: number;
  wrong: number;
  wrongElsewhere: number;
}

export const COVERAGES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;
const RESAMPLES = 1000;
const SEED = 1;
/** Raised whenever a change here changes any figure. */
const VERSION = 1;

/** Compares a caption with what people wrote; nothing where the model says no confidence. */
export function judge(
  { confidence, words }: Pick<CaptionedPhoto, 'confidence' | 'words'>,
  references: readonly string[],
  find: ContentWordFinder,
): JudgedCaption | undefined {
  if (confidence === undefined) return undefined;
  const isRight = rightWords(references);
  const content = find(words.map(wordSaid));
  const judged = content.flatMap(({ isNoun, place, word }) => {
    const own = words[place]?.confidence;
    return own === undefined ? [] : [{ confidence: own, isRight: isRight(word.split(' ').at(-1)!), isNoun }];
  });
  const things = judged.filter(({ isNoun }) => isNoun);
  const decisive = things.length > 0 ? things : judged;
  return { confidence, isRight: decisive.every((one) => one.isRight), words: judged };
}

/** Scores the confidences of captions, one a photo. */
export function scoreConfidence(captions: readonly JudgedCaption[]): ConfidenceScores {
  const bootstrap = new Bootstrap(captions.length, RESAMPLES, SEED);
  const estimate = (figure: (items: Judged[]) => number): { captions: Estimate; words: Estimate } => ({
    captions: bootstrap.of((times) => figure(drawn(captions, times))),
    words: bootstrap.of((times) => figure(captions.flatMap(({ words }, i) => repeated(words, times?.[i])))),
  });
  return {
    photos: captions.length,
    right: estimate(shareRight),
    auc: estimate(areaUnderRoc),
    calibrationError: estimate((items) => calibrationError(items)),
    risk: COVERAGES.map((coverage) => ({
      coverage,
      risk: bootstrap.of((times) => riskAt(drawn(captions, times), coverage)),
    })),
    notSure: { captions: notSure(captions), words: notSure(captions.flatMap(({ words }) => words)) },
    signature: [
      `photos:${captions.length}`,
      'right:things-confirmed-by-a-reference',
      'ece:10-bins',
      `bootstrap:${RESAMPLES}-photos-percentile95`,
      `seed:${SEED}`,
      `version:${VERSION}`,
    ].join('|'),
  };
}

function drawn(captions: readonly JudgedCaption[], times?: Int32Array): Judged[] {
  return times ? captions.flatMap((one, i) => repeated([one], times[i])) : [...captions];
}

function repeated(items: readonly Judged[], times = 1): Judged[] {
  return times === 0 ? [] : items.map(({ confidence, isRight }) => ({ confidence, isRight, times }));
}

function shareRight(items: readonly Judged[]): number {
  const all = items.reduce((sum, { times = 1 }) => sum + times, 0);
  return items.reduce((sum, { isRight, times = 1 }) => sum + times * Number(isRight), 0) / all;
}

function notSure(items: readonly Judged[]): NotSure {
  const doubted = items.filter(({ confidence }) => confidence < NOT_SURE_BELOW);
  const others = items.filter(({ confidence }) => !(confidence < NOT_SURE_BELOW));
  return {
    share: doubted.length / items.length,
    wrong: 1 - shareRight(doubted),
    wrongElsewhere: 1 - shareRight(others),
  };
}
