/**
 * ROUGE-L (Lin 2004) as coco-caption computes it: the best precision and the best recall over a photo's references are
 * taken apart (they may come from different references), combined with beta = 1.2, and averaged over the photos.
 */
import { checkPairs } from './bleu.ts';

const BETA = 1.2;

/**
 * Mean ROUGE-L of a corpus.
 *
 * @param candidates one token list per photo; may be empty lists
 * @param references for each photo one or more token lists
 * @returns a number in [0, 1]
 * @throws RangeError when the lists do not fit together or there is nothing to score
 */
export function rougeL(
  candidates: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  checkPairs(candidates, references);
  const sum = candidates.reduce((total, candidate, photo) => total + rougeLOfPhoto(candidate, references[photo]!), 0);
  return sum / candidates.length;
}

/** ROUGE-L of one caption against one or more references, in [0, 1]. */
export function rougeLOfPhoto(candidate: readonly string[], references: readonly (readonly string[])[]): number {
  const words = asSplit(candidate);
  let precision = 0;
  let recall = 0;
  for (const reference of references.map(asSplit)) {
    const common = longestCommonSubsequence(words, reference);
    precision = Math.max(precision, common / words.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

/** coco-caption splits at single spaces, so that a caption without words is one empty word. */
function asSplit(tokens: readonly string[]): readonly string[] {
  return tokens.length === 0 ? [''] : tokens;
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    let diagonal = 0;
    for (let column = 1; column <= b.length; column++) {
      const above = row[column]!;
      row[column] = b[column - 1] === word ? diagonal + 1 : Math.max(above, row[column - 1]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}
