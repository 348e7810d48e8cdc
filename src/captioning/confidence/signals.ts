import type { Hypothesis } from '../../engine/decoding/hypothesis.ts';
import type { CaptionVocabulary } from '../../engine/text/caption-vocabulary.ts';
import type { WordSignals } from './calibration.ts';
import type { ContentWordFinder } from './content-word.ts';
import { baseForms } from './base-forms.ts';
import { confirmedBy } from './word-families.ts';

/** A content word with what tells how sure the model is of it. */
export interface SignalledWord {
  readonly place: number;
  readonly word: string;
  readonly signals: WordSignals;
  /** log p of all words that could stand there. */
  readonly logProbabilities: ArrayLike<number>;
}

/** What is less likely than this is as good as impossible, and no logarithm is infinite. */
const LEAST = -50;

/** Reads the signals of captions from a model. */
export class SignalReader {
  readonly #vocabulary: CaptionVocabulary;
  readonly #find: ContentWordFinder;
  /** By base form: the words, by their numbers, that confirm it. */
  readonly #confirming: ReadonlyMap<string, number[]>;

  constructor(vocabulary: CaptionVocabulary, find: ContentWordFinder) {
    this.#vocabulary = vocabulary;
    this.#find = find;
    // Now, while the first photo is read and what finds content words may still be starting in its thread.
    this.#confirming = confirmingWords(vocabulary.words);
  }

  /**
   * The content words of a caption with their signals.
   * @throws Error where the search that found it did not keep the distributions
   */
  read({ distributions, tokens }: Hypothesis): SignalledWord[] {
    if (!distributions) throw new Error('The search of this caption kept no distributions.');
    return this.#find(this.#vocabulary.decode(tokens)).map(({ isNoun, place, word }) => {
      const logProbabilities = distributions[place]!;
      const signals: WordSignals = {
        isNoun,
        logProbability: Math.max(LEAST, logProbabilities[tokens[place]!]!),
        logConfirming: logSumOf(logProbabilities, this.#confirmingOf(word)),
        entropy: entropyOf(logProbabilities),
      };
      return { place, word, signals, logProbabilities };
    });
  }

  /** The words, by their numbers, that confirm a word. */
  #confirmingOf(word: string): number[] {
    return [...new Set([...baseForms(word)].flatMap((form) => this.#confirming.get(form) ?? []))];
  }
}

/** By base form: the words, by their numbers, that confirm it. */
function confirmingWords(vocabulary: readonly string[]): Map<string, number[]> {
  const confirming = new Map<string, number[]>();
  for (const [id, word] of vocabulary.entries()) {
    for (const form of confirmedBy(word)) {
      const known = confirming.get(form);
      if (known) known.push(id);
      else confirming.set(form, [id]);
    }
  }
  return confirming;
}

/** log Σ p of some words. */
export function logSumOf(logProbabilities: ArrayLike<number>, words: readonly number[]): number {
  return Math.max(LEAST, Math.log(words.reduce((sum, id) => sum + Math.exp(logProbabilities[id]!), 0)));
}

/** Words that are less likely do not count: all words of a vocabulary together would add less than a millionth of a nat. */
const NEGLIGIBLE = -25;

function entropyOf(logProbabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < logProbabilities.length; i++) {
    const log = logProbabilities[i]!;
    if (log > NEGLIGIBLE) entropy -= Math.exp(log) * log;
  }
  return entropy;
}
