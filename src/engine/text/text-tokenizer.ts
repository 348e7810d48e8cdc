import type { HeldStretch } from './stretch.ts';
import type { Span, Word } from './word-alignment.ts';

/** Ids with the places they stand for. */
export interface Encoding {
  readonly ids: number[];
  /** By id: its place in the text as it was given. */
  readonly spans: Span[];
  /** The words of the text as it was given. */
  readonly words: Word[];
}

/** Text with the ids that wrote it. */
export interface Decoding {
  readonly text: string;
  /** By id: its place in the text. */
  readonly spans: Span[];
  readonly words: Word[];
}

/** What a translator needs of its vocabulary, whoever made it. */
export interface TextTokenizer {
  /** The token that ends a text. */
  readonly end: number;
  /** Codes of the languages that have a tag; none where a model writes one language only. */
  readonly languages: readonly string[];
  /** Every token as it is printed, by id. */
  readonly tokens: readonly string[];
  /** Number of ids. */
  readonly size: number;
  /** How many different things of a sentence a placeholder can stand for. */
  readonly placeholders: number;
  /** Ids that no translation contains, for a search to forbid. */
  readonly forbidden: readonly number[];

  /** The id of the tag that asks for a language. @throws RangeError that lists the known ones */
  language(code: string): number;
  /** The id of a placeholder, counted from 0. @throws RangeError where there is none */
  placeholder(index: number): number;
  /** Whether a character has a token of its own, or is in one. */
  knows(character: string): boolean;
  /** @returns ids without special tokens; none for text without visible characters */
  encode(text: string): number[];
  /**
   * As `encode`, with the place of every id and the words of the text.
   * @param held stretches of the text, in order, that the placeholders 0, 1, 2 … stand for; no more than there are
   */
  encodeWithSpans(text: string, language?: string, held?: readonly HeldStretch[]): Encoding;
  /** The ids that would write a text: as those that read it where source and target share one vocabulary. */
  encodeTarget(text: string): number[];
  /**
   * Text for people, with the place of every id and the words of the text.
   * @param held what the placeholders stand for
   * @throws RangeError for an id that does not exist
   */
  decodeWithSpans(ids: readonly number[], language?: string, held?: readonly string[]): Decoding;
}
