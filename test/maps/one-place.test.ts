import { expect, it } from 'vitest';
import { areOnePlaces, isOnePlace, methodOf } from '../../src/maps/one-place.ts';

it.each([
  [[0, 0, 1, 0], true],
  [[0, 0.5, 0, 0], true],
  [[0.001, 0, 0.999, 0], false],
  [[0, 0, 0, 0], false],
  [[], false],
])('knows whether all weight lies at one place: %j', (weights, expected) => {
  expect(isOnePlace(weights)).toBe(expected);
});

it('takes a caption for hard attention where each word that has a map looked at one place', () => {
  expect(areOnePlaces([[0, 1], [], [1, 0]])).toBe(true);
  expect(
    areOnePlaces([
      [0, 1],
      [0.5, 0.5],
    ]),
  ).toBe(false);
  expect(areOnePlaces([[], []])).toBe(false);
});

it('draws one place as its cell, and spread weights as is wished', () => {
  expect(methodOf([0, 1, 0], 'smooth')).toBe('cells');
  expect(methodOf([0.1, 0.9, 0], 'smooth')).toBe('gaussian');
  expect(methodOf([0.1, 0.9, 0], undefined)).toBe('gaussian');
  expect(methodOf([0.1, 0.9, 0], 'cells')).toBe('cells');
});
