import { expect, it } from 'vitest';
import { confidenceOf } from '../../../src/service/library/confidence.ts';

const words = (text: string, ...probabilities: number[]): Parameters<typeof confidenceOf>[0] => ({
  words: text.split(' ').map((word, i) => ({ word, probability: probabilities[i] ?? 1, weights: [] })),
});

it('is that of the least likely word that says what is seen', () => {
  expect(confidenceOf(words('a dog in the snow', 0.1, 0.7, 0.2, 0.3, 0.6))).toBe(0.6);
  expect(confidenceOf(words('a the', 0.5, 0.4))).toBe(0.4);
  expect(confidenceOf({ words: [] })).toBeNull();
});
