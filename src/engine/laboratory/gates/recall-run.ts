import * as tf from '@tensorflow/tfjs-core';
import { Embedding } from '../../layers/embedding.ts';
import { Linear } from '../../layers/linear.ts';
import { recurrentCell, type CellName, type RecurrentCell } from '../../layers/recurrent-cell.ts';
import { runRecurrent } from '../../layers/recurrent.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallRun } from '../small-run.ts';

export interface RecallRunOptions {
  cell: CellName;
  /** Digits of a string, the first of which is to be said at the end. */
  length: number;
  seed?: number;
  updates?: number;
  batch?: number;
  rate?: number;
}

export const RECALL_DEFAULTS = { seed: 1, updates: 400, batch: 16, rate: 0.005 } as const;

/** Different digits: who knows nothing is right once in so many. */
export const DIGITS = 10;
/** The same for all cells: of the embedding and of the state. */
const EMBEDDING = 12;
const SIZE = 32;

/** A recurrent cell that learns to say at the end of a string how it began. */
export class RecallRun extends SmallRun<Required<RecallRunOptions>, Int32Array> {
  readonly #cell: RecurrentCell;
  readonly #embedding: Embedding;
  readonly #output: Linear;

  constructor(options: RecallRunOptions) {
    super({ ...RECALL_DEFAULTS, ...options }, { warmUp: 20, coolDown: 0.4 });
    this.#embedding = new Embedding(this.store, 'embedding', DIGITS, EMBEDDING, 1);
    this.#cell = recurrentCell(options.cell, this.store, 'cell', EMBEDDING, SIZE);
    this.#output = new Linear(this.store, 'output', SIZE, DIGITS);
  }

  /** The share of right answers, on strings that are always the same. */
  accuracy(): number {
    const rows = 200;
    const strings = this.#draw(rows, new Random(1000));
    const said = tf.tidy(() => tf.argMax(this.#answers(this.#embed(strings, rows)), 1).dataSync());
    return this.#firsts(strings, rows).filter((digit, row) => digit === said[row]).length / rows;
  }

  /**
   * How much the loss depends on each digit: the norm of its gradient with respect to the digit's vector, mean of some strings.
   * @returns by steps before the end: the last digit first
   */
  gradients(): number[] {
    const rows = 40;
    const { length } = this.options;
    const strings = this.#draw(rows, new Random(2000));
    return tf.tidy(() => {
      const targets = this.#firsts(strings, rows);
      // The sum, so that each string has the gradient that it would have alone.
      const loss = tf.grad((x) => tf.sum(crossEntropy(this.#answers(x as tf.Tensor3D), targets)));
      const norms = tf.mean(tf.norm(loss(this.#embed(strings, rows)), 2, 2), 0);
      return Array.from(norms.dataSync()).slice(0, length).reverse();
    });
  }

  protected draw(): Int32Array {
    return this.#draw(this.options.batch, this.random);
  }

  /** @returns nats a string */
  protected loss(strings: Int32Array): tf.Scalar {
    const { batch } = this.options;
    return tf.mean(crossEntropy(this.#answers(this.#embed(strings, batch)), this.#firsts(strings, batch)));
  }

  /** @param x vectors of digits, [rows, length, embedding] @returns scores, [rows, digits] */
  #answers(x: tf.Tensor3D): tf.Tensor2D {
    const lengths = new Int32Array(x.shape[0]).fill(this.options.length);
    const { final } = runRecurrent(this.#cell, x, lengths, 'forward');
    return this.#output.apply(final[0] as tf.Tensor2D);
  }

  #embed(strings: Int32Array, rows: number): tf.Tensor3D {
    return tf.reshape(this.#embedding.lookUp(strings), [rows, this.options.length, EMBEDDING]);
  }

  #draw(rows: number, random: Random): Int32Array {
    return Int32Array.from({ length: rows * this.options.length }, () => random.integer(DIGITS));
  }

  #firsts(strings: Int32Array, rows: number): Int32Array {
    return Int32Array.from({ length: rows }, (_, row) => strings[row * this.options.length] as number);
  }
}
