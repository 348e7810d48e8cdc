import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fitLogistic, logistic, type Logistic } from '../../engine/training/logistic-regression.ts';
import { sha256 } from '../../engine/checkpoint/sha256.ts';
import { MANIFEST } from '../../engine/checkpoint/store.ts';
import { readJson } from '../../files/read-file.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { assertWithin } from '../../model-folders/bounds.ts';
import type { ModelFile } from '../../model-folders/model-files.ts';

/** What tells how sure the model is of a content word. */
export interface WordSignals {
  readonly isNoun: boolean;
  /** log p of the word. */
  readonly logProbability: number;
  /** log of the sum of the p of all words that would confirm it: its forms, synonyms, and what it is a more general word for. */
  readonly logConfirming: number;
  /** Of the distribution that it was taken from, nats. */
  readonly entropy: number;
}

/** How signals become confidences, as fitted for one model. */
export interface Calibration {
  /** Of nouns: slopes of `logProbability`, `logConfirming`, `entropy`. */
  readonly thing: Logistic;
  /** Of other content words: activities, qualities, numbers. */
  readonly other: Logistic;
  /** Of a caption: the slope of the logit of the product of the confidences of its things. */
  readonly caption: Logistic;
  /** What it was fitted on, for whoever wants to know. */
  readonly fitted: { readonly split: string | null; readonly photos: number; readonly words: number };
}

/** The name of its file in a model's folder. */
export const CONFIDENCE_FILE = 'confidence.json';
const FORMAT = 1;

function featuresOf({ entropy, logConfirming, logProbability }: WordSignals): number[] {
  return [logProbability, logConfirming, entropy];
}

/** How likely people who see the photo confirm a word. */
export function wordConfidence(calibration: Calibration, signals: WordSignals): number {
  return logistic(signals.isNoun ? calibration.thing : calibration.other, featuresOf(signals));
}

/**
 * How likely they confirm everything that a caption names.
 * @param things confidences of its nouns; of a caption without any, those of its other content words
 */
export function captionConfidence(calibration: Calibration, things: readonly number[]): number {
  return logistic(calibration.caption, [logitOfAll(things)]);
}

/** The logit of the probability that all are right, were they independent of each other. */
function logitOfAll(confidences: readonly number[]): number {
  const all = confidences.reduce((product, one) => product * one, 1);
  // What rounds to 0 is a small confidence, and no logit is infinite.
  const within = Math.min(1 - 1e-9, Math.max(1e-9, all));
  return Math.log(within / (1 - within));
}

/** A caption that was judged word by word. */
export interface CalibrationExample {
  readonly words: readonly { readonly signals: WordSignals; readonly isRight: boolean }[];
}

/**
 * Fits a calibration: logistic regressions of whether a word is right on its signals, for things and for other words, and
 * of whether all things of a caption are right on what the first one says of them.
 * @throws Error where the examples are too few, or of one kind
 */
export function fitCalibration(
  examples: readonly CalibrationExample[],
  fitted: Omit<Calibration['fitted'], 'words'>,
): Calibration {
  const words = examples.flatMap((example) => example.words);
  const fit = (isNoun: boolean): Logistic => {
    const own = words.filter(({ signals }) => signals.isNoun === isNoun);
    // Of few photos all words of a kind may be right.
    return fitWords(isMixed(own) ? own : words);
  };
  const [thing, other] = [fit(true), fit(false)];
  const named = examples
    .map((example) => example.words.filter(({ signals }) => signals.isNoun))
    .filter((things) => things.length > 0);
  const caption = fitOr(
    named.map((things) => [logitOfAll(things.map(({ signals }) => logistic(thing, featuresOf(signals))))]),
    named.map((things) => things.every(({ isRight }) => isRight)),
  );
  return { thing, other, caption, fitted: { ...fitted, words: words.length } };
}

type JudgedWord = CalibrationExample['words'][number];

const isMixed = (words: readonly JudgedWord[]): boolean => words.some(({ isRight }) => isRight !== words[0]!.isRight);

function fitWords(words: readonly JudgedWord[]): Logistic {
  return fitOr(
    words.map(({ signals }) => featuresOf(signals)),
    words.map(({ isRight }) => isRight),
  );
}

