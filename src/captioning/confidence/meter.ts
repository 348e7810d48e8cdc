import type { Given } from '../../engine/decoding/along.ts';
import type { Decoder } from '../../engine/decoding/decoder.ts';
import type { SearchControl } from '../../engine/decoding/hypothesis.ts';
import { speaksEnglish } from '../../engine/text/speaks-english.ts';
import type { CaptionerModel } from '../captioner-model.ts';
import type { FoundCaptions } from '../search.ts';
import { captionConfidence, wordConfidence, type Calibration } from './calibration.ts';
import { loadContentWords } from './content-words.ts';
import { SignalReader, type SignalledWord } from './signals.ts';

/** How sure a model is of a caption. */
export interface Confidence {
  /** Of all things that it names. */
  readonly caption: number;
  /** Of its content words, by their places. */
  readonly words: ReadonlyMap<number, number>;
}

/** Tells how sure a model is of captions. */
export interface Meter {
  /**
   * @param decoder of the photos that the captions are of; they are decoded once more, as one batch
   * @returns one a caption; null where nothing can be said
   */
  measure(
    decoder: Decoder<unknown>,
    captions: readonly Given[],
    control?: Pick<SearchControl, 'signal'>,
  ): Promise<(Confidence | null)[]>;
}

const meters = new WeakMap<CaptionerModel, Promise<Meter | undefined>>();

/** The meter of a model; nothing where it has no calibration, or does not write English. */
export function meterOf(model: CaptionerModel): Promise<Meter | undefined> {
  let meter = meters.get(model);
  if (!meter) {
    meter = makeMeter(model);
    meters.set(model, meter);
  }
  return meter;
}

async function makeMeter(model: CaptionerModel): Promise<Meter | undefined> {
  const { calibration } = model;
  const reader = calibration && (await signalReaderOf(model));
  if (!reader) return undefined;
  return {
    measure: async (decoder, captions, control) =>
      (await reader.read(decoder, captions, control)).map((words) => confidenceOf(calibration, words)),
  };
}

/** Reads the signals of a model's captions; nothing where it does not write English. */
export async function signalReaderOf({ vocabulary }: CaptionerModel): Promise<SignalReader | undefined> {
  return speaksEnglish(vocabulary) ? new SignalReader(vocabulary, await loadContentWords()) : undefined;
}

/** How sure a model is of the captions that a search found, photo by photo. */
export async function measure(
  meter: Meter,
  decoder: Decoder<unknown>,
  found: readonly FoundCaptions[],
  control?: Pick<SearchControl, 'signal'>,
): Promise<(Confidence | null)[][]> {
  const given = found.flatMap(({ captions }, source) => captions.map(({ tokens }) => ({ source, tokens })));
  const measured = await meter.measure(decoder, given, control);
  let from = 0;
  return found.map(({ captions }) => measured.slice(from, (from += captions.length)));
}

/** What the signals of a caption's words mean. */
export function confidenceOf(calibration: Calibration, signalled: readonly SignalledWord[]): Confidence | null {
  if (signalled.length === 0) return null;
  const words = new Map(signalled.map(({ place, signals }) => [place, wordConfidence(calibration, signals)]));
  const things = signalled.filter(({ signals }) => signals.isNoun);
  const decisive = things.length > 0 ? things : signalled;
  return {
    caption: captionConfidence(
      calibration,
      decisive.map(({ place }) => words.get(place)!),
    ),
    words,
  };
}
