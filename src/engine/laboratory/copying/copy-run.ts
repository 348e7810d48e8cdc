import * as tf from '@tensorflow/tfjs-core';
import { ConvolutionalSequence, type SequenceKind } from '../../models/convolutional-sequence.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallRun } from '../small-run.ts';

export interface CopyRunOptions {
  kind: SequenceKind;
  /** d: at every step the token of d steps before is to be said. */
  distance: number;
  /** Layers. */
  depth: number;
  seed?: number;
  updates?: number;
  batch?: number;
  rate?: number;
}

export const COPY_DEFAULTS = { seed: 1, updates: 800, batch: 8, rate: 0.004 } as const;

/** Different tokens: who knows nothing is right once in so many. */
export const COPY_VOCABULARY = 8;
/** k, steps that a convolution sees. */
export const COPY_WIDTH = 3;
const SIZE = 24;
/** Tokens of a string that have an answer. */
const ANSWERED = 24;

/** A stack of convolutions that learns to repeat what it read a fixed number of steps ago. */
export class CopyRun extends SmallRun<Required<CopyRunOptions>, Int32Array> {
  readonly model: ConvolutionalSequence;

  constructor(options: CopyRunOptions) {
    super({ ...COPY_DEFAULTS, ...options }, { warmUp: 30, coolDown: 0.4 });
    const { depth, kind } = options;
    const config = { kind, vocabularySize: COPY_VOCABULARY, size: SIZE, depth, width: COPY_WIDTH };
    this.model = new ConvolutionalSequence(config, this.store);
  }

  /** The share of tokens that are said right, on strings that are always the same. */
  accuracy(): number {
    const rows = 20;
    const tokens = this.#draw(rows, new Random(1000));
    const said = tf.tidy(() => tf.argMax(this.#answered(tokens, rows), 1).dataSync());
    const right = this.#targets(tokens, rows);
    return right.filter((token, i) => token === said[i]).length / right.length;
  }

  protected draw(): Int32Array {
    return this.#draw(this.options.batch, this.random);
  }

  /** @returns nats a token */
  protected loss(tokens: Int32Array): tf.Scalar {
    const { batch } = this.options;
    return tf.mean(crossEntropy(this.#answered(tokens, batch), this.#targets(tokens, batch)));
  }

  #draw(rows: number, random: Random): Int32Array {
    const length = this.options.distance + ANSWERED;
    return Int32Array.from({ length: rows * length }, () => random.integer(COPY_VOCABULARY));
  }

  /** Scores where there is an answer: from the step on that lies d behind the first. */
  #answered(tokens: Int32Array, rows: number): tf.Tensor2D {
    const { distance } = this.options;
    const logits = tf.reshape<tf.Rank.R3>(this.model.apply(tokens, rows).logits, [
      rows,
      distance + ANSWERED,
      COPY_VOCABULARY,
    ]);
    const answered = tf.slice(logits, [0, distance, 0], [rows, ANSWERED, COPY_VOCABULARY]);
    return tf.reshape(answered, [rows * ANSWERED, COPY_VOCABULARY]);
  }

  #targets(tokens: Int32Array, rows: number): Int32Array {
    const length = this.options.distance + ANSWERED;
    return Int32Array.from(
      { length: rows * ANSWERED },
      (_, i) => tokens[Math.floor(i / ANSWERED) * length + (i % ANSWERED)] as number,
    );
  }
}
