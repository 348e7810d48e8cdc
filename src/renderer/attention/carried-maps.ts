import type { Word } from '../../contract/data/captions.ts';
import type { TranslatedSentence } from '../../contract/data/translation.ts';

/**
 * A caption's translation with the maps carried over: a translated word looked where the words that it comes from
 * did, each by as much as it counted (the sum over the caption's words of the alignment times their maps).
 *
 * @param sentences the caption's translation; its source words are the caption's, in the same order
 * @param words of the caption, with their maps
 */
export function carriedWords(sentences: readonly TranslatedSentence[], words: readonly Word[]): Word[] {
  const cells = words[0]?.weights.length ?? 0;
  let next = 0;
  return sentences.flatMap(({ source, translations: [best] }) => {
    // Which of the caption's words each source word is; punctuation is none of them.
    const indices = source.words.map((name) => {
      const found = words.findIndex(({ word }, index) => index >= next && word === name.toLowerCase());
      if (found >= 0) next = found + 1;
      return found;
    });
    return (best?.words ?? []).map(({ word, probability }, target) => {
      const weights = new Array<number>(cells).fill(0);
      let counted = 0;
      for (const [position, share] of (best?.alignment[target] ?? []).entries()) {
        const from = words[indices[position] ?? -1];
        if (!from) continue;
        counted += share;
        for (const [cell, weight] of from.weights.entries()) weights[cell] = (weights[cell] ?? 0) + share * weight;
      }
      // What went to punctuation is left out; what is left sums to 1, as every map does.
      return { word, probability, weights: counted > 0 ? weights.map((weight) => weight / counted) : [] };
    });
  });
}
