import type { CaptionedPhoto, CaptionResult } from '../contract/data/captions.ts';
import type { FailedPhoto } from '../photos/photo-to-caption.ts';
import type { Found } from './found.ts';
import { withSpread } from './spread.ts';

export type PhotoResult = CaptionedPhoto | FailedPhoto;

export function isFailed(result: PhotoResult): result is FailedPhoto {
  return 'error' in result;
}

/**
 * A captioned photo as its JSON has it.
 * @param withMaps whether the further captions have their words and maps, as the first one has
 */
export function captionedPhoto(
  { file, height, width }: Pick<CaptionedPhoto, 'file' | 'width' | 'height'>,
  found: Found & Pick<CaptionResult, 'milliseconds'>,
  withMaps = false,
): CaptionedPhoto {
  const [best, ...others] = found.captions.map((caption) => ({ ...caption, words: withSpread(caption.words) }));
  if (!best) throw new Error('No caption was found.');
  return {
    file,
    width,
    height,
    ...best,
    grid: found.grid,
    alternatives: withMaps ? others : others.map(({ words: _, ...other }) => other),
    ...(found.keywords && { keywords: found.keywords }),
    model: found.model,
    backend: found.backend,
    milliseconds: found.milliseconds,
  };
}
