import type { TranslatedSentence } from './translation-result.ts';
import type { Search } from './translation-search.ts';

/**
 * The sentences that a model translated lately. Somebody who types changes one sentence of a text, and the others need not
 * be translated again. It belongs to one model: another one says something else.
 */
export class SentenceMemory {
  readonly #limit: number;
  /** By what was asked; the one that was not wanted for longest is the first. */
  readonly #known = new Map<string, TranslatedSentence>();

  /** @param limit how many sentences are kept at most: a few kilobytes each */
  constructor(limit = 500) {
    this.#limit = limit;
  }

  /** The translation of a sentence by the same search, at its place of the time; undefined where it is not known. */
  recall(search: Search, text: string): TranslatedSentence | undefined {
    const key = keyOf(search, text);
    const known = this.#known.get(key);
    if (known) this.#keep(key, known);
    return known;
  }

  remember(search: Search, text: string, sentence: TranslatedSentence): void {
    this.#keep(keyOf(search, text), sentence);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#limit) break;
      this.#known.delete(oldest);
    }
  }

  #keep(key: string, sentence: TranslatedSentence): void {
    this.#known.delete(key);
    this.#known.set(key, sentence);
  }
}

function keyOf({ lengthNormalisation, to, wanted, width }: Search, text: string): string {
  return `${to} ${width} ${wanted} ${lengthNormalisation} ${text}`;
}
