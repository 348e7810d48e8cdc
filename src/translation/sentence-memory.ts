import { RecentlyUsed } from '../tasks/recently-used.ts';
import type { PlacedSentence } from './translation-result.ts';
import type { Search } from './translation-search.ts';

/**
 * The sentences that a model translated lately. Somebody who types changes one sentence of a text, and the others need not
 * be translated again. It belongs to one model: another one says something else.
 */
export class SentenceMemory {
  readonly #known: RecentlyUsed<PlacedSentence>;

  /** @param limit how many sentences are kept at most: a few kilobytes each */
  constructor(limit = 500) {
    this.#known = new RecentlyUsed(limit);
  }

  /** The translation of a sentence by the same search, at its place of the time; undefined where it is not known. */
  recall(search: Search, text: string): PlacedSentence | undefined {
    return this.#known.get(keyOf(search, text));
  }

  remember(search: Search, text: string, sentence: PlacedSentence): void {
    this.#known.set(keyOf(search, text), sentence);
  }
}

function keyOf({ lengthNormalisation, to, wanted, width }: Search, text: string): string {
  return `${to} ${width} ${wanted} ${lengthNormalisation} ${text}`;
}
