/**
 * How spread a distribution is, and how far two are apart, in bits. Distributions are lists of numbers of at least 0 that
 * sum to 1.
 */
type Distribution = ArrayLike<number>;

/** H(p) = −Σ p log₂ p: 0 where all is at one place, log₂ of their number where all are alike. */
export function entropyOf(p: Distribution): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const own = p[i] as number;
    if (own > 0) sum -= own * Math.log2(own);
  }
  return sum;
}

/**
 * KL(p ‖ q) = Σ p log₂ (p / q): how many bits more it takes to tell p in a code made for q. Infinite where q is 0 and p is
 * not; not symmetric.
 * @throws RangeError for lists of different lengths
 */
export function klDivergence(p: Distribution, q: Distribution): number {
  assertSameLength(p, q);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const own = p[i] as number;
    if (own > 0) sum += own * Math.log2(own / (q[i] as number));
  }
  return Math.max(0, sum);
}

/**
 * JS(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½ (p + q): symmetric, 0 where both are the same, 1 where they have no place in
 * common (Lin 1991).
 * @throws RangeError for lists of different lengths
 */
export function jensenShannon(p: Distribution, q: Distribution): number {
  assertSameLength(p, q);
  const middle = Array.from({ length: p.length }, (_, i) => ((p[i] as number) + (q[i] as number)) / 2);
  return Math.min(1, (klDivergence(p, middle) + klDivergence(q, middle)) / 2);
}

/** The mean of JS over the rows of two matrices of one shape. 0 for none. */
export function meanJensenShannon(one: readonly Distribution[], other: readonly Distribution[]): number {
  assertSameLength(one, other);
  return meanOf(one.map((row, i) => jensenShannon(row, other[i] as Distribution)));
}

/** The mean of H over the rows of a matrix. 0 for none. */
export function meanEntropy(rows: readonly Distribution[]): number {
  return meanOf(rows.map(entropyOf));
}

function meanOf(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

function assertSameLength(one: ArrayLike<unknown>, other: ArrayLike<unknown>): void {
  if (one.length !== other.length) {
    throw new RangeError(`Distributions over ${one.length} and ${other.length} places cannot be compared.`);
  }
}