function fitOr(features: readonly number[][], answers: readonly boolean[]): Logistic {
  try {
    return fitLogistic(features, answers);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error(
      'These photos are too few to learn from: words that are right and words that are wrong are needed.',
      {
        cause: error,
      },
    );
  }
}

/**
 * The calibration in a captioner's folder; null where there is none, and then nothing is said of confidence.
 * @param files of the model, by which a calibration knows whether it was fitted for it
 * @throws Error that says what is wrong with the file
 */
export async function readCalibration(folder: string, files: readonly ModelFile[]): Promise<Calibration | null> {
  const path = join(folder, CONFIDENCE_FILE);
  if (!existsSync(path)) return null;
  const json = await readJson(path).then(
    (value) => value as Record<string, unknown> | null,
    () => Promise.reject(new Error(`${CONFIDENCE_FILE} is damaged: it is not JSON. ${WAY_ON}`)),
  );
  if (json?.['formatVersion'] !== FORMAT)
    throw new Error(`${CONFIDENCE_FILE} has another format than this Attend knows. ${WAY_ON}`);
  if (json['weights'] !== (await fingerprint(files))) {
    throw new Error(`${CONFIDENCE_FILE} was fitted for other weights. ${WAY_ON}`);
  }
  const { sha256: sum, ...content } = json;
  const calibration: Calibration = {
    thing: parseLogistic(json, 'thing', WORD_SIGNALS),
    other: parseLogistic(json, 'other', WORD_SIGNALS),
    caption: parseLogistic(json, 'caption', CAPTION_SIGNALS),
    fitted: json['fitted'] as Calibration['fitted'],
  };
  if (sum !== (await sumOf(content)))
    throw new Error(`${CONFIDENCE_FILE} is damaged: its checksum is another. ${WAY_ON}`);
  return calibration;
}

/** Writes a calibration into a captioner's folder. */
export async function writeCalibration(
  folder: string,
  files: readonly ModelFile[],
  { caption, fitted, other, thing }: Calibration,
): Promise<string> {
  const path = join(folder, CONFIDENCE_FILE);
  const content = {
    formatVersion: FORMAT,
    weights: await fingerprint(files),
    thing: describe(thing, WORD_SIGNALS),
    other: describe(other, WORD_SIGNALS),
    caption: describe(caption, CAPTION_SIGNALS),
    fitted,
  };
  const json = { ...content, sha256: await sumOf(content) };
  await writeFileAtomically(path, `${JSON.stringify(json, null, 2)}\n`);
  return path;
}

const WAY_ON = 'Fit it again with "attend calibrate captioner", or remove it.';

/** Of everything that the file says, so that a changed digit is not taken for how sure the model is. */
function sumOf(content: Record<string, unknown>): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(content)));
}

const WORD_SIGNALS = ['logProbability', 'logConfirming', 'entropy'];
const CAPTION_SIGNALS = ['logitOfThings'];
const COEFFICIENT = { least: -1000, most: 1000, fraction: true } as const;

function describe({ intercept, slopes }: Logistic, names: readonly string[]): Record<string, number> {
  const rounded = (value: number): number => Number(value.toPrecision(6));
  return { intercept: rounded(intercept), ...Object.fromEntries(names.map((name, i) => [name, rounded(slopes[i]!)])) };
}

function parseLogistic(json: Record<string, unknown>, part: string, names: readonly string[]): Logistic {
  const values = json[part] as Record<string, number>;
  const bounds = Object.fromEntries(['intercept', ...names].map((name) => [name, COEFFICIENT]));
  assertWithin(part, values, bounds, CONFIDENCE_FILE);
  return { intercept: values['intercept']!, slopes: names.map((name) => values[name]!) };
}

/** Of a model's weights, decoder and encoder; what else `model.json` says may change. */
function fingerprint(files: readonly ModelFile[]): Promise<string> {
  const sums = files.filter(({ file }) => file !== MANIFEST).map((file) => file.sha256);
  return sha256(new TextEncoder().encode(sums.join('\n')));
}
