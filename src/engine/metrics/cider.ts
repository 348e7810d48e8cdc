/**
 * CIDEr-D (Vedantam et al. 2015, arXiv 1411.5726, section 5 and equation 4) as coco-caption computes it: tf-idf vectors
 * of the 1- to 4-grams, cosine similarity with the candidate's weights clipped to the reference's, a Gaussian penalty
 * on the difference in length (sigma = 6), mean over orders and references, times 10. The idf is the natural logarithm of
 * photos over photos whose references hold the n-gram; "length" is the number of bigrams, as in coco-caption.
 */
import { checkPairs } from './bleu.ts';
import { NgramIndex } from './ngram-index.ts';

const ORDERS = 4;
const SIGMA = 6;
const SCALE = 10;
/** Word that stands for the end of a sentence where it is counted. */
const END_OF_SENTENCE = '<eos>';
/** What precedes a single word: n-grams are numbered from 1. */
const NO_PREFIX = 0;
/** Keeps a prefix and a word apart in one number: exact for 2^21 words and 2^32 n-grams. */
const WORDS = 2 ** 21;

/** Options of `CiderD`. */
export interface CiderDOptions {
  /**
   * Count the end of the sentence as a word, in candidates and references (default false). Self-critical training needs
   * it: without it nothing speaks against captions that break off ("a dog in a").
   */
  readonly endOfSentence?: boolean;
}

/** The references of one photo: for every n-gram in any of them a row of its weights, one per reference. */
interface PhotoReferences {
  readonly count: number;
  readonly rowOf: ReadonlyMap<number, number>;
  readonly weights: Float64Array;
  /** Vector lengths, [reference · ORDERS + order - 1]. */
  readonly norms: Float64Array;
  /** Number of bigrams of each reference. */
  readonly lengths: Int32Array;
}

/**
 * CIDEr-D against a fixed set of references. Document frequencies and reference vectors are computed once, so that
 * scoring a caption takes microseconds: self-critical training (Rennie et al. 2017) scores every sample of every step.
 *
 * @example
 * const reward = new CiderD(trainingReferences, { endOfSentence: true });
 * reward.score(7, ['a', 'dog', 'runs']); // against the references of the eighth photo
 */
export class CiderD {
  readonly #words = new Map<string, number>();
  readonly #ngrams = new NgramIndex();
  /** Inverse document frequency by n-gram. */
  readonly #idf: Float64Array;
  /** The idf of n-grams that no reference holds. */
  readonly #unseenIdf: number;
  readonly #photos: PhotoReferences[] = [];
  readonly #endOfSentence: boolean;

