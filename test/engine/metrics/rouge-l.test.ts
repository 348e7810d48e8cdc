import { describe, expect, it } from 'vitest';
import { rougeL, rougeLOfPhoto } from '../../../src/engine/metrics/rouge-l.ts';
import { aacMetrics, candidatesOf, invented, referencesOf } from './reference-vectors.ts';

describe('rougeL', () => {
  it.each([
    ['invented captions', invented],
    ["aac-metrics' example", aacMetrics],
  ])('equals coco-caption on %s', (_, vectors) => {
    expect(rougeL(candidatesOf(vectors), referencesOf(vectors))).toBeCloseTo(vectors.rougeL, 12);
  });

  it('takes precision and recall from different references', () => {
    // Precision 1 from the long reference, recall 1 from the short one.
    expect(rougeLOfPhoto(['a', 'b'], [['a'], ['a', 'b', 'c', 'd']])).toBeCloseTo(1, 12);
  });

  it('follows word order', () => {
    // The longest common subsequence is one word: precision and recall 1/2.
    expect(rougeLOfPhoto(['b', 'a'], [['a', 'b']])).toBeCloseTo(0.5, 12);
  });

  it.each([
    [[], [['a']], 0],
    [['a'], [[]], 0],
    [[], [[]], 1],
  ])('scores %j against %j with %d', (candidate: string[], references: string[][], expected) => {
    expect(rougeLOfPhoto(candidate, references)).toBe(expected);
  });
});
