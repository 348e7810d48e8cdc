import type { Decoder } from '../../engine/decoding/decoder.ts';
import { runAlong, type Given } from '../../engine/decoding/along.ts';
import type { SearchControl } from '../../engine/decoding/hypothesis.ts';
import type { CaptionVocabulary } from '../../engine/text/caption-vocabulary.ts';
import type { WordSignals } from './calibration.ts';
import type { ContentWordFinder } from './content-words.ts';
import { baseForms } from './base-forms.ts';
import { confirmedBy } from './word-families.ts';

/** A content word with what tells how sure the model is of it. */
export interface SignalledWord {
  readonly place: number;
  readonly word: string;
  readonly signals: WordSignals;
}

/** What is less likely than this is as good as impossible, and no logarithm is infinite. */
const LEAST = -50;

/** Told at each content word: the caption's number, the word, and log p of all words there, to be read at once. */
export type OnWord = (caption: number, word: SignalledWord, logProbabilities: ArrayLike<number>) => void;

/** Reads the signals of captions from a model. */
export class SignalReader {
  readonly #vocabulary: CaptionVocabulary;
  readonly #find: ContentWordFinder;
  /** By base form: the words, by their numbers, that confirm it. */
  readonly #confirming = new Map<string, number[]>();

  constructor(vocabulary: CaptionVocabulary, find: ContentWordFinder) {
    this.#vocabulary = vocabulary;
    this.#find = find;
    for (const [id, word] of vocabulary.words.entries()) {
      for (const form of confirmedBy(word)) {
        const known = this.#confirming.get(form);
        if (known) known.push(id);
        else this.#confirming.set(form, [id]);
      }
    }
  }

  /**
   * The content words of each caption with their signals.
   * @param decoder of the photos that the captions are of
   * @param onWord for whoever needs more than the signals
   */
  async read(
    decoder: Decoder<unknown>,
    captions: readonly Given[],
    control: Pick<SearchControl, 'signal'> = {},
    onWord?: OnWord,
  ): Promise<SignalledWord[][]> {
    const found: SignalledWord[][] = captions.map(() => []);
    const content = captions.map(({ tokens }) => {
      const words = this.#find(this.#vocabulary.decode(tokens));
      return new Map(words.map((word) => [word.place, word]));
    });
    // Behind its last content word nothing is asked of a caption.
    const asked = captions.map(({ source, tokens }, i) => ({
      source,
      tokens: tokens.slice(0, Math.max(-1, ...content[i]!.keys()) + 1),
    }));
    await runAlong(
      decoder,
      asked,
      (caption, place, logProbabilities) => {
        const one = content[caption]!.get(place);
        if (!one) return;
        const { isNoun, word } = one;
        const signals: WordSignals = {
          isNoun,
          logProbability: Math.max(LEAST, logProbabilities[asked[caption]!.tokens[place]!]!),
          logConfirming: logSumOf(logProbabilities, this.#confirmingOf(word)),
          entropy: entropyOf(logProbabilities),
        };
        const signalled = { place, word, signals };
        found[caption]!.push(signalled);
        onWord?.(caption, signalled, logProbabilities);
      },
      control,
    );
    return found;
  }

  /** The words, by their numbers, that confirm a word. */
  #confirmingOf(word: string): number[] {
    return [...new Set([...baseForms(word)].flatMap((form) => this.#confirming.get(form) ?? []))];
  }
}

/** log Σ p of some words. */
export function logSumOf(logProbabilities: ArrayLike<number>, words: readonly number[]): number {
  return Math.max(LEAST, Math.log(words.reduce((sum, id) => sum + Math.exp(logProbabilities[id]!), 0)));
}

function entropyOf(logProbabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < logProbabilities.length; i++) {
    const log = logProbabilities[i]!;
    if (log > LEAST) entropy -= Math.exp(log) * log;
  }
  return entropy;
}
