/**
 * BLEU (Papineni et al. 2002) as coco-caption computes it: counts are summed over the whole corpus before any division,
 * the reference length of a photo is the one closest to the caption's (the shorter of two equally close ones), and
 * `tiny` and `small` keep empty counts from dividing by zero.
 */
import { closestLength, countNgrams, matchedNgrams } from './ngrams.ts';

const TINY = 1e-15;
const SMALL = 1e-9;

/**
 * Corpus BLEU of orders 1 to `maxOrder`.
 *
 * @param candidates one token list per photo; may be empty lists
 * @param references for each photo one or more token lists
 * @returns `maxOrder` numbers in [0, 1]: BLEU-1, BLEU-2, ... (geometric mean of the precisions times brevity penalty)
 * @throws RangeError when the lists do not fit together or there is nothing to score
 */
export function bleu(
  candidates: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
  maxOrder = 4,
): number[] {
  checkPairs(candidates, references);
  const matched = new Array<number>(maxOrder).fill(0);
  const guessed = new Array<number>(maxOrder).fill(0);
  let candidateLength = 0;
  let referenceLength = 0;
  candidates.forEach((candidate, photo) => {
    const ofPhoto = references[photo] ?? [];
    candidateLength += candidate.length;
    referenceLength += closestLength(candidate.length, ofPhoto);
    for (let order = 1; order <= maxOrder; order++) {
      matched[order - 1]! += matchedNgrams(countNgrams(candidate, order), ofPhoto, order);
      guessed[order - 1]! += Math.max(0, candidate.length - order + 1);
    }
  });

  const ratio = (candidateLength + TINY) / (referenceLength + SMALL);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return matched.map((count, index) => {
    product *= (count + TINY) / (guessed[index]! + SMALL);
    return product ** (1 / (index + 1)) * brevity;
  });
}

/** Refuses corpora that no metric here can score: no photo at all, lists of unlike length, a photo without references. */
export function checkPairs(
  candidates: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): void {
  if (candidates.length === 0) throw new RangeError('There are no captions to score.');
  if (candidates.length !== references.length) {
    throw new RangeError(
      `${candidates.length} captions cannot be scored against the references of ${references.length} photos.`,
    );
  }
  const without = references.findIndex((ofPhoto) => ofPhoto.length === 0);
  if (without !== -1) throw new RangeError(`Photo ${without + 1} of ${references.length} has no reference caption.`);
}
