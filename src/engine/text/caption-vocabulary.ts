/** A word of a caption, and the tokens that write it. */
export interface CaptionWord {
  readonly word: string;
  /** The first of its tokens, counted among the caption's, and how many there are; at least 1. */
  readonly first: number;
  readonly count: number;
}

/** What a captioner's search and its readers need of its words, be they tokens themselves or made of pieces. */
export interface CaptionVocabulary {
  /** Every token as it is printed, by id; a piece that goes on with a word begins with `##`. */
  readonly words: readonly string[];
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly unknown: number;
  /** Ids that no caption contains, for a search to forbid; never the end. */
  readonly forbidden: readonly number[];

  /** The id of a word that is one token; the unknown token's otherwise. */
  id(word: string): number;
  /** Whether a word can be written. */
  has(word: string): boolean;
  /** Words as tokens. */
  encode(words: readonly string[]): number[];
  /** Tokens as words. @throws RangeError for an id that does not exist */
  decode(ids: readonly number[]): string[];
  /** The same with the tokens of each word; every token is in one word. @throws RangeError for an id that does not exist */
  group(ids: readonly number[]): CaptionWord[];
}
