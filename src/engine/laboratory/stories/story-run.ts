import * as tf from '@tensorflow/tfjs-core';
import { MemoryNetwork } from '../../models/memory-network.ts';
import { Random } from '../../random.ts';
import { crossEntropy } from '../../training/losses.ts';
import { SmallRun } from '../small-run.ts';
import { answerStories, storyBatch, storyConfig } from './answer-stories.ts';
import { drawStory, MOST_FACTS, type Story } from './draw-story.ts';
import { STORY_WORDS, type QuestionKind } from './story.ts';

export interface StoryRunOptions {
  hops: number;
  /** What is asked in training. */
  kinds: readonly QuestionKind[];
  /** Of the weights and of all stories that are drawn (default 1). */
  seed?: number;
  /** How many updates there will be: the rate falls towards their end. */
  updates?: number;
  /** Stories in a batch. */
  batch?: number;
  /** The most facts of a story. */
  longest?: number;
  /** Numbers in an embedding. */
  size?: number;
  /** The highest learning rate. */
  rate?: number;
  /** The share of updates without the softmax of the hops: the paper's linear start. */
  linearStart?: number;
}

export const STORY_DEFAULTS = {
  seed: 1,
  updates: 6000,
  batch: 32,
  longest: MOST_FACTS,
  size: 32,
  rate: 0.01,
  linearStart: 0.1,
} as const;

/** A memory network that learns to answer questions about stories. */
export class StoryRun extends SmallRun<Required<StoryRunOptions>, Story[]> {
  readonly model: MemoryNetwork;

  constructor(options: StoryRunOptions) {
    super({ ...STORY_DEFAULTS, ...options }, { coolDown: 0.5 });
    this.model = new MemoryNetwork(storyConfig(options.hops, this.options.size), this.store);
  }

  protected draw(): Story[] {
    const { batch, kinds, longest } = this.options;
    return Array.from({ length: batch }, () =>
      drawStory(kinds[this.random.integer(kinds.length)] as QuestionKind, this.random, longest),
    );
  }

  /** @returns nats an answer */
  protected loss(stories: Story[]): tf.Scalar {
    const linear = this.done / this.options.updates < this.options.linearStart;
    return storyLoss(this.model, stories, { linear });
  }

  /** The share of right answers to `count` questions of a kind, which are always the same. */
  accuracy(kind: QuestionKind, count = 200): number {
    const random = new Random(1000);
    const stories = Array.from({ length: count }, () => drawStory(kind, random, this.options.longest));
    const answers = answerStories(this.model, stories);
    return answers.filter(({ answer }, i) => answer === stories[i]?.answer).length / count;
  }

  /** Of the facts that an answer follows from, the share that some hop looks at most; of two-fact questions and the like. */
  found(kind: QuestionKind, count = 200): number {
    const random = new Random(1000);
    const stories = Array.from({ length: count }, () => drawStory(kind, random, this.options.longest));
    const looks = answerStories(this.model, stories).map(({ weights }) =>
      weights.map((p) => p.indexOf(p.reduce((most, weight) => Math.max(most, weight), 0))),
    );
    const hits = stories.flatMap(({ because }, i) => because.map((fact) => (looks[i]?.includes(fact) ? 1 : 0)));
    return hits.reduce<number>((sum, hit) => sum + hit, 0) / Math.max(1, hits.length);
  }
}

/** Mean cross entropy of the answers, nats. */
export function storyLoss(
  model: MemoryNetwork,
  stories: readonly Story[],
  options: { linear?: boolean } = {},
): tf.Scalar {
  const targets = Int32Array.from(stories, ({ answer }) => STORY_WORDS.indexOf(answer));
  return tf.mean(crossEntropy(model.apply(storyBatch(stories), options).logits, targets));
}
