import type { Random } from '../random.ts';

/** How long a sentence pair is, in tokens as the model reads them. */
export interface PairLength {
  source: number;
  /** With the end token. */
  target: number;
}

/**
 * Groups sentence pairs of like lengths into batches of about as many tokens each, so that little is padding
 * and every update costs about the same.
 *
 * @param maxTokens a batch has at most so many tokens, padding counted, on the longer of its two sides; a
 *   pair that is longer by itself is a batch of its own
 * @param random puts pairs of the same lengths, and the batches, in random order; nothing: shortest first
 * @returns places in `lengths`, each exactly once
 */
export function tokenBatches(lengths: readonly PairLength[], maxTokens: number, random?: Random): number[][] {
  if (!(maxTokens >= 1)) throw new RangeError(`maxTokens must be at least 1, not ${maxTokens}.`);
  const order = [...lengths.keys()];
  random?.shuffle(order);
  const at = (place: number): PairLength => lengths[place] as PairLength;
  // The sort is stable: pairs of the same lengths stay shuffled.
  order.sort((a, b) => at(a).target - at(b).target || at(a).source - at(b).source);

  const batches: number[][] = [];
  let batch: number[] = [];
  let longest = 0;
  for (const place of order) {
    const { source, target } = at(place);
    const width = Math.max(longest, source, target);
    if (batch.length > 0 && width * (batch.length + 1) > maxTokens) {
      batches.push(batch);
      batch = [];
      longest = 0;
    }
    batch.push(place);
    longest = Math.max(longest, source, target);
  }
  if (batch.length > 0) batches.push(batch);
  return random ? random.shuffle(batches) : batches;
}
