import { expect, it } from 'vitest';
import { normalisedEntropy } from '../../../src/captioning/faithfulness/maps.ts';

it('says how flat a map is', () => {
  expect(normalisedEntropy([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(1, 10);
  expect(normalisedEntropy([1, 0, 0, 0])).toBe(0);
  expect(normalisedEntropy([0.5, 0.5, 0, 0])).toBeCloseTo(0.5, 10);
});
