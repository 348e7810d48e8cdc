/** A word of a caption that says what is seen. */
export interface ContentWord {
  /** The number of the word. */
  readonly place: number;
  readonly word: string;
  readonly isNoun: boolean;
}

/** Finds the content words of a caption. @param words as the captioner has them */
export type ContentWordFinder = (words: readonly string[]) => ContentWord[];
