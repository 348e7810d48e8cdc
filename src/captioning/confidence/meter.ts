import type { Wording } from '../../contract/constants/wordings.ts';
import type { Hypothesis } from '../../engine/decoding/hypothesis.ts';
import { speaksEnglish } from '../../engine/text/speaks-english.ts';
import type { CaptionerModel } from '../captioner-model.ts';
import { captionConfidence, wordConfidence, type Calibration } from './calibration.ts';
import { loadContentWords } from './content-words.ts';
import { SignalReader, type SignalledWord } from './signals.ts';
import { CarefulWords, wordsSaid, type Generalisation } from './wording.ts';

/** How sure a model is of a caption. */
export interface Confidence {
  /** Of all things that it names, as it names them. */
  readonly caption: number;
  /** Of its content words, by their places; where something else is said there, of that. */
  readonly words: ReadonlyMap<number, number>;
  /** What is said in the place of words, by their places; where careful wording was asked for. */
  readonly said?: ReadonlyMap<number, string>;
}

/** Tells how sure a model is of captions. */
export interface Meter {
  /**
   * @param caption as a search found it that was asked to keep the distributions
   * @returns null where nothing can be said
   */
  measure(caption: Hypothesis): Confidence | null;
}

const meters: Record<Wording, WeakMap<CaptionerModel, Promise<Meter | undefined>>> = {
  plain: new WeakMap(),
  careful: new WeakMap(),
};

/** The meter of a model; nothing where it has no calibration, or does not write English. */
export function meterOf(model: CaptionerModel, wording: Wording = 'plain'): Promise<Meter | undefined> {
  let meter = meters[wording].get(model);
  if (!meter) {
    meter = makeMeter(model, wording);
    meters[wording].set(model, meter);
  }
  return meter;
}

async function makeMeter(model: CaptionerModel, wording: Wording): Promise<Meter | undefined> {
  const { calibration } = model;
  const reader = calibration && (await signalReaderOf(model));
  if (!reader) return undefined;
  const careful = wording === 'careful' ? new CarefulWords(calibration, model.vocabulary.words) : undefined;
  return {
    measure(caption) {
      const signalled = reader.read(caption);
      if (!careful) return confidenceOf(calibration, signalled);
      const general = signalled.flatMap((word) => careful.choose(word) ?? []);
      const words = model.vocabulary.decode(caption.tokens);
      const nouns = new Set(signalled.flatMap(({ place, signals }) => (signals.isNoun ? [place] : [])));
      // "A teddy bear" is no "teddy animal".
      const alone = general.filter(({ place }) => !nouns.has(place - 1) && !nouns.has(place + 1));
      const said = wordsSaid(words, alone);
      const confidence = confidenceOf(
        calibration,
        signalled.map((word) => asSaid(word, said, alone)),
      );
      return confidence && { ...confidence, said };
    },
  };
}

/** A word with the signals of what is said in its place. */
function asSaid(
  word: SignalledWord,
  said: ReadonlyMap<number, string>,
  general: readonly Generalisation[],
): SignalledWord {
  const one = said.has(word.place) ? general.find(({ place }) => place === word.place) : undefined;
  return one ? { ...word, signals: one.signals } : word;
}

/** Reads the signals of a model's captions; nothing where it does not write English. */
export async function signalReaderOf({ vocabulary }: CaptionerModel): Promise<SignalReader | undefined> {
  return speaksEnglish(vocabulary) ? new SignalReader(vocabulary, await loadContentWords()) : undefined;
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
