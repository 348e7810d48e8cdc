import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTraining } from '../../../../src/engine/laboratory/gradients.ts';
import { answerStories } from '../../../../src/engine/laboratory/stories/answer-stories.ts';
import { drawStory } from '../../../../src/engine/laboratory/stories/draw-story.ts';
import { StoryRun } from '../../../../src/engine/laboratory/stories/story-run.ts';
import { packNetwork, unpackNetwork } from '../../../../src/engine/laboratory/stories/trained-network.ts';
import { Random } from '../../../../src/engine/random.ts';
import { expectNoLeak } from '../../../support/backend.ts';

beforeAll(startTraining);

describe('training on stories', () => {
  it('answers two-fact questions with two hops, and not with one', () => {
    const train = (hops: number): { right: number; found: number } => {
      const options = { longest: 5, size: 20, updates: 500, rate: 0.015, linearStart: 0.2 };
      const run = new StoryRun({ hops, kinds: ['person', 'thing'], ...options });
      while (!run.isOver) run.update();
      const measured = { right: run.accuracy('thing', 100), found: run.found('thing', 100) };
      run.dispose();
      return measured;
    };
    const [one, two] = [train(1), train(2)];
    expect(two.right).toBeGreaterThan(0.85);
    expect(one.right).toBeLessThan(0.7);
    expect(two.found).toBeGreaterThan(one.found);
  }, 120_000);

  it('is the same again with the same seed, and leaves no tensors behind', async () => {
    const train = (): number[] => {
      const run = new StoryRun({ hops: 2, kinds: ['person', 'list'], batch: 4 });
      const losses = [run.update(), run.update()];
      run.accuracy('person', 5);
      run.dispose();
      return losses;
    };
    const first = await expectNoLeak(train);
    expect(train()).toEqual(first);
  });

  it('keeps a network in float16, which then answers the same', () => {
    const run = new StoryRun({ hops: 2, kinds: ['person'], updates: 30 });
    while (!run.isOver) run.update();
    const kept = packNetwork(run.options, run.parameters());
    const story = drawStory('person', new Random(4));
    const [own] = answerStories(run.model, [story]);
    const [again] = answerStories(unpackNetwork(kept), [story]);
    expect(again!.answer).toBe(own!.answer);
    expect(again!.weights).toHaveLength(2);
    for (const [hop, p] of again!.weights.entries()) {
      expect(p).toHaveLength(story.facts.length);
      for (const [i, weight] of p.entries()) expect(weight).toBeCloseTo(own!.weights[hop]![i]!, 2);
    }
    expect(() => unpackNetwork({ ...kept, hops: 3 })).toThrow(/weights, not/);
    run.dispose();
    expect(tf.getBackend()).toBe('cpu');
  });
});
