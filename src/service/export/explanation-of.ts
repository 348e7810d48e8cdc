import { AttendError, type CaptionResult, type MapStyle } from '../../contract/contract.ts';
import type { Explanation } from '../../vision/explanation.ts';
import type { MapStyle as DrawnStyle } from '../../vision/render-word.ts';
import type { Entry } from '../library/library.ts';

/** An explanation that can be sent to a thread: its photo is a path. */
export type PathExplanation = Explanation & { readonly photo: string };

/**
 * What pictures of a photo are drawn from: the model's words and maps, under the caption that is shown.
 * @param index which caption of the result; the best unless said
 */
export function explanationOf(entry: Entry, result: CaptionResult, file: string, index = 0): PathExplanation {
  const caption = result.captions[index];
  if (!caption) throw new AttendError('not-found', 'This photo has no such caption.');
  return {
    photo: file,
    caption: (index === 0 ? entry.edited : null) ?? caption.caption,
    words: caption.words,
    grid: result.grid,
  };
}

/** A style of the settings as the pictures take it. */
export function fromStyle({ mode, colourMap, strength, shape, range }: MapStyle): DrawnStyle {
  return {
    mode,
    colourMap,
    range,
    upsample: shape === 'cells' ? 'cells' : 'gaussian',
    ...(strength === null ? {} : { alpha: strength }),
  };
}
