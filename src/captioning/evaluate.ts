import { scoreCaptions, type CaptionScores } from '../engine/metrics/caption-scores.ts';
import { joinWords } from '../engine/text/caption-words.ts';
import { judge, scoreConfidence, type ConfidenceScores, type JudgedCaption } from './confidence/evaluate-confidence.ts';
import { loadContentWords } from './confidence/content-words.ts';
import { captionPhotos, type CaptionPhotosOptions } from './caption-photos.ts';
import { wordSaid } from '../contract/word-said.ts';
import type { CaptionerModel } from './captioner-model.ts';
import { photoPath, type PhotoCaptions } from '../photos/captions-file.ts';
import type { FailedPhoto } from '../photos/photo-to-caption.ts';
import { isFailed, type PhotoResult } from './result.ts';

/** A caption to be scored: its words, in lower case and without a full stop. */
interface CaptionHypothesis {
  /** As in the captions file. */
  file: string;
  caption: string;
}

export interface CaptionEvaluation {
  scores: CaptionScores;
  hypotheses: CaptionHypothesis[];
  /** Mean number of words of a caption. */
  words: number;
  /** What its confidence is worth; nothing where the model says none. */
  confidence: ConfidenceScores | undefined;
  /** Photos that could not be read; they are not scored. */
  failed: FailedPhoto[];
}

/**
 * The photos of a captions file that a split names.
 * @param split nothing: every photo of the file
 * @throws Error that names the splits there are
 */
export function photosOfSplit(photos: readonly PhotoCaptions[], split?: string): PhotoCaptions[] {
  if (split === undefined) return [...photos];
  const chosen = photos.filter((photo) => photo.split === split);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(photos.flatMap((photo) => photo.split ?? []))];
  throw new Error(
    `No photo is in the split "${split}". ` +
      (known.length > 0 ? `The splits of this file: ${known.join(', ')}.` : 'This file has no splits.'),
  );
}

/**
 * Captions photos and scores the captions against what people wrote.
 *
 * @param folder what the paths of the captions file are relative to
 * @param onResult told after each photo
 * @returns nothing where `options.signal` stopped it before the end
 * @throws Error where no photo could be read
 */
export async function evaluateCaptions(
  model: CaptionerModel,
  photos: readonly PhotoCaptions[],
  folder: string,
  options: CaptionPhotosOptions = {},
  onResult?: (result: PhotoResult) => void,
): Promise<CaptionEvaluation | undefined> {
  const hypotheses: CaptionHypothesis[] = [];
  const failed: FailedPhoto[] = [];
  const judged: JudgedCaption[] = [];
  const find = await loadContentWords();
  let words = 0;
  let place = 0;
  const paths = photos.map(({ file }) => photoPath(folder, file));
  for await (const result of captionPhotos(model, paths, options)) {
    const { captions, file } = photos[place++] as PhotoCaptions;
    onResult?.(result);
    if (isFailed(result)) {
      failed.push({ file, error: result.error });
    } else {
      words += result.words.length;
      const one = judge(result, captions, find);
      if (one) judged.push(one);
      hypotheses.push({ file, caption: joinWords(result.words.map(wordSaid)) });
    }
  }
  if (place < photos.length) return undefined;
  if (hypotheses.length === 0) throw new Error(`No photo could be read: ${failed[0]?.error ?? 'there is none.'}`);

  const scored = new Map(hypotheses.map(({ file, caption }) => [file, caption]));
  const references = new Map(
    photos.filter(({ file }) => scored.has(file)).map(({ file, captions }) => [file, captions]),
  );
  const confidence = judged.length > 1 ? scoreConfidence(judged) : undefined;
  return {
    scores: scoreCaptions(scored, references),
    hypotheses,
    words: words / hypotheses.length,
    confidence,
    failed,
  };
}
