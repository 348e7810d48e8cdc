import type { BackendName } from '../native/backend.ts';

/** A captioned photo, as `--json` prints it. */
export interface CaptionedPhoto {
  /** The photo as the caller named it. */
  file: string;
  /** Size in pixels as seen upright. */
  width: number;
  height: number;
  /** The best caption, as a sentence. */
  caption: string;
  /** What the search ranked by: log p of the caption / (words + 1)^α, with the model's or the caller's α. 0 at best. */
  score: number;
  words: CaptionedWord[];
  /** [rows, columns] of the weights. */
  grid: [number, number];
  /** The next best captions, best first; as many as were asked for, or as there are. */
  alternatives: { caption: string; score: number }[];
  /** What the photo could be filed under, where that was asked for: see `photoKeywords`. */
  keywords?: string[];
  /** Name of the model. */
  model: string;
  /** What the caption was translated to; not there where it is the captioner's own. */
  language?: string;
  /** Name of the model that translated it. */
  translator?: string;
  /** The caption before it was translated. */
  original?: { caption: string; words: CaptionedWord[]; keywords?: string[] };
  backend: BackendName;
  /** Reading is the photo's own time; of encode and decode, which are done in batches, it is the photo's share. */
  milliseconds: { read: number; encode: number; decode: number };
}

export interface CaptionedWord {
  /** In lower case, as the model has it; in a translated caption as it is written there. */
  word: string;
  /** p(word | photo, words before), in (0, 1]; in a translated caption the translator's. */
  probability: number;
  /** Where the model looked for it: rows * columns numbers that sum to 1, row by row from the top left; none for a model without attention. */
  weights: number[];
}

/** A photo that could not be captioned. */
export interface FailedPhoto {
  file: string;
  /** One sentence for a person. */
  error: string;
}

export type PhotoResult = CaptionedPhoto | FailedPhoto;

export function isFailed(result: PhotoResult): result is FailedPhoto {
  return 'error' in result;
}
