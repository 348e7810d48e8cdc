import * as tf from '@tensorflow/tfjs-core';
import type { MemoryBatch, MemoryNetwork, MemoryNetworkConfig } from '../../models/memory-network.ts';
import { MOST_FACTS } from './draw-story.ts';
import { ANSWERS, factWords, questionWords, STORY_WORDS, storyTokens, type Fact, type Question } from './story.ts';

/** A story of which something is asked. */
export interface AskedStory {
  readonly facts: readonly Fact[];
  readonly question: Question;
}

/** What a network answers to a question, and where it looked. */
export interface StoryAnswer {
  readonly answer: string;
  /** All answers that there are, the likeliest first. */
  readonly likeliest: readonly { readonly answer: string; readonly probability: number }[];
  /** p of every hop, facts first to last: [hops][facts]. What is missing to 1 lies on the empty memory. */
  readonly weights: readonly (readonly number[])[];
}

/** The shape of a network that reads stories. @param size numbers in an embedding */
export function storyConfig(hops: number, size: number): MemoryNetworkConfig {
  return { vocabularySize: STORY_WORDS.length, size, hops, memories: MOST_FACTS + 1 };
}

/**
 * Stories as tokens. Behind the last fact stands an empty memory, a sentence without words: there a hop can look when no fact
 * says anything.
 */
export function storyBatch(stories: readonly AskedStory[]): MemoryBatch {
  return {
    facts: stories.map(({ facts }) => [...facts.map((fact) => storyTokens(factWords(fact))), []]),
    questions: stories.map(({ question }) => storyTokens(questionWords(question))),
  };
}

/** @throws RangeError where a story has more than 12 facts */
export function answerStories(model: MemoryNetwork, stories: readonly AskedStory[]): StoryAnswer[] {
  return tf.tidy(() => {
    const { logits, weights } = model.apply(storyBatch(stories));
    const scores = logits.arraySync();
    const looks = weights.map((p) => p.arraySync());
    return stories.map(({ facts }, row) => {
      const likeliest = shares(ANSWERS.map((answer) => scores[row]?.[STORY_WORDS.indexOf(answer)] ?? 0))
        .map((probability, i) => ({ answer: ANSWERS[i] as string, probability }))
        .sort((a, b) => b.probability - a.probability);
      // The first column is the empty memory, the second the last fact.
      const ofFacts = looks.map((p) => (p[row] ?? []).slice(1, facts.length + 1).reverse());
      return { answer: likeliest[0]?.answer ?? '', likeliest, weights: ofFacts };
    });
  });
}

/** Softmax. */
function shares(scores: readonly number[]): number[] {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
