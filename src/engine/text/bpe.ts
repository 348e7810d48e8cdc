/** Merges that are left out by chance while training. */
export interface BpeDropout {
  /** Of every merge, at every step, in [0, 1); Provilkov et al. 2020 take 0.1. */
  readonly rate: number;
  /** Uniform on [0, 1). */
  readonly random: () => number;
}

/** Chunks whose cutting is remembered. Words repeat, so nearly every chunk of a text is found there. */
const CACHE_SIZE = 2 ** 16;

/**
 * Cuts chunks into symbols of a vocabulary: while some pair of neighbours together is a symbol, the pair whose symbol
 * was learned first is merged (Sennrich et al. 2016). The list of symbols in the order of learning is all that it needs.
 */
export class Bpe {
  /** Rank of each symbol; a lower one is merged earlier. */
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #cache = new Map<string, readonly string[]>();

  /** @param symbols the alphabet and the merged symbols, in the order of learning */
  constructor(symbols: readonly string[]) {
    this.#ranks = new Map(symbols.map((symbol, rank) => [symbol, rank]));
  }

  /**
   * @param chunk a few dozen characters: the work grows with the square of its length
   * @param dropout for training (BPE-dropout, Provilkov et al. 2020, arXiv 1910.13267): each time another cutting
   * @returns the symbols, which joined are the chunk; characters outside the alphabet stand alone
   */
  cut(chunk: string, dropout?: BpeDropout): readonly string[] {
    if (dropout !== undefined && dropout.rate > 0) return this.#merge(chunk, dropout);
    const known = this.#cache.get(chunk);
    if (known !== undefined) return known;
    const symbols = this.#merge(chunk);
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
    this.#cache.set(chunk, symbols);
    return symbols;
  }

  #merge(chunk: string, dropout?: BpeDropout): string[] {
    const symbols = Array.from(chunk);
    /** By place: the rank of this symbol and the next as one. */
    const ranks = symbols.map((symbol, place) => this.#rank(symbol, symbols[place + 1]));
    for (;;) {
      let best = -1;
      for (let place = 0; place + 1 < symbols.length; place++) {
        if (ranks[place]! >= (best === -1 ? Infinity : ranks[best]!)) continue;
        if (dropout !== undefined && dropout.random() < dropout.rate) continue;
        best = place;
      }
      if (best === -1) return symbols;
      symbols[best] = symbols[best]! + symbols[best + 1]!;
      symbols.splice(best + 1, 1);
      ranks.splice(best + 1, 1);
      ranks[best] = this.#rank(symbols[best]!, symbols[best + 1]);
      if (best > 0) ranks[best - 1] = this.#rank(symbols[best - 1]!, symbols[best]);
    }
  }

  #rank(left: string, right: string | undefined): number {
    return right === undefined ? Infinity : (this.#ranks.get(left + right) ?? Infinity);
  }
}