  /**
   * @param references for each photo one or more token lists; these photos are also what document frequencies count
   * @throws RangeError when there is no photo, or a photo without references
   */
  constructor(references: readonly (readonly (readonly string[])[])[], options: CiderDOptions = {}) {
    checkPairs(new Array<string[]>(references.length).fill([]), references);
    this.#endOfSentence = options.endOfSentence ?? false;
    this.#unseenIdf = Math.log(references.length);

    const counted = references.map((ofPhoto) => ofPhoto.map((tokens) => this.#countReference(tokens)));
    const frequency = new Float64Array(this.#ngrams.size + 1);
    for (const ofPhoto of counted) {
      for (const ngram of new Set(ofPhoto.flatMap(({ counts }) => counts.flatMap((ofOrder) => [...ofOrder.keys()])))) {
        frequency[ngram]! += 1;
      }
    }
    this.#idf = frequency.map((photos) => this.#unseenIdf - Math.log(Math.max(1, photos)));
    for (const ofPhoto of counted) this.#photos.push(this.#weigh(ofPhoto));
  }

  /** Number of photos. */
  get size(): number {
    return this.#photos.length;
  }

  /**
   * CIDEr-D of one caption.
   *
   * @param photo index into the references given to the constructor
   * @param candidate tokens; an empty list scores 0
   * @returns a number from 0 to 10
   * @throws RangeError when there is no such photo
   */
  score(photo: number, candidate: readonly string[]): number {
    const references = this.#photos[photo];
    if (references === undefined) {
      throw new RangeError(`There is no photo ${photo}: the references cover photos 0 to ${this.size - 1}.`);
    }
    const { counts, length } = this.#countCandidate(candidate);
    const similarity = new Float64Array(references.count);
    const products = new Float64Array(references.count);
    counts.forEach((ofOrder, index) => {
      products.fill(0);
      let squares = 0;
      for (const [ngram, count] of ofOrder) {
        const weight = count * (this.#idf[ngram] ?? this.#unseenIdf);
        squares += weight * weight;
        const row = references.rowOf.get(ngram);
        if (row === undefined) continue;
        for (let reference = 0; reference < references.count; reference++) {
          const theirs = references.weights[row + reference]!;
          products[reference]! += Math.min(weight, theirs) * theirs;
        }
      }
      const norm = Math.sqrt(squares);
      for (let reference = 0; reference < references.count; reference++) {
        const norms = norm * references.norms[reference * ORDERS + index]!;
        similarity[reference]! += norms === 0 ? products[reference]! : products[reference]! / norms;
      }
    });
    let total = 0;
    for (let reference = 0; reference < references.count; reference++) {
      const difference = length - references.lengths[reference]!;
      total += similarity[reference]! * Math.exp(-(difference ** 2) / (2 * SIGMA ** 2));
    }
    return (SCALE * total) / ORDERS / references.count;
  }

  #countReference(tokens: readonly string[]): CountedNgrams {
    return countNgrams(
      this.#withEnd(tokens),
      (text) => numberOf(text, this.#words, 0),
      (prefix, word) => this.#ngrams.add(prefix, word),
    );
  }

  /** As `#countReference`, but words and n-grams that no reference holds get numbers for this caption only. */
  #countCandidate(tokens: readonly string[]): CountedNgrams {
    const newWords = new Map<string, number>();
    const newNgrams = new Map<number, number>();
    return countNgrams(
      this.#withEnd(tokens),
      (text) => this.#words.get(text) ?? numberOf(text, newWords, this.#words.size),
      (prefix, word) =>
        this.#ngrams.get(prefix, word) || numberOf(prefix * WORDS + word, newNgrams, this.#ngrams.size + 1),
    );
  }

  #withEnd(tokens: readonly string[]): readonly string[] {
    return this.#endOfSentence ? [...tokens, END_OF_SENTENCE] : tokens;
  }

  #weigh(counted: readonly CountedNgrams[]): PhotoReferences {
    const count = counted.length;
    const rowOf = new Map<number, number>();
    for (const { counts } of counted) {
      for (const ofOrder of counts) {
        for (const ngram of ofOrder.keys()) if (!rowOf.has(ngram)) rowOf.set(ngram, rowOf.size * count);
      }
    }
    const weights = new Float64Array(rowOf.size * count);
    const norms = new Float64Array(count * ORDERS);
    counted.forEach(({ counts }, reference) => {
      counts.forEach((ofOrder, index) => {
        let squares = 0;
        for (const [ngram, times] of ofOrder) {
          const weight = times * this.#idf[ngram]!;
          weights[rowOf.get(ngram)! + reference] = weight;
          squares += weight * weight;
        }
        norms[reference * ORDERS + index] = Math.sqrt(squares);
      });
    });
    return { count, rowOf, weights, norms, lengths: Int32Array.from(counted, ({ length }) => length) };
  }
}

/**
 * CIDEr-D of a corpus, document frequencies counted over its own references.
 *
 * @param candidates one token list per photo
 * @param references for each photo one or more token lists
 * @returns `score`, the mean, and `perPhoto`, each from 0 to 10 (published tables often give it times 1 or times 10)
 * @throws RangeError when the lists do not fit together or there is nothing to score
 */
export function ciderD(
  candidates: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): { score: number; perPhoto: number[] } {
  checkPairs(candidates, references);
  const scorer = new CiderD(references);
  const perPhoto = candidates.map((candidate, photo) => scorer.score(photo, candidate));
  return { score: perPhoto.reduce((sum, score) => sum + score, 0) / perPhoto.length, perPhoto };
}

/** How often each n-gram occurs, by order, and the number of bigrams. */
interface CountedNgrams {
  readonly counts: readonly Map<number, number>[];
  readonly length: number;
}

function countNgrams(
  tokens: readonly string[],
  word: (text: string) => number,
  ngram: (prefix: number, word: number) => number,
): CountedNgrams {
  const words = tokens.map(word);
  let prefixes = new Array<number>(words.length).fill(NO_PREFIX);
  const counts: Map<number, number>[] = [];
  for (let order = 1; order <= ORDERS; order++) {
    const ofOrder = new Map<number, number>();
    const longer: number[] = [];
    for (let start = 0; start + order <= words.length; start++) {
      const id = ngram(prefixes[start]!, words[start + order - 1]!);
      longer.push(id);
      ofOrder.set(id, (ofOrder.get(id) ?? 0) + 1);
    }
    counts.push(ofOrder);
    prefixes = longer;
  }
  return { counts, length: Math.max(0, words.length - 1) };
}

/** The number of `key`, the next free one from `first` on where it has none. */
function numberOf<Key>(key: Key, numbers: Map<Key, number>, first: number): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const next = first + numbers.size;
  numbers.set(key, next);
  return next;
}
