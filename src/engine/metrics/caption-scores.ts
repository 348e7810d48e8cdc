/**
 * The scores of captioning papers (BLEU 1-4, ROUGE-L, CIDEr-D), equal to coco-caption's.
 *
 * METEOR is left out: it is exact only with WordNet's synonyms, a paraphrase table and the Java aligner of METEOR 1.5,
 * and an approximation under the same name would not be comparable with anything. So is SPICE, for like reasons.
 */
import { bleu } from './bleu.ts';
import { ciderD } from './cider.ts';
import { ptbTokenize } from './ptb-tokenizer.ts';
import { rougeL } from './rouge-l.ts';
import { captionSignature } from './signature.ts';

/** Scores of a set of captions. */
export interface CaptionScores {
  /** BLEU-1 to BLEU-4, each in [0, 1]; papers print them times 100. */
  bleu: [number, number, number, number];
  /** In [0, 1]. */
  rougeL: number;
  /** In [0, 10]; papers print it as it is, or times 100. */
  ciderD: number;
  /** CIDEr-D of every photo, by its name. */
  ciderDByPhoto: Map<string, number>;
  /** How the scores were made. */
  signature: string;
}

/**
 * Scores one caption per photo against that photo's references.
 *
 * @param hypotheses caption by photo; an empty caption counts as wrong, a missing one is an error
 * @param references reference captions by photo; document frequencies are counted over exactly these photos
 * @throws RangeError when the two do not name the same photos, or a photo has no reference
 */
export function scoreCaptions(
  hypotheses: ReadonlyMap<string, string>,
  references: ReadonlyMap<string, readonly string[]>,
): CaptionScores {
  refuseMissing('is a caption but no references', hypotheses, references);
  refuseMissing('are references but no caption', references, hypotheses);
  const photos = [...references.keys()];
  const without = photos.find((photo) => references.get(photo)?.length === 0);
  if (without !== undefined) throw new RangeError(`The list of references for ${without} is empty.`);
  const ofPhotos = [...references.values()];
  const candidates = photos.map((photo) => ptbTokenize(hypotheses.get(photo) ?? ''));
  const correct = ofPhotos.map((captions) => captions.map(ptbTokenize));

  // Of a token with a space inside ("3 1/2"), coco-caption's BLEU and CIDEr see the parts, its ROUGE-L sees the whole.
  const candidateParts = candidates.map(splitInside);
  const correctParts = correct.map((captions) => captions.map(splitInside));
  const [bleu1, bleu2, bleu3, bleu4] = bleu(candidateParts, correctParts) as [number, number, number, number];
  const cider = ciderD(candidateParts, correctParts);
  return {
    bleu: [bleu1, bleu2, bleu3, bleu4],
    rougeL: rougeL(candidates, correct),
    ciderD: cider.score,
    ciderDByPhoto: new Map(photos.map((photo, index) => [photo, cider.perPhoto[index]!])),
    signature: captionSignature(ofPhotos.map((captions) => captions.length)),
  };
}

function splitInside(tokens: readonly string[]): string[] {
  return tokens.flatMap((token) => token.split('\u00a0')).filter((part) => part !== '');
}

function refuseMissing(what: string, from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>): void {
  const missing = [...from.keys()].filter((photo) => !to.has(photo));
  if (missing.length === 0) return;
  const others = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
  throw new RangeError(`There ${what} for ${missing[0]}${others}.`);
}
