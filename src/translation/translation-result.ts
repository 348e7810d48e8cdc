import type { BackendName } from '../contract/constants/backends.ts';
import type { LookInsideOutput, Token, TranslatedSentence, Translation } from '../contract/data/translation.ts';

/** Where something stands in a text: from the first UTF-16 unit up to the second. */
export type Place = [number, number];

/** One translation of a sentence, with what of it stays here: it would fill messages for nothing. */
export interface SentenceTranslation extends Translation {
  /** False where the limit of length cut it off. */
  finished: boolean;
  /** Of each word: [start, end) in `text`, in UTF-16 units. */
  places: Place[];
  tokens: (Token & { probability: number })[];
  /** weights[target token][source token], of all `tokens`; rows sum to 1. Empty without attention. */
  weights: number[][];
}

/** A translated sentence in its text. */
export interface PlacedSentence extends TranslatedSentence {
  /** Its place in the text, in UTF-16 units. */
  start: number;
  end: number;
  source: TranslatedSentence['source'] & { places: Place[] };
  translations: SentenceTranslation[];
}

/** A text with its translation. */
export interface TranslatedText {
  source: string;
  /** The translation; white space, line breaks, emoji and addresses are those of the source. */
  text: string;
  /** Further translations of the whole text: the n-th takes the n-th best of each sentence, where it has so many. */
  alternatives: string[];
  from: string;
  to: string;
  /** The language between them, where no translator goes all the way. */
  through?: string;
  /** In order. None for a text without letters. */
  sentences: PlacedSentence[];
  /** The layer whose attention, averaged over its heads, is shown; null for a model without attention. */
  alignmentLayer: number | null;
  /** The same mean over all sentences, in (0, 1]; 1 for a text without letters. */
  confidence: number;
  /** Whether the text is unlike what the model was trained on, so that little of the translation will be right. */
  isUnlike: boolean;
  model: string;
  backend: BackendName;
}

/** What a model looked at while it translated one sentence. */
export type InsideLook = Omit<LookInsideOutput, 'milliseconds'>;
