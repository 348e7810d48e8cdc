import { expect, it } from 'vitest';
import { withSpread } from '../../src/captioning/spread.ts';

const word = { word: 'dog', probability: 0.5 };

it('tells the entropy of where a word looked, and how far that is from its other map', () => {
  expect(
    withSpread([
      { ...word, weights: [0.25, 0.25, 0.25, 0.25] },
      { ...word, weights: [0, 1, 0, 0], mattered: [0, 1, 0, 0] },
      { ...word, weights: [0.5, 0.5, 0, 0], mattered: [0, 0, 1, 0] },
      { ...word, weights: [0.5, 0.5, 0, 0], posterior: [0, 0, 1, 0] },
      // JS of (1/2, 1/2) and (1, 0): H(3/4, 1/4) less half a bit.
      { ...word, weights: [0.5, 0.5], mattered: [1, 0] },
    ]).map(({ divergence, entropy }) => [entropy, divergence]),
  ).toEqual([
    [2, undefined],
    [0, 0],
    [1, 1],
    [1, 1],
    [1, 0.311278],
  ]);
});

it('says nothing of a word that nobody looked for', () => {
  expect(withSpread([{ ...word, weights: [] }])).toEqual([{ ...word, weights: [] }]);
});
