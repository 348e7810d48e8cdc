import { describe, expect, it } from 'vitest';
import { markNotSure } from '../../src/captioning/mark-not-sure.ts';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';

const photo = { file: 'a.png', caption: 'A dog.', confidence: 0.3 } as CaptionedPhoto;

describe('marking captions as not sure', () => {
  it('goes by the confidence that is asked for, a third unless said', () => {
    expect(markNotSure(photo)).toMatchObject({ notSure: true, caption: 'A dog.' });
    expect(markNotSure(photo, 0.2)).toBe(photo);
    expect(markNotSure({ ...photo, confidence: 0.34 })).not.toHaveProperty('notSure');
    expect(markNotSure({ ...photo, confidence: 0.9 }, 1)).toHaveProperty('notSure');
  });

  it('never marks what has no confidence, or has failed', () => {
    const { confidence: _, ...without } = photo;
    expect(markNotSure(without, 1)).toBe(without);
    const failed = { file: 'b.png', error: 'gone' };
    expect(markNotSure(failed)).toBe(failed);
  });
});
