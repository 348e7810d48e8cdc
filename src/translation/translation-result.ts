import type { BackendName } from '../native/backend.ts';

/** Where something stands in a text: from the first UTF-16 unit up to the second. */
export type Place = [number, number];

/** A token as the model reads or writes it. */
export interface TextToken {
  /** As it is printed: `▁dog` with its space, `<2de>`, `<end>`, a byte as `<0xF0>`. */
  text: string;
  /** The word that it belongs to, counted from 0; null for a token that writes nothing (the tag, the end). */
  word: number | null;
}

export interface TranslatedWord {
  word: string;
  /** The product of its tokens' probabilities, in [0, 1]. */
  probability: number;
}

/** One translation of a sentence. */
export interface SentenceTranslation {
  text: string;
  /** What the search ranked by: log p / (tokens + 1)^α. 0 at best. */
  score: number;
  /** False where the limit of length cut it off. */
  finished: boolean;
  /** In order, punctuation apart. */
  words: TranslatedWord[];
  /** Of each word: [start, end) in `text`, in UTF-16 units. */
  places: Place[];
  /** With the end token last, where it was reached. */
  tokens: (TextToken & { probability: number })[];
  /** alignment[target word][source word]: tokens' weights merged into words; rows sum to 1. Empty without attention. */
  alignment: number[][];
  /** weights[target token][source token], of all `tokens`; rows sum to 1. Empty without attention. */
  weights: number[][];
}

/** A sentence, or a part of one between emoji and addresses, with its translations. */
export interface TranslatedSentence {
  /** Its place in the text, in UTF-16 units. */
  start: number;
  end: number;
  source: { text: string; words: string[]; places: Place[]; tokens: TextToken[] };
  /** Best first; at least one. */
  translations: SentenceTranslation[];
  /** There where the sentence was left as it is: the model knows (almost) none of its characters. */
  kept?: 'unknown-script';
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
  /** In order. None for a text without letters. */
  sentences: TranslatedSentence[];
  /** The layer whose attention, averaged over its heads, is shown; null for a model without attention. */
  alignmentLayer: number | null;
  model: string;
  backend: BackendName;
}

/** The weights of one layer and head; rows are queries, columns what they looked at; rows sum to 1. */
export interface AttentionMap {
  /**
   * `cross`: target tokens × source tokens; `encoder`: source × source; `decoder`: target × fed, where the fed tokens are
   * the start token and then the target's without its last, so that row i can look at columns 0 to i.
   */
  kind: 'cross' | 'encoder' | 'decoder';
  /** From 0. */
  layer: number;
  head: number;
  weights: number[][];
}

/** What a model looked at while it translated one sentence. */
export interface InsideLook {
  source: TextToken[];
  /** The end token last, where it was reached. */
  target: TextToken[];
  /** Of each target token. */
  probabilities: number[];
  text: string;
  /** None for a model without attention; recurrent models have one map, `cross`, layer 0, head 0. */
  maps: AttentionMap[];
  model: string;
}
