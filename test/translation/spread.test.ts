import { expect, it } from 'vitest';
import type { Translation } from '../../src/contract/data/translation.ts';
import { withEntropies } from '../../src/translation/spread.ts';

const words: Translation['words'] = [
  { word: 'Ein', probability: 0.9 },
  { word: 'Hund', probability: 0.8 },
];

it('tells how spread each word looked at the source', () => {
  const alignment = [
    [0.25, 0.25, 0.25, 0.25],
    [0, 1, 0, 0],
  ];
  expect(withEntropies({ words, alignment }).words.map(({ entropy }) => entropy)).toEqual([2, 0]);
});

it('tells nothing of a translation without attention', () => {
  expect(withEntropies({ words, alignment: [] }).words).toEqual(words);
});
