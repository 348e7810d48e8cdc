/** What `normalise` does about quotation marks. */
export type QuotePolicy =
  /** As written: „so“, “so”, don’t. */
  | 'keep'
  /** Curly ones become " and ', so that a phone's “don’t” and a keyboard's "don't" are the same to a model. */
  | 'plain';

export interface NormaliseOptions {
  /** Default `keep`. Guillemets stay as they are under both policies: spaces and direction belong to them. */
  readonly quotes?: QuotePolicy;
}

/** Normalised text, and where each of its characters comes from. */
export interface NormalisedText {
  readonly text: string;
  /** By UTF-16 unit of `text`: where what it was made from begins in the original. */
  readonly starts: Int32Array;
  /** By UTF-16 unit of `text`: where what it was made from ends in the original, exclusive. */
  readonly ends: Int32Array;
}

/** White space of every kind, with the line and information separators that `\s` leaves out. */
const SPACE = String.raw`\s\x1c-\x1f\x85`;
/**
 * Characters without a picture and without a meaning of their own: controls, soft hyphen, zero-width space, word joiner, marks of
 * direction, byte order mark.
 */
const INVISIBLE = String.raw`\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff`;
/** \ufeff counts as `\s` in JavaScript; here it is invisible and separates nothing. */
const WORD = new RegExp(String.raw`(?:[^${SPACE}]|\ufeff)+`, 'gu');
const INVISIBLES = new RegExp(`[${INVISIBLE}]`, 'gu');
const NEEDS_WORK = new RegExp(String.raw`[^\x21-\x7e]`, 'u');
/** A character with what may be composed with it: marks, and the medial and final letters of Hangul. */
const CLUSTER = new RegExp(String.raw`[^][\p{M}\u1160-\u11ff${INVISIBLE}]*`, 'gu');

/**
 * One line of text in the form in which a model sees it: Unicode NFC, one plain space between words and none at the
 * ends, no control or invisible characters; halves of surrogate pairs, which are no characters, become U+FFFD.
 * Zero-width joiners stay: emoji and some scripts need them. Doing it twice changes nothing.
 *
 * @param text any string; line breaks count as spaces
 */
export function normalise(text: string, options: NormaliseOptions = {}): string {
  const words: string[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const normalised = normaliseWord(word, options);
    if (normalised !== '') words.push(normalised);
  }
  return words.join(' ');
}

/**
 * As `normalise`, with the way back: what a model says about a character can be shown on the text that was typed.
 * A character that was composed from several points to all of them.
 */
export function normaliseWithOffsets(text: string, options: NormaliseOptions = {}): NormalisedText {
  let result = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const append = (piece: string, start: number, end: number) => {
    result += piece;
    for (let unit = 0; unit < piece.length; unit++) {
      starts.push(start);
      ends.push(end);
    }
  };
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    const normalised = normaliseWord(word, options);
    if (normalised === '') continue;
    if (result !== '') append(' ', ends.at(-1)!, match.index);
    for (const { piece, start, end } of origins(word, normalised, options)) {
      append(piece, match.index + start, match.index + end);
    }
  }
  return { text: result, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

function normaliseWord(word: string, { quotes = 'keep' }: NormaliseOptions): string {
  if (!NEEDS_WORK.test(word)) return word;
  // Before NFC: what an invisible character kept apart may compose now.
  const visible = word
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(INVISIBLES, '')
    .normalize('NFC');
  return quotes === 'keep' ? visible : visible.replace(/[“”„‟]/g, '"').replace(/[‘’‚‛]/g, "'");
}

/** The normalised word in pieces, each with its place in the word as written. */
function origins(word: string, normalised: string, options: NormaliseOptions) {
  const clusters = [...word.matchAll(CLUSTER)].map((match) => ({
    piece: normaliseWord(match[0], options),
    start: match.index,
    end: match.index + match[0].length,
  }));
  if (clusters.map(({ piece }) => piece).join('') === normalised) return clusters;
  // Something composes that `CLUSTER` does not know of: then the whole word is the place.
  return [{ piece: normalised, start: 0, end: word.length }];
}
