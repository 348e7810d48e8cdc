import { describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../../src/contract/data/captions.ts';
import { explanationOf } from '../../../src/service/export/explanation-of.ts';
import type { Entry } from '../../../src/service/library/entry.ts';

const captionOf = (caption: string): CaptionResult['captions'][number] => ({
  caption,
  score: -1,
  words: caption.split(' ').map((word) => ({ word, probability: 1, weights: [1] })),
});
const result = { captions: [captionOf('a dog'), captionOf('a cat runs')], grid: [1, 1] } as CaptionResult;
const entry = (edited: string | null): Entry => ({ caption: 'a dog', edited }) as Entry;

describe('what is drawn of a photo', () => {
  it.each([
    ['the best caption', null, undefined, 'a dog', 2],
    ['what was written by hand, over the best caption’s maps', 'Rex!', 0, 'Rex!', 2],
    ['an alternative under its own words, whatever was written by hand', 'Rex!', 1, 'a cat runs', 3],
    [
      'a caption that is not kept, under its own words',
      'Rex!',
      captionOf('one two three four'),
      'one two three four',
      4,
    ],
  ])('is %s', (_, edited, wanted, caption, words) => {
    const explanation = explanationOf(entry(edited), result, '/a.jpg', wanted);
    expect(explanation).toMatchObject({ photo: '/a.jpg', caption, grid: [1, 1] });
    expect(explanation.words).toHaveLength(words);
  });

  it.each(['mattered', 'posterior'])('has the maps of the kind that the words tell beside their own (%s)', (maps) => {
    const told = { ...captionOf('a dog'), words: [{ word: 'dog', probability: 1, weights: [1, 0], [maps]: [0, 1] }] };
    expect(explanationOf(entry(null), result, '/a.jpg', told)).toMatchObject({
      maps,
      words: [{ word: 'dog', weights: [0, 1] }],
    });
    expect(explanationOf(entry(null), result, '/a.jpg')).not.toHaveProperty('maps');
  });

  it('is marked as not sure: the photo’s own until somebody looked, another by its confidence', () => {
    const doubtful = { ...captionOf('a cow'), confidence: 0.1 };
    const marked = (fields: Partial<Entry>, wanted?: number | CaptionResult['captions'][number]): unknown =>
      explanationOf({ ...entry(null), ...fields }, result, '/a.jpg', wanted).notSure;
    expect(marked({ notSure: true })).toBe(true);
    expect(marked({ notSure: true, review: 'accepted' })).toBe(false);
    expect(marked({ notSure: true }, 1)).toBe(false);
    expect(marked({ notSure: false }, doubtful)).toBe(true);
  });

  it('says of the photo’s own caption alone what a person thought of it', () => {
    const reviewed: Entry = { ...entry(null), state: 'done', review: 'accepted' };
    expect(explanationOf(reviewed, result, '/a.jpg').review).toBe('accepted');
    expect(explanationOf(reviewed, result, '/a.jpg', 1).review).toBeUndefined();
  });

  it('is nothing of a caption that there is not', () => {
    expect(() => explanationOf(entry(null), result, '/a.jpg', 2)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});
