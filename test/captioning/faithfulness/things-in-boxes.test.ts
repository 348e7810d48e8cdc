import { expect, it } from 'vitest';
import { cellsIn, hits, names, tellsApart } from '../../../src/captioning/faithfulness/things-in-boxes.ts';

it('knows what captions call the things in boxes', () => {
  expect(['woman', 'person', 'dog'].map((noun) => names(noun, 'person'))).toEqual([true, true, false]);
  expect(names('plant', 'potted_plant')).toBe(true);
  expect(names('hydrant', 'fire_hydrant')).toBe(true);
  expect(names('sofa', 'couch')).toBe(true);
});

it('gives a box the cells whose centres lie in it', () => {
  expect(cellsIn([2, 2], [['dog', 0.25, 0.5, 0.5, 1]])).toEqual([1, 0, 1, 0]);
  expect(cellsIn([2, 2], [['dog', 0.1, 0.1, 0.2, 0.2]])).toEqual([0, 0, 0, 0]);
  expect(
    cellsIn(
      [2, 2],
      [
        ['dog', 0.25, 0.25, 0.1, 0.1],
        ['dog', 0.75, 0.75, 0.1, 0.1],
      ],
    ),
  ).toEqual([1, 0, 0, 1]);
});

const left = [1, 0, 1, 0];
const right = [0, 1, 0, 1];

it('plays the pointing game', () => {
  expect(hits({ noun: 'dog', weights: [0.4, 0.3, 0.2, 0.1], inside: left })).toBe(true);
  expect(hits({ noun: 'dog', weights: [0.4, 0.3, 0.2, 0.1], inside: right })).toBe(false);
});

it('tells two nouns apart by where one looks more than the other', () => {
  const dog = { noun: 'dog', weights: [0.4, 0.2, 0.3, 0.1], inside: left };
  const man = { noun: 'man', weights: [0.3, 0.3, 0.2, 0.2], inside: right };
  expect(tellsApart(dog, man)).toBe(true);
  expect(tellsApart({ ...dog, weights: man.weights }, { ...man, weights: dog.weights })).toBe(false);
  // The same map for both tells nothing apart.
  expect(tellsApart(dog, { ...man, weights: dog.weights })).toBe(false);
  expect(tellsApart(dog, { ...man, inside: left })).toBeUndefined();
});
