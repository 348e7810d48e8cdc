import { expect, it } from 'vitest';
import { panelOfStory, storyOf } from '../../../../src/renderer/learn/stories/story-address.ts';

const FACTS = [
  { fact: { kind: 'went', person: 'Anna', place: 'kitchen' }, isForgotten: false },
  { fact: { kind: 'took', person: 'Ben', thing: 'key' }, isForgotten: true },
] as const;

it('has a story with its question, and finds it again', () => {
  const story = { facts: FACTS, question: { kind: 'before', thing: 'key', place: 'attic' }, hops: 3 } as const;
  const panel = panelOfStory(story);
  expect(panel).toEqual({ facts: 'Anna-went-kitchen~!Ben-took-key', question: 'before-key-attic', hops: '3' });
  expect(storyOf(panel)).toEqual(story);
  const short = { facts: [], question: { kind: 'list', person: 'Clara' }, hops: 2 } as const;
  expect(storyOf(panelOfStory(short))).toEqual(short);
});

it.each([
  ['nothing', {}],
  ['a question that is none', { facts: 'Anna-went-kitchen', question: 'thing-kitchen' }],
  ['somebody whom stories do not know', { facts: 'Zoe-went-kitchen', question: 'thing-key' }],
  ['more facts than a story has', { facts: Array(13).fill('Anna-went-kitchen').join('~'), question: 'thing-key' }],
])('finds no story in an address with %s', (_, panel) => {
  expect(storyOf(panel)).toBeUndefined();
});
