/** Entropy of a map as a share of the highest that there is, log of the number of cells: 1 where it is flat. */
export function normalisedEntropy(weights: ArrayLike<number>): number {
  return entropy(weights) / Math.log(weights.length);
}

/** Jensen-Shannon divergence of two maps, in bits: 0 where they are the same, 1 where they share no cell (Lin 1991). */
export function divergence(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const middle = Array.from(one, (weight, cell) => (weight + other[cell]!) / 2);
  return Math.max(0, (entropy(middle) - (entropy(one) + entropy(other)) / 2) / Math.LN2);
}

function entropy(weights: ArrayLike<number>): number {
  return Array.from(weights).reduce((sum, weight) => (weight > 0 ? sum - weight * Math.log(weight) : sum), 0);
}
