import type { CaptionVocabulary, CaptionWord } from './caption-vocabulary.ts';

/** The special tokens, first in every vocabulary. */
export const START = '<start>';
export const END = '<end>';
export const UNKNOWN = '<unk>';
/** What other people's vocabularies fill batches with. */
const PADDING = '<pad>';

/** Words and their ids, most frequent first after the special tokens. */
export class Vocabulary implements CaptionVocabulary {
  readonly words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly start: number;
  readonly end: number;
  readonly unknown: number;

  /** @param words in the order of their ids, with the three special tokens among them */
  constructor(words: readonly string[]) {
    this.words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    if (this.#ids.size !== words.length) throw new Error('A word occurs twice in the vocabulary.');
    this.start = this.#special(START);
    this.end = this.#special(END);
    this.unknown = this.#special(UNKNOWN);
  }

  /**
   * Counts words and keeps the frequent ones; ties in alphabetical order, so the ids never depend on
   * the order of the texts.
   * @param texts tokenised
   * @param minCount the fewest occurrences of a word that gets an id
   */
  static fromTexts(texts: Iterable<readonly string[]>, minCount: number): Vocabulary {
    const counts = new Map<string, number>();
    for (const text of texts) for (const word of text) counts.set(word, (counts.get(word) ?? 0) + 1);
    const kept = [...counts].filter(([, count]) => count >= minCount);
    kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return new Vocabulary([START, END, UNKNOWN, ...kept.map(([word]) => word)]);
  }

  get size(): number {
    return this.words.length;
  }

  /** The id of a word; the unknown token's where it has none. */
  id(word: string): number {
    return this.#ids.get(word) ?? this.unknown;
  }

  has(word: string): boolean {
    return this.#ids.has(word);
  }

  encode(words: readonly string[]): number[] {
    return words.map((word) => this.id(word));
  }

  /** @throws RangeError for an id that does not exist */
  decode(ids: readonly number[]): string[] {
    return ids.map((id) => {
      const word = this.words[id];
      if (word === undefined) throw new RangeError(`No word has the id ${id}.`);
      return word;
    });
  }

  get forbidden(): number[] {
    const padding = this.#ids.get(PADDING);
    return [this.unknown, this.start, ...(padding === undefined ? [] : [padding])];
  }

  group(ids: readonly number[]): CaptionWord[] {
    return this.decode(ids).map((word, first) => ({ word, first, count: 1 }));
  }

  #special(word: string): number {
    const id = this.#ids.get(word);
    if (id === undefined) throw new Error(`The vocabulary lacks the token ${word}.`);
    return id;
  }
}
