import * as tf from '@tensorflow/tfjs-core';

/** Token sequences of different lengths as one rectangle. */
export interface PaddedTokens {
  /** How many sequences. */
  readonly rows: number;
  /** Tokens of the longest one: the width of the rectangle. */
  readonly length: number;
  /** Row after row, [rows × length]; behind the end of a sequence 0, which is read by nobody. */
  readonly tokens: Int32Array;
  /** Tokens of each row; at least 1. */
  readonly lengths: Int32Array;
}

/**
 * @param sequences token ids, each sequence with at least one
 * @throws RangeError where there is no sequence, or an empty one: attention would have nothing to look at
 */
export function padTokens(sequences: readonly (readonly number[])[]): PaddedTokens {
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  const length = lengths.reduce((longest, next) => Math.max(longest, next), 0);
  if (sequences.length === 0) throw new RangeError('A batch needs at least one sequence.');
  const empty = lengths.indexOf(0);
  if (empty >= 0) throw new RangeError(`Sequence ${empty} has no tokens; every sequence needs at least one.`);
  const tokens = new Int32Array(sequences.length * length);
  for (const [row, sequence] of sequences.entries()) tokens.set(sequence, row * length);
  return { rows: sequences.length, length, tokens, lengths };
}

/** One sequence with padding behind it, as it stands in a batch beside one that is longer by so many tokens. */
export function padBy(sequence: readonly number[], padding: number): PaddedTokens {
  const { tokens, length, ...padded } = padTokens([sequence]);
  return {
    ...padded,
    length: length + padding,
    tokens: Int32Array.of(...tokens, ...new Array<number>(padding).fill(0)),
  };
}

/** Where the tokens are: the place of each, and at each place which token it is, 0 at padding: see `Slots`. */
export function slotsOf({ rows, length, lengths }: PaddedTokens): { places: Int32Array; slots: Int32Array } {
  const slots = new Int32Array(rows * length);
  const places: number[] = [];
  for (const [row, own] of lengths.entries()) {
    for (let i = row * length; i < row * length + own; i++) slots[i] = places.push(i) - 1;
  }
  return { places: Int32Array.from(places), slots };
}

/** 1 at a token, 0 at padding, [rows, length]; nothing where no row is padded. */
export function paddingMask({ rows, length, lengths }: PaddedTokens): tf.Tensor2D | undefined {
  if (lengths.every((own) => own === length)) return undefined;
  const mask = new Float32Array(rows * length);
  for (const [row, own] of lengths.entries()) mask.fill(1, row * length, row * length + own);
  return tf.tensor2d(mask, [rows, length]);
}

/** @throws RangeError where a token is not on [0, vocabularySize) */
export function assertTokens(what: string, tokens: Int32Array, vocabularySize: number): void {
  for (const token of tokens) {
    if (token < 0 || token >= vocabularySize) {
      throw new RangeError(`The ${what} has the token ${token}; the vocabulary has ${vocabularySize} tokens.`);
    }
  }
}
