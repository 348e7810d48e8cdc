import { foundOf } from '../contract/constants/map-kinds.ts';
import type { Word } from '../contract/data/captions.ts';
import { entropyOf, jensenShannon } from '../engine/attention/divergence.ts';
import { rounded } from './found.ts';

/**
 * Words with what their maps are as distributions, in bits: the entropy of where the model looked, and, where another map
 * was asked for, how far the two are apart (Jensen-Shannon). Words without a map stay as they are.
 */
export function withSpread(words: readonly Word[]): Word[] {
  return words.map((word) => {
    const { weights } = word;
    const found = foundOf(word);
    if (weights.length === 0) return word;
    return {
      ...word,
      entropy: rounded(entropyOf(weights)),
      ...(found && { divergence: rounded(jensenShannon(weights, word[found] ?? [])) }),
    };
  });
}
