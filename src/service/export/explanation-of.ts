import { AttendError } from '../../contract/attend-error.ts';
import { isNotSure } from '../../contract/constants/not-sure-below.ts';
import type { Caption, CaptionResult } from '../../contract/data/captions.ts';
import { drawnWords, type Explanation } from '../../pictures/explanation.ts';
import { isDoubted, reviewOf, type Entry } from '../library/entry.ts';

/** An explanation that can be sent to a thread: its photo is a path. */
export type PathExplanation = Explanation & { readonly photo: string };

/**
 * What pictures of a photo are drawn from: the model's words and maps, under the caption that is shown.
 * Where its words have other maps beside where the model looked, these are drawn.
 * @param wanted one of the result's captions, by its index, or one that is not among them; the best unless said
 */
export function explanationOf(
  entry: Entry,
  result: CaptionResult,
  file: string,
  wanted: number | Caption = 0,
): PathExplanation {
  const found = typeof wanted === 'number' ? result.captions[wanted] : wanted;
  if (!found) throw new AttendError('not-found', 'This photo has no such caption.');
  const caption = (wanted === 0 ? entry.edited : null) ?? found.caption;
  const notSure = wanted === 0 ? isDoubted(entry) : isNotSure(found.confidence);
  const review = wanted === 0 ? reviewOf(entry) : undefined;
  return { photo: file, caption, notSure, review, ...drawnWords(found.words), grid: result.grid };
}
