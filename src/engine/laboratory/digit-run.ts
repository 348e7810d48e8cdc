import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../batches/padded-tokens.ts';
import { greedySearch } from '../decoding/greedy.ts';
import type { Hypothesis } from '../decoding/hypothesis.ts';
import { Seq2Seq, type Seq2SeqConfig } from '../models/seq2seq.ts';
import { Parameters } from '../parameters.ts';
import { Random } from '../random.ts';
import { AdamW } from '../training/adam-w.ts';
import { textBatch, textLoss } from '../training/text-loss.ts';
import { DIGIT_VOCABULARY, drawDigits, END, solve, START, type DigitAttention, type DigitTask } from './digit-task.ts';

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
export const DIGIT_DEFAULTS = { seed: 1, updates: 800, batch: 32, longest: 15, rate: 0.008 } as const;

/** Of updates: how many the rate rises over, and the share at the end in which it falls to a twentieth. */
const WARM_UP = 30;
const COOL_DOWN = 0.35;

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
export class DigitRun {
  readonly options: Required<DigitRunOptions>;
  readonly model: Seq2Seq;
  readonly #parameters: Parameters;
  readonly #adam: AdamW;
  readonly #random: Random;
  #done = 0;

  constructor(options: DigitRunOptions) {
    this.options = { ...DIGIT_DEFAULTS, ...options };
    this.#random = new Random(this.options.seed);
    this.#parameters = new Parameters(this.#random.next);
    this.model = new Seq2Seq(digitConfig(options.attention), this.#parameters);
    this.#adam = new AdamW(this.#parameters.entries());
  }

  /** Updates so far. */
  get done(): number {
    return this.#done;
  }

  get isOver(): boolean {
    return this.#done >= this.options.updates;
  }

  /** What is trained, by name. */
  parameters(): readonly (readonly [string, tf.Variable])[] {
    return this.#parameters.entries();
  }

  /** Numbers that are trained. */
  get weights(): number {
    return this.parameters().reduce((sum, [, { size }]) => sum + size, 0);
  }

  /** One update on strings of one drawn length. @returns the loss before it, nats a token */
  update(): number {
    const { batch, longest, task } = this.options;
    const length = 1 + this.#random.integer(longest);
    const pairs = Array.from({ length: batch }, () => {
      const digits = drawDigits(length, this.#random);
      return { source: [...digits, END], target: solve(task, digits) };
    });
    const data = textBatch(pairs, START, END);
    const training = { random: this.#random, dropout: 0 };
    const { grads, value } = tf.variableGrads(() => textLoss(this.model, data, { training }), this.#adam.variables);
    const loss = value.dataSync()[0] as number;
    this.#done++;
    this.#adam.apply(grads, this.#rate(), 1);
    tf.dispose([value, grads]);
    return loss;
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

  dispose(): void {
    this.#parameters.dispose();
  }

  #answer(strings: readonly (readonly number[])[]): Promise<Hypothesis[]> {
    const decoder = this.model.decoder(padTokens(strings.map((digits) => [...digits, END])));
    const longest = strings.reduce((most, { length }) => Math.max(most, length), 0);
    return greedySearch(decoder, { maxLength: longest + 2, forbidden: [0, START] });
  }

  #rate(): number {
    const { rate, updates } = this.options;
    const left = (updates - this.#done) / (updates * COOL_DOWN);
    return rate * Math.min(1, this.#done / WARM_UP, Math.max(0.05, left));
  }
}
