import { NOT_SURE_BELOW } from '../../contract/constants/not-sure-below.ts';
import { baseForms } from './base-forms.ts';
import { wordConfidence, type Calibration, type WordSignals } from './calibration.ts';
import { logSumOf, type SignalledWord } from './signals.ts';
import { familiesOf, isOf, type Family } from './word-families.ts';

const GENDERED = new Set('man men woman women boy boys girl girls guy guys lady ladies gentleman'.split(' '));
/** A gender is said where it has so much of the probability of all persons (or children) that could stand there. */
const GENDER_SHARE = 0.5;
/** A more general word is said where it is likelier confirmed than not: a vague word that is wrong helps nobody. */
const SURE_FROM = 0.5;
const FOLLOWS = new Map([
  ['his', 'their'],
  ['her', 'their'],
  ['himself', 'themselves'],
  ['herself', 'themselves'],
]);
/** With these a sentence would have to be built anew. */
const PRONOUNS = new Set(['he', 'she', 'him']);

/** The more general word that is said in the place of one. */
export interface Generalisation {
  readonly place: number;
  readonly family: Family;
  /** How sure the model is of it: of all words that it covers, together. */
  readonly signals: WordSignals;
}

/** Chooses more general words, by the probabilities at a word's place. */
export class CarefulWords {
  readonly #calibration: Calibration;
  readonly #vocabulary: readonly string[];
  readonly #members = new Map<Family, number[]>();

  constructor(calibration: Calibration, vocabulary: readonly string[]) {
    this.#calibration = calibration;
    this.#vocabulary = vocabulary;
  }

  /**
   * What is said instead of a noun: of a guessed gender the nearest one, where its other members have the larger
   * part of the probability; of any other noun that the model is not sure of, the nearest one that it is sure of.
   */
  choose({ logProbabilities, place, signals, word }: SignalledWord): Generalisation | undefined {
    const general = (family: Family): Generalisation => {
      const sum = this.#logSum(family, logProbabilities);
      return { place, family, signals: { ...signals, logProbability: sum, logConfirming: sum } };
    };
    const families = signals.isNoun ? familiesOf(word) : [];
    const [nearest] = families;
    if (!nearest) return undefined;
    if (GENDERED.has(word)) {
      const person = general(nearest);
      const share = Math.exp(signals.logConfirming - person.signals.logConfirming);
      return share < GENDER_SHARE && this.#knows(nearest, word) ? person : undefined;
    }
    if (wordConfidence(this.#calibration, signals) >= NOT_SURE_BELOW) return undefined;
    return families
      .map(general)
      .find((one) => this.#knows(one.family, word) && wordConfidence(this.#calibration, one.signals) >= SURE_FROM);
  }

  #logSum(family: Family, logProbabilities: ArrayLike<number>): number {
    let members = this.#members.get(family);
    if (!members) {
      members = this.#vocabulary.flatMap((word, id) => (isOf(word, family) ? [id] : []));
      this.#members.set(family, members);
    }
    return logSumOf(logProbabilities, members);
  }

  /** Whether the model has the family's word in its vocabulary. */
  #knows(family: Family, word: string): boolean {
    return this.#vocabulary.includes(formOf(family, word));
  }
}

/** A family's word in the number of the word that it stands for. */
function formOf({ isMass, plural, word: singular }: Family, word: string): string {
  const isPlural = !isMass && familiesOf(singularOf(word)).length > 0 && singularOf(word) !== word;
  return isPlural ? plural : singular;
}

/** "dogs" of "dog"; a word that a family lists as it is stays. */
function singularOf(word: string): string {
  return [...baseForms(word)].find((form) => form !== word && familiesOf(form).length > 0) ?? word;
}

/**
 * What is said in the place of each word of a caption, where it is something else: the more general words, and articles and
 * possessives that go with them.
 */
export function wordsSaid(
  words: readonly string[],
  general: readonly Omit<Generalisation, 'signals'>[],
): Map<number, string> {
  const isReworded = ({ place }: { place: number }): boolean =>
    // What "he" stands for would have to follow.
    !(GENDERED.has(words[place]!) && words.some((word) => PRONOUNS.has(word)));
  const said = new Map<number, string>();
  const before = new Set<string>();
  for (const { family, place } of general.filter(isReworded)) {
    const form = formOf(family, words[place]!);
    const isAgain = before.has(form) && words[place - 1] !== 'the';
    before.add(form);
    const article = articleBefore(words, place);
    said.set(place, isAgain && form === family.plural && !family.isMass ? `other ${form}` : form);
    if (article === undefined) continue;
    if (family.isMass) said.set(article, 'some');
    else if (isAgain) said.set(article, 'another');
    else if (article === place - 1) said.set(article, /^[aeiou]/.test(form) ? 'an' : 'a');
  }
  if ([...said.keys()].some((place) => GENDERED.has(words[place]!))) {
    for (const [place, word] of words.entries()) if (FOLLOWS.has(word)) said.set(place, FOLLOWS.get(word)!);
  }
  return new Map([...said].filter(([place, word]) => word !== words[place]));
}

/** The place of the "a" or "an" of a noun, before at most three words that tell more of it. */
function articleBefore(words: readonly string[], place: number): number | undefined {
  for (let at = place - 1; at >= Math.max(0, place - 4); at--) {
    if (words[at] === 'a' || words[at] === 'an') return at;
    if (/^(?:the|and|of|in|on|with|is|are|two|three|his|her|their|at|by|to|for)$/.test(words[at]!)) return undefined;
  }
  return undefined;
}
