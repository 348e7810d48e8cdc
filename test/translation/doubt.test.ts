import { describe, expect, it } from 'vitest';
import { doubtOf } from '../../src/translation/translate.ts';
import type { PlacedSentence } from '../../src/translation/translation-result.ts';

/** A sentence whose tokens are as likely as that, in the geometric mean. */
const sentence = (confidence: number, tokens: number, kept = false): PlacedSentence =>
  ({
    confidence,
    kept: kept ? 'unreadable' : undefined,
    translations: [{ tokens: Array.from({ length: tokens }, () => ({})) }],
  }) as unknown as PlacedSentence;

describe('how sure a model is of a text', () => {
  it('is the mean over all of its tokens, not over its sentences', () => {
    // (0.5^2 · 0.25^6)^(1/8)
    expect(doubtOf(undefined, [sentence(0.5, 2), sentence(0.25, 6)]).confidence).toBeCloseTo(0.5 ** (14 / 8), 4);
  });

  it('leaves out what stands as it was written', () => {
    expect(doubtOf(undefined, [sentence(0.5, 8), sentence(1, 100, true)]).confidence).toBeCloseTo(0.5, 4);
  });

  it('is whole for a text without letters, and a number for a text that is not to be believed', () => {
    expect(doubtOf(1, [])).toEqual({ confidence: 1, isUnlike: false });
    const { confidence, isUnlike } = doubtOf(1, [sentence(0, 8)]);
    expect(confidence).toBeCloseTo(0, 6);
    expect(isUnlike).toBe(true);
  });

  it('says that a text is unlike others only above the bound, and only of enough tokens', () => {
    const unsure = Math.exp(-2);
    expect(doubtOf(1.9, [sentence(unsure, 8)]).isUnlike).toBe(true);
    expect(doubtOf(2.1, [sentence(unsure, 8)]).isUnlike).toBe(false);
    expect(doubtOf(1.9, [sentence(unsure, 7)]).isUnlike).toBe(false);
    expect(doubtOf(undefined, [sentence(unsure, 8)]).isUnlike).toBe(false);
  });
});
