import { entropyOf } from '../../engine/attention/divergence.ts';

/** Entropy of a map as a share of the highest that there is, log of the number of cells: 1 where it is flat. */
export function normalisedEntropy(weights: ArrayLike<number>): number {
  return entropyOf(weights) / Math.log2(weights.length);
}
