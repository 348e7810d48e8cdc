import { expect, it } from 'vitest';
import { divergence, normalisedEntropy } from '../../../src/captioning/faithfulness/maps.ts';

it('says how flat a map is', () => {
  expect(normalisedEntropy([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(1, 10);
  expect(normalisedEntropy([1, 0, 0, 0])).toBe(0);
  expect(normalisedEntropy([0.5, 0.5, 0, 0])).toBeCloseTo(0.5, 10);
});

it('says how much two maps differ', () => {
  expect(divergence([0.5, 0.5, 0], [0.5, 0.5, 0])).toBeCloseTo(0, 10);
  expect(divergence([1, 0], [0, 1])).toBeCloseTo(1, 10);
  // H(3/4, 1/4) − (0 + 1) / 2
  expect(divergence([1, 0], [0.5, 0.5])).toBeCloseTo(0.8112781 - 0.5, 6);
  expect(divergence([0.5, 0.5], [1, 0])).toBeCloseTo(divergence([1, 0], [0.5, 0.5]), 12);
});
