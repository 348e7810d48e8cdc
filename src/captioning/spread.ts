import type { Word } from '../contract/data/captions.ts';
import { entropyOf, jensenShannon } from '../engine/attention/divergence.ts';
import { rounded } from './found.ts';

/**
 * Words with what their maps are as distributions, in bits: the entropy of where the model looked, and, where it was asked
 * what mattered, how far the two are apart (Jensen-Shannon). Words without a map stay as they are.
 */
export function withSpread(words: readonly Word[]): Word[] {
  return words.map((word) => {
    const { mattered, weights } = word;
    if (weights.length === 0) return word;
    return {
      ...word,
      entropy: rounded(entropyOf(weights)),
      ...(mattered && { divergence: rounded(jensenShannon(weights, mattered)) }),
    };
  });
}
