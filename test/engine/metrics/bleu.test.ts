import { describe, expect, it } from 'vitest';
import { bleu } from '../../../src/engine/metrics/bleu.ts';
import { aacMetrics, candidatesOf, invented, parts, referencesOf } from './reference-vectors.ts';

describe('bleu', () => {
  it.each([
    ['invented captions', invented],
    ["aac-metrics' example", aacMetrics],
  ])('equals coco-caption on %s', (_, vectors) => {
    const candidates = candidatesOf(vectors).map(parts);
    const references = referencesOf(vectors).map((ofPhoto) => ofPhoto.map(parts));
    const scores = bleu(candidates, references);
    expect(scores).toHaveLength(4);
    scores.forEach((score, index) => expect(score).toBeCloseTo(vectors.bleu[index]!, 12));
  });

  it("gives aac-metrics' published BLEU-1", () => {
    expect(bleu(candidatesOf(aacMetrics), referencesOf(aacMetrics))[0]).toBeCloseTo(0.4278, 4);
  });

  it('takes the shorter of two equally close references', () => {
    // Lengths 1 and 3 are as close to 2: with the longer one there would be a brevity penalty.
    const [bleu1] = bleu([['a', 'b']], [[['a', 'b', 'c'], ['a']]]);
    expect(bleu1).toBeCloseTo(1, 8);
  });

  it('counts a repeated word only as often as one reference has it', () => {
    const [bleu1] = bleu(
      [['the', 'the', 'the', 'the']],
      [
        [
          ['the', 'x', 'y', 'z'],
          ['the', 'the', 'y', 'z'],
        ],
      ],
    );
    expect(bleu1).toBeCloseTo(0.5, 8);
  });

  it('is 0 for nothing but empty captions', () => {
    for (const score of bleu([[]], [[['a', 'dog']]])) expect(score).toBeCloseTo(0, 12);
  });

  it.each([
    [[], [], /no captions to score/],
    [[['a']], [], /1 captions .* 0 photos/],
    [[['a'], ['b']], [[['a']], []], /Photo 2 of 2 has no reference/],
  ])('refuses %j against %j', (candidates: string[][], references: string[][][], message) => {
    expect(() => bleu(candidates, references)).toThrow(message);
  });
});
