import * as tf from '@tensorflow/tfjs-core';
import type { Decoder, DecoderStep, Likeliest } from '../../../src/engine/decoding/decoder.ts';
import { Random } from '../../../src/engine/random.ts';

/** The last two tokens and the source of every row, [rows, 3]. */
export interface ToyState {
  rows: tf.Tensor2D;
}

/** log p(token | source, last two tokens). */
export type Table = (source: number, beforeLast: number, last: number) => readonly number[];

export const START = 0;
export const END = 1;
const LOCATIONS = 4;

/** A random table: peaked enough that searches disagree, and without ties. */
export function randomTable(vocabularySize: number, seed: number): Table {
  const rows = new Map<string, readonly number[]>();
  return (source, beforeLast, last) => {
    const key = `${source}/${beforeLast}/${last}`;
    let row = rows.get(key);
    if (!row) {
      const random = new Random(seed * 7919 + source * 1009 + beforeLast * 101 + last);
      for (let i = 0; i < 5; i++) random.next();
      const logits = Array.from({ length: vocabularySize }, () => 3 * random.next());
      const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      row = logits.map((logit) => Math.fround(logit - total));
      rows.set(key, row);
    }
    return row;
  };
}

/** A model that is a table; it remembers the last two tokens in a tensor, so a wrong row or a leak shows. */
export class ToyDecoder implements Decoder<ToyState> {
  readonly startToken = START;
  readonly endToken = END;
  readonly vocabularySize: number;
  /** The size of each batch that was stepped. */
  readonly batches: number[] = [];
  readonly #sources: readonly number[];
  readonly #table: Table;
  readonly #attends: boolean;
  readonly #listed: number;

  /** @param listed how many of the likeliest tokens each step names; 0: it leaves that to the search */
  constructor(vocabularySize: number, sources: readonly number[], table: Table, attends = true, listed = 0) {
    this.vocabularySize = vocabularySize;
    this.#sources = sources;
    this.#table = table;
    this.#attends = attends;
    this.#listed = listed;
  }

  get sources(): number {
    return this.#sources.length;
  }

  start(): ToyState {
    return {
      rows: tf.tensor2d(
        this.#sources.flatMap((source) => [START, START, source]),
        [this.sources, 3],
        'int32',
      ),
    };
  }

  step(state: ToyState, tokens: Int32Array): DecoderStep<ToyState> {
    const height = state.rows.shape[0];
    if (tokens.length !== height) throw new Error(`${tokens.length} tokens for ${height} rows`);
    this.batches.push(height);
    const old = state.rows.arraySync();
    const now = old.map(([, last, source], row) => [last as number, tokens[row] as number, source as number]);
    const logProbabilities = now.flatMap(([beforeLast, last, source]) => [
      ...this.#table(source as number, beforeLast as number, last as number),
    ]);
    return {
      logProbabilities: tf.tensor2d(logProbabilities, [height, this.vocabularySize]),
      weights: this.#attends ? tf.tensor2d(now.flatMap(attentionOf), [height, LOCATIONS]) : null,
      ...(this.#listed > 0 && { likeliest: this.#likeliest(logProbabilities, height) }),
      state: { rows: tf.tensor2d(now, [height, 3], 'int32') },
    };
  }

  #likeliest(logProbabilities: readonly number[], height: number): Likeliest {
    const tokens = Array.from({ length: height }, (_, row) => {
      const own = logProbabilities.slice(row * this.vocabularySize, (row + 1) * this.vocabularySize);
      // A stable sort: of equals, the lower number first.
      return [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, this.#listed);
    });
    const values = tokens.map((own, row) => own.map((token) => logProbabilities[row * this.vocabularySize + token]!));
    return { logProbabilities: tf.tensor2d(values), tokens: tf.tensor2d(tokens, undefined, 'int32') };
  }

  reorder(state: ToyState, rows: Int32Array): ToyState {
    return { rows: tf.tidy(() => tf.gather(state.rows, tf.tensor1d(rows, 'int32'))) };
  }

  dispose(state: ToyState): void {
    state.rows.dispose();
  }
}

/** Weights that tell which context they belong to. */
export function attentionOf(context: readonly number[]): number[] {
  const [beforeLast, last, source] = context as [number, number, number];
  const raw = [1 + beforeLast, 1 + last, 1 + source, 2];
  const total = raw.reduce((a, b) => a + b);
  return raw.map((value) => Math.fround(value / total));
}

/** A sequence with its log p of each token; `finished` ones have the end token's too. */
export interface Sequence {
  tokens: number[];
  logProbabilities: number[];
}

/** Every finished sequence of at most `maxLength` tokens that `allows` lets through. */
export function allSequences(
  vocabularySize: number,
  table: Table,
  source: number,
  maxLength: number,
  allows: (tokens: readonly number[]) => boolean,
): Sequence[] {
  const sequences: Sequence[] = [];
  const visit = (tokens: number[], logProbabilities: number[]): void => {
    const context = [START, START, ...tokens].slice(-2) as [number, number];
    const row = table(source, ...context);
    if (allows(tokens)) {
      sequences.push({ tokens, logProbabilities: [...logProbabilities, row[END] as number] });
    }
    if (tokens.length === maxLength) return;
    for (let token = 0; token < vocabularySize; token++) {
      if (token !== END) visit([...tokens, token], [...logProbabilities, row[token] as number]);
    }
  };
  visit([], []);
  return sequences;
}
