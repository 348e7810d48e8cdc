import type { PhotoCaptions } from '../../photos/captions-file.ts';
import type { CaptionerRunConfig } from './captioner-config.ts';

/** In a file without splits one photo in so many is kept for validation. */
const HELD_OUT = 10;

/**
 * Which photos are trained on, and which decide what epoch is best. A photo without a split is of the split `train`; in a
 * file where no photo has one, some are kept for validation, the same in every run.
 *
 * @throws Error where nothing would be left to train on, or to validate on
 */
export function splitPhotos(
  photos: readonly PhotoCaptions[],
  { trainSplits, validation }: Pick<CaptionerRunConfig, 'trainSplits' | 'validation'>,
): { train: PhotoCaptions[]; validation: PhotoCaptions[] } {
  const splits = [...new Set(photos.flatMap(({ split }) => split ?? []))];
  const step = Math.min(HELD_OUT, photos.length);
  const ofValidation =
    splits.length > 0
      ? photos.filter(({ split = 'train' }) => split === validation.split)
      : photos.filter((_, place) => place % step === step - 1);
  const chosen = ofValidation.slice(0, validation.photos);
  const train = photos.filter((photo) => trainSplits.includes(photo.split ?? 'train') && !chosen.includes(photo));
  const known = splits.length > 0 ? `The splits of this file: ${splits.join(', ')}.` : 'This file has no splits.';
  if (train.length === 0) throw new Error(`There is no photo to train on, in ${trainSplits.join(' or ')}. ${known}`);
  if (chosen.length === 0) {
    throw new Error(`There is no photo to validate on, in the split "${validation.split}". ${known}`);
  }
  return { train, validation: chosen };
}
