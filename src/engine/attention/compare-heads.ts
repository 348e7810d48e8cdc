import { meanEntropy, meanJensenShannon } from './divergence.ts';

/** Heads that are less apart than this, in bits (JS, mean over the rows), look the same way. */
export const REDUNDANT_BELOW = 0.1;

/** What one head looks at: rows that sum to 1. */
export interface HeadWeights {
  readonly weights: readonly (readonly number[])[];
}

/** How a head looks beside the others of its kind. */
export interface HeadComparison {
  /** Bits, the mean over its rows. */
  entropy: number;
  /** The head that looks most alike, as its number in the list; null where there is no other. */
  nearest: { head: number; divergence: number } | null;
  /** Whether a head before it in the list looks the same way, so that little is lost without this one. */
  redundant: boolean;
}

/**
 * Compares heads of one kind with each other, by the Jensen-Shannon divergence of their rows.
 * @param heads of one shape, in the order of layers and heads
 */
export function compareHeads(heads: readonly HeadWeights[]): HeadComparison[] {
  const apart = heads.map((one, i) => heads.slice(0, i).map((other) => meanJensenShannon(one.weights, other.weights)));
  const between = (i: number, j: number): number => (i > j ? apart[i]?.[j] : apart[j]?.[i]) ?? 0;
  return heads.map(({ weights }, i) => {
    let nearest: HeadComparison['nearest'] = null;
    for (const j of heads.keys()) {
      if (j === i) continue;
      const divergence = between(i, j);
      if (!nearest || divergence < nearest.divergence) nearest = { head: j, divergence };
    }
    return {
      entropy: meanEntropy(weights),
      nearest,
      redundant: (apart[i] ?? []).some((divergence) => divergence < REDUNDANT_BELOW),
    };
  });
}
