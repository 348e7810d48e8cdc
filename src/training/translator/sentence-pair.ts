/** A sentence and its translation. */
export interface SentencePair {
  readonly source: string;
  readonly target: string;
}
