import { foundAmong, type FoundMaps, type MapKind } from '../contract/constants/map-kinds.ts';
import type { ReviewState } from '../contract/constants/review-states.ts';
import { openPhoto, type OpenPhoto, type PhotoSource } from '../photos/open-photo.ts';

/** A word of a caption and where the model looked for it. */
export interface ExplainedWord {
  readonly word: string;
  /** What stands in the caption in its place, where careful wording put something else there. */
  readonly said?: string | undefined;
  /** 0 to 1. */
  readonly probability: number;
  /** rows * cols attention weights over the grid, row by row from the top left of the upright photo. */
  readonly weights: ArrayLike<number>;
  /** Where the model says how sure it is of the word, 0 to 1. */
  readonly confidence?: number | undefined;
}

/** A captioned photo: what every picture of the attention is drawn from. */
export interface Explanation {
  /** The photo's path or bytes, or the photo already opened. */
  readonly photo: PhotoSource | OpenPhoto;
  readonly caption: string;
  /** The language of the caption and its words, as BCP 47 has it; English unless said. */
  readonly language?: string;
  /** Whether the model is not sure of it, and no person has looked. */
  readonly notSure?: boolean | undefined;
  /** How far a person has looked at the caption; nothing is told of what is new. */
  readonly review?: ReviewState | undefined;
  readonly words: readonly ExplainedWord[];
  /** What the weights tell: where the model looked, unless said. */
  readonly maps?: MapKind | undefined;
  /** [rows, cols] of the weights. */
  readonly grid: readonly [rows: number, cols: number];
}

/** What is drawn of a caption's words: the maps that were found beside where the model looked, else these. */
export function drawnWords(
  words: readonly (ExplainedWord & Readonly<Partial<Record<FoundMaps, readonly number[] | undefined>>>)[],
): Pick<Explanation, 'words' | 'maps'> {
  const maps = foundAmong(words);
  return maps ? { words: words.map((word) => ({ ...word, weights: word[maps] ?? word.weights })), maps } : { words };
}

/** The explanation's photo, opened unless it is already. */
export async function openExplained(explanation: Explanation): Promise<OpenPhoto> {
  const { photo } = explanation;
  return typeof photo === 'string' || photo instanceof Uint8Array ? openPhoto(photo) : photo;
}

/** A probability as a person reads it: "87%", "<1%". */
export function percent(probability: number): string {
  if (probability > 0 && probability < 0.01) return '<1%';
  // Rounding must not turn "almost certain" into "certain".
  return `${probability < 1 ? Math.min(99, Math.round(probability * 100)) : 100}%`;
}
