import type * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../batches/padded-tokens.ts';
import { greedySearch } from '../decoding/greedy.ts';
import type { Hypothesis } from '../decoding/hypothesis.ts';
import { Seq2Seq, type Seq2SeqConfig } from '../models/seq2seq.ts';
import { Random } from '../random.ts';
import { textBatch, textLoss, type TextBatch } from '../training/text-loss.ts';
import { DIGIT_VOCABULARY, drawDigits, END, solve, START, type DigitAttention, type DigitTask } from './digit-task.ts';
import { SmallRun } from './small-run.ts';

export interface DigitRunOptions {
  task: DigitTask;
  attention: DigitAttention;
  /** Of the weights and of all digits that are drawn (default 1). */
  seed?: number;
  /** How many updates there will be: the rate falls towards their end. */
  updates?: number;
  /** Strings in a batch, which are of one length. */
  batch?: number;
  /** The longest string that is trained on. */
  longest?: number;
  /** The highest learning rate. */
  rate?: number;
}

/** What the page and the tables train with. */
export const DIGIT_DEFAULTS = { seed: 1, updates: 1200, batch: 32, longest: 22, rate: 0.008 } as const;

/** The longest string at the beginning, and the share of updates until the longest come: short ones teach where to look. */
const FIRST_LONGEST = 4;
const GROWING = 0.6;

const CELLS_AND_ATTENTIONS = {
  none: ['gru', 'none'],
  additive: ['gru', 'additive'],
  dot: ['gru', 'dot'],
  'key-query': ['gru', 'key-query'],
  'plain-none': ['plain', 'none'],
  'plain-additive': ['plain', 'additive'],
} as const;

/** Sequences whose answers are compared. */
const MEASURED = 24;

/**
 * The shape of all models that are compared, a bidirectional GRU and Luong's decoder, or plain cells in their place; they differ
 * in what the decoder sees of the source. Without attention that is one vector for the whole string: the bottleneck of Cho et al. 2014.
 */
export function digitConfig(kind: DigitAttention): Seq2SeqConfig {
  const [cell, attention] = CELLS_AND_ATTENTIONS[kind];
  return {
    sourceVocabularySize: DIGIT_VOCABULARY,
    targetVocabularySize: DIGIT_VOCABULARY,
    startToken: START,
    endToken: END,
    embeddings: 'none',
    cell,
    encoder: 'bidirectional',
    embeddingSize: 24,
    encoderSize: 24,
    hiddenSize: 48,
    attention,
    attentionSize: 24,
    decoder: 'luong',
    inputFeeding: false,
    initialState: 'final',
  };
}

/**
 * A small model that learns to reverse, copy or sort digits while somebody watches. Runs on any backend that has the
 * gradients; the gradients are TensorFlow.js' own.
 */
export class DigitRun extends SmallRun<Required<DigitRunOptions>, TextBatch> {
  readonly model: Seq2Seq;

  constructor(options: DigitRunOptions) {
    super({ ...DIGIT_DEFAULTS, ...options }, { warmUp: 30, coolDown: 0.35 });
    this.model = new Seq2Seq(digitConfig(options.attention), this.store);
  }

  /** Strings of one drawn length; the longest grow as the training goes on (Bengio et al. 2009, curriculum learning). */
  protected draw(): TextBatch {
    const { batch, longest, task, updates } = this.options;
    const grown = Math.min(1, this.done / (GROWING * updates));
    const most = Math.round(FIRST_LONGEST + (longest - FIRST_LONGEST) * grown);
    const length = 1 + this.random.integer(Math.min(longest, most));
    const pairs = Array.from({ length: batch }, () => {
      const digits = drawDigits(length, this.random);
      return { source: [...digits, END], target: solve(task, digits) };
    });
    return textBatch(pairs, START, END);
  }

  /** @returns nats a token */
  protected loss(batch: TextBatch): tf.Scalar {
    return textLoss(this.model, batch, { training: { random: this.random, dropout: 0 } });
  }

  /** The share of strings of a length that come out right to the last digit, on strings that are always the same. */
  async exact(length: number): Promise<number> {
    const random = new Random(1000 + length);
    const strings = Array.from({ length: MEASURED }, () => drawDigits(length, random));
    const answers = await this.#answer(strings);
    const isRight = answers.map(({ finished, tokens }, i) => {
      const right = solve(this.options.task, strings[i] as number[]);
      return finished && tokens.length === right.length && tokens.every((token, place) => token === right[place]);
    });
    return isRight.filter(Boolean).length / MEASURED;
  }

  /**
   * What the model makes of some digits, and where it looked for each.
   * @param digits tokens, at least one
   * @returns `written` tokens, with the end where it was reached; `weights` [written][digits and their end], none without
   *   attention
   */
  async look(digits: readonly number[]): Promise<{ written: number[]; weights: number[][] }> {
    const [answer] = (await this.#answer([digits])) as [Hypothesis];
    const written = answer.finished ? [...answer.tokens, END] : [...answer.tokens];
    return { written, weights: answer.weights.map((row) => Array.from(row)) };
  }

  #answer(strings: readonly (readonly number[])[]): Promise<Hypothesis[]> {
    const decoder = this.model.decoder(padTokens(strings.map((digits) => [...digits, END])));
    const longest = strings.reduce((most, { length }) => Math.max(most, length), 0);
    return greedySearch(decoder, { maxLength: longest + 2, forbidden: [0, START] });
  }
}
