/** A stretch of a text, in UTF-16 units: `text.slice(start, end)`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A stretch that a placeholder stands for. */
export interface HeldStretch extends Stretch {
  /** Whether words that it touches are read as if there were spaces between: mark-up is no part of a word. */
  readonly apart?: boolean;
}
