import * as tf from '@tensorflow/tfjs-core';
import { Linear } from '../../layers/linear.ts';
import { Snail, type SnailParts } from '../../models/snail.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallRun } from '../small-run.ts';
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
export class SnailRun extends SmallRun<Required<SnailRunOptions>, Episodes> {
  readonly #model: Snail;
  /** From the pixels of a drawing to its embedding. */
  readonly #eye: readonly [Linear, Linear] | null;

  constructor(options: SnailRunOptions) {
    const { parts, task } = options;
    super({ ...SNAIL_DEFAULTS, updates: UPDATES[task], ...options }, { warmUp: 50, coolDown: 0.4 });
    const { classes, length } = META_SHAPES[task];
    const isSeen = task === 'glyphs';
    this.#eye = isSeen
      ? [
          new Linear(this.store, 'eye.0', GLYPH_SIDE * GLYPH_SIDE, HIDDEN),
          new Linear(this.store, 'eye.1', HIDDEN, EMBEDDING),
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
    this.#model = new Snail(config, this.store);
  }

  protected draw(): Episodes {
    return drawEpisodes(this.options.task, this.options.batch, this.random, false);
  }

  /** @returns nats a question */
  loss(episodes: Episodes): tf.Scalar {
    return tf.mean(crossEntropy(this.#answers(episodes), episodes.targets));
  }

  /** The share of right answers, on sequences that are always the same, and on alphabets that were never trained on. */
  accuracy(rows = 200): number {
    const episodes = drawEpisodes(this.options.task, rows, new Random(1000), true);
    const said = tf.tidy(() => tf.argMax(this.#answers(episodes), 1).dataSync());
    return episodes.targets.filter((target, i) => target === said[i]).length / episodes.targets.length;
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
