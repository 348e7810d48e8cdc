import * as tf from '@tensorflow/tfjs-core';
import { Linear } from '../../layers/linear.ts';
import { Snail, type SnailParts } from '../../models/snail.ts';
import { Parameters } from '../../parameters.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallTraining } from '../small-training.ts';
import { drawEpisodes, META_SHAPES, type Episodes, type MetaTask } from './episodes.ts';
import { GLYPH_SIDE } from './glyphs.ts';

export interface SnailRunOptions {
  task: MetaTask;
  parts: SnailParts;
  seed?: number;
  updates?: number;
  /** Sequences in a batch. */
  batch?: number;
  rate?: number;
}

export const SNAIL_DEFAULTS = { seed: 1, batch: 16, rate: 0.004 } as const;
const UPDATES: Readonly<Record<MetaTask, number>> = { glyphs: 4000, succession: 1000 };

/** What a drawing becomes, and what lies between. */
const EMBEDDING = 32;
const HIDDEN = 64;

/** A SNAIL that learns to learn within a sequence. */
export class SnailRun {
  readonly options: Required<SnailRunOptions>;
  readonly #model: Snail;
  /** From the pixels of a drawing to its embedding. */
  readonly #eye: readonly [Linear, Linear] | null;
  readonly #parameters: Parameters;
  readonly #training: SmallTraining;
  readonly #random: Random;

  constructor(options: SnailRunOptions) {
    this.options = { ...SNAIL_DEFAULTS, updates: UPDATES[options.task], ...options };
    const { parts, rate, seed, task, updates } = this.options;
    const { classes, length } = META_SHAPES[task];
    this.#random = new Random(seed);
    const parameters = new Parameters(this.#random.next);
    this.#parameters = parameters;
    const isSeen = task === 'glyphs';
    this.#eye = isSeen
      ? [
          new Linear(parameters, 'eye.0', GLYPH_SIDE * GLYPH_SIDE, HIDDEN),
          new Linear(parameters, 'eye.1', HIDDEN, EMBEDDING),
        ]
      : null;
    const config = {
      parts,
      classes,
      length,
      inputSize: classes + (isSeen ? EMBEDDING : 0),
      filters: 12,
      attention: [
        [16, 16],
        [16, 16],
      ] as const,
    };
    this.#model = new Snail(config, parameters);
    this.#training = new SmallTraining(parameters, { updates, rate, warmUp: 50, coolDown: 0.4 });
  }

  get done(): number {
    return this.#training.done;
  }

  get isOver(): boolean {
    return this.#training.isOver;
  }

  /** What is trained, by name. */
  parameters(): readonly (readonly [string, tf.Variable])[] {
    return this.#parameters.entries();
  }

  /** Numbers that are trained. */
  get weights(): number {
    return this.parameters().reduce((sum, [, { size }]) => sum + size, 0);
  }

  /** One update on new sequences. @returns the loss before it, nats a question */
  update(): number {
    const episodes = drawEpisodes(this.options.task, this.options.batch, this.#random, false);
    return this.#training.update(() => this.loss(episodes));
  }

  /** Mean cross entropy of what is asked. */
  loss(episodes: Episodes): tf.Scalar {
    return tf.mean(crossEntropy(this.#answers(episodes), episodes.targets));
  }

  /** The share of right answers, on sequences that are always the same, and on alphabets that were never trained on. */
  accuracy(rows = 200): number {
    const episodes = drawEpisodes(this.options.task, rows, new Random(1000), true);
    const said = tf.tidy(() => tf.argMax(this.#answers(episodes), 1).dataSync());
    return episodes.targets.filter((target, i) => target === said[i]).length / episodes.targets.length;
  }

  dispose(): void {
    this.#parameters.dispose();
  }

  /** Scores at the steps at which something is asked, [asked, classes]. */
  #answers({ asked, images, labels, rows }: Episodes): tf.Tensor2D {
    const { classes, length } = META_SHAPES[this.options.task];
    const told = tf.tensor3d(labels, [rows, length, classes]);
    let x = told;
    if (this.#eye && images) {
      const [first, second] = this.#eye;
      const hidden = tf.tanh(first.apply(tf.tensor2d(images, [rows * length, GLYPH_SIDE * GLYPH_SIDE])));
      const seen = tf.reshape<tf.Rank.R3>(second.apply(hidden), [rows, length, EMBEDDING]);
      x = tf.concat([seen, told], 2);
    }
    const logits = tf.reshape<tf.Rank.R2>(this.#model.apply(x).logits, [rows * length, classes]);
    return tf.gather(logits, tf.tensor1d(asked, 'int32'));
  }
}
