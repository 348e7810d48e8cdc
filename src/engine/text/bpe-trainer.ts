/**
 * Learns byte pair encoding (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1): again and again the most frequent pair
 * of neighbouring symbols becomes a symbol. Pair counts are kept up to date from the few chunks that a merge changes, and
 * a heap says which pair is next, so ten thousand merges over hundreds of thousands of chunks take seconds.
 */

/** Pairs that occur once are not worth a symbol. */
const LEAST_COUNT = 2;

/** Two symbols side by side. */
interface Pair {
  readonly left: number;
  readonly right: number;
  /** Occurrences in the texts. */
  count: number;
  /** Chunks that hold it, or did once; some of them twice. */
  readonly chunks: number[];
}

/** A pair with the count that it had when it was queued. */
interface Candidate {
  readonly pair: Pair;
  readonly count: number;
}

/**
 * The symbols to add to an alphabet, in the order in which they are learned.
 *
 * The outcome depends on the counts only, not on their order: of equally frequent pairs the first by code units is taken.
 *
 * @param counts how often each chunk occurs in the texts; merges never cross chunks
 * @param alphabet the characters (code points) that merge; others stand between symbols and never merge
 * @param most the number of symbols wanted; fewer are returned when no pair is left that occurs twice
 */
export function learnMerges(
  counts: ReadonlyMap<string, number>,
  alphabet: ReadonlySet<string>,
  most: number,
): string[] {
  return new BpeTrainer(counts, alphabet, most).run();
}

class BpeTrainer {
  readonly #most: number;
  /** Symbol by number, and back. */
  readonly #symbols: string[];
  readonly #numbers: Map<string, number>;
  /** By chunk: the numbers of its symbols (-1: not in the alphabet), and how often it occurs. */
  readonly #chunks: number[][] = [];
  readonly #weights: number[] = [];
  readonly #pairs = new Map<number, Pair>();
  /** Keeps left and right apart in a pair's key. */
  readonly #stride: number;
  readonly #queue: PairQueue;

  constructor(counts: ReadonlyMap<string, number>, alphabet: ReadonlySet<string>, most: number) {
    this.#most = most;
    this.#symbols = [...alphabet].sort();
    this.#numbers = new Map(this.#symbols.map((symbol, number) => [symbol, number]));
    this.#stride = alphabet.size + Math.max(0, most) + 1;
    this.#queue = new PairQueue(this.#symbols);
    for (const [chunk, count] of counts) {
      const symbols = Array.from(chunk, (character) => this.#numbers.get(character) ?? -1);
      const index = this.#chunks.push(symbols) - 1;
      this.#weights.push(count);
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = this.#count(symbols[i]!, symbols[i + 1]!, count);
        if (pair !== undefined && pair.chunks.at(-1) !== index) pair.chunks.push(index);
      }
    }
    for (const pair of this.#pairs.values()) this.#queue.push(pair);
  }

  run(): string[] {
    const learned: string[] = [];
    while (learned.length < this.#most) {
      const pair = this.#queue.pop();
      if (pair === undefined || pair.count < LEAST_COUNT) break;
      const symbol = this.#symbols[pair.left]! + this.#symbols[pair.right]!;
      // "ab" + "c" and "a" + "bc" are one symbol, learned once.
      let number = this.#numbers.get(symbol);
      if (number === undefined) {
        number = this.#symbols.push(symbol) - 1;
        this.#numbers.set(symbol, number);
        learned.push(symbol);
      }
      this.#merge(pair, number);
    }
    return learned;
  }

  #merge(pair: Pair, merged: number): void {
    const changed = new Set<Pair>();
    for (const index of pair.chunks) {
      const symbols = this.#chunks[index]!;
      if (!holds(symbols, pair)) continue;
      const weight = this.#weights[index]!;
      for (let i = 0; i + 1 < symbols.length; i++) this.#count(symbols[i]!, symbols[i + 1]!, -weight);
      replace(symbols, pair, merged);
      for (let i = 0; i + 1 < symbols.length; i++) {
        const neighbours = this.#count(symbols[i]!, symbols[i + 1]!, weight);
        if (neighbours === undefined || (neighbours.left !== merged && neighbours.right !== merged)) continue;
        neighbours.chunks.push(index);
        changed.add(neighbours);
      }
    }
    this.#pairs.delete(pair.left * this.#stride + pair.right);
    for (const one of changed) this.#queue.push(one);
  }

  #count(left: number, right: number, weight: number): Pair | undefined {
    if (left === -1 || right === -1) return undefined;
    const key = left * this.#stride + right;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, chunks: [] };
      this.#pairs.set(key, pair);
    }
    pair.count += weight;
    return pair;
  }
}

function holds(symbols: readonly number[], { left, right }: Pair): boolean {
  for (let i = 0; i + 1 < symbols.length; i++) if (symbols[i] === left && symbols[i + 1] === right) return true;
  return false;
}

/** Replaces the pair in place, from left to right: "aaa" becomes "aa" + "a". */
function replace(symbols: number[], { left, right }: Pair, merged: number): void {
  let length = 0;
  for (let i = 0; i < symbols.length; i++) {
    const found = symbols[i] === left && symbols[i + 1] === right;
    symbols[length++] = found ? merged : symbols[i]!;
    if (found) i++;
  }
  symbols.length = length;
}

/**
 * A binary heap of pairs, the most frequent first. Counts that have fallen since are corrected when their turn comes; a
 * pair whose count rises must be pushed again.
 */
class PairQueue {
  readonly #heap: Candidate[] = [];
  readonly #symbols: readonly string[];

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  push(pair: Pair): void {
    if (pair.count < LEAST_COUNT) return;
    const heap = this.#heap;
    const candidate = { pair, count: pair.count };
    let index = heap.push(candidate) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(candidate, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = candidate;
  }

  pop(): Pair | undefined {
    for (;;) {
      const top = this.#removeTop();
      if (top === undefined || top.count === top.pair.count) return top?.pair;
      // Where the count has risen, a later entry stands for the pair.
      if (top.count > top.pair.count) this.push(top.pair);
    }
  }

  #removeTop(): Candidate | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return top;
  }

  #before(a: Candidate, b: Candidate): boolean {
    if (a.count !== b.count) return a.count > b.count;
    const [left, other] = [this.#symbols[a.pair.left]!, this.#symbols[b.pair.left]!];
    if (left !== other) return left < other;
    return this.#symbols[a.pair.right]! < this.#symbols[b.pair.right]!;
  }
}
