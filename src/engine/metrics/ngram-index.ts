/**
 * Numbers n-grams: an n-gram is the number of its first n - 1 words (0: none) and a last word, as in a trie. An open
 * addressing hash table in typed arrays, because a `Map` with half a million keys beyond 31 bits spends most of a
 * training step's reward on boxed numbers.
 */
export class NgramIndex {
  #size = 0;
  /** Slot to n-gram; 0 is a free slot. */
  #slots = new Int32Array(1024);
  /** By n-gram: its first n - 1 words, and its last. */
  #prefixes = new Int32Array(512);
  #words = new Int32Array(512);

  /** Number of n-grams; they are numbered from 1 to this. */
  get size(): number {
    return this.#size;
  }

  /** The number of an n-gram, or 0 when it was never added. */
  get(prefix: number, word: number): number {
    return this.#slots[this.#slotOf(prefix, word)]!;
  }

  /** The number of an n-gram, the next free one if it is new. */
  add(prefix: number, word: number): number {
    const slot = this.#slotOf(prefix, word);
    const known = this.#slots[slot]!;
    if (known !== 0) return known;
    if (this.#size + 1 === this.#words.length) {
      this.#grow();
      return this.add(prefix, word);
    }
    const ngram = ++this.#size;
    this.#slots[slot] = ngram;
    this.#prefixes[ngram] = prefix;
    this.#words[ngram] = word;
    return ngram;
  }

  /** The slot that holds the n-gram, or the free one where it belongs. */
  #slotOf(prefix: number, word: number): number {
    const mask = this.#slots.length - 1;
    let hash = Math.imul(prefix, 0x9e3779b1) ^ Math.imul(word + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const ngram = this.#slots[slot]!;
      if (ngram === 0 || (this.#prefixes[ngram] === prefix && this.#words[ngram] === word)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Twice the room; the table stays at most half full. */
  #grow(): void {
    const { length } = this.#words;
    const longer = (values: Int32Array) => {
      const copy = new Int32Array(2 * length);
      copy.set(values);
      return copy;
    };
    this.#prefixes = longer(this.#prefixes);
    this.#words = longer(this.#words);
    this.#slots = new Int32Array(4 * length);
    for (let ngram = 1; ngram <= this.#size; ngram++) {
      this.#slots[this.#slotOf(this.#prefixes[ngram]!, this.#words[ngram]!)] = ngram;
    }
  }
}
