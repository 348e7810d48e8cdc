import * as tf from '@tensorflow/tfjs-core';
import { Embedding } from '../../layers/embedding.ts';
import { Linear } from '../../layers/linear.ts';
import { recurrentCell, type CellName, type RecurrentCell } from '../../layers/recurrent-cell.ts';
import { runRecurrent } from '../../layers/recurrent.ts';
import { Parameters } from '../../parameters.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallTraining } from '../small-training.ts';

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
export class RecallRun {
  readonly options: Required<RecallRunOptions>;
  readonly #cell: RecurrentCell;
  readonly #embedding: Embedding;
  readonly #output: Linear;
  readonly #parameters: Parameters;
  readonly #training: SmallTraining;
  readonly #random: Random;

  constructor(options: RecallRunOptions) {
    this.options = { ...RECALL_DEFAULTS, ...options };
    const { cell, rate, seed, updates } = this.options;
    this.#random = new Random(seed);
    this.#parameters = new Parameters(this.#random.next);
    this.#embedding = new Embedding(this.#parameters, 'embedding', DIGITS, EMBEDDING, 1);
    this.#cell = recurrentCell(cell, this.#parameters, 'cell', EMBEDDING, SIZE);
    this.#output = new Linear(this.#parameters, 'output', SIZE, DIGITS);
    this.#training = new SmallTraining(this.#parameters, { updates, rate, warmUp: 20, coolDown: 0.4 });
  }

  get isOver(): boolean {
    return this.#training.isOver;
  }

  /** What is trained, by name. */
  parameters(): readonly (readonly [string, tf.Variable])[] {
    return this.#parameters.entries();
  }

  /** One update on new strings. @returns the loss before it, nats */
  update(): number {
    const { batch } = this.options;
    const strings = this.#draw(batch, this.#random);
    return this.#training.update(() => this.#loss(strings, batch));
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

  dispose(): void {
    this.#parameters.dispose();
  }

  #loss(strings: Int32Array, rows: number): tf.Scalar {
    return tf.mean(crossEntropy(this.#answers(this.#embed(strings, rows)), this.#firsts(strings, rows)));
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
