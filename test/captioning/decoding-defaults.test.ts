import { describe, expect, it } from 'vitest';
import { usualDecoding } from '../../src/captioning/decoding-defaults.ts';

const ENGLISH = 'a the and of with on is dog young one'.split(' ');

describe('the usual way of decoding', () => {
  it('lets English say function words again and things once, and never ends in the middle of a phrase', () => {
    const { neverLast, repeatable } = usualDecoding(ENGLISH);
    expect(repeatable).toEqual(expect.arrayContaining(['a', 'the', 'and', 'one']));
    expect(repeatable).not.toContain('dog');
    expect(neverLast).toEqual(expect.arrayContaining(['with', 'a', 'young']));
    expect(neverLast).not.toContain('dog');
  });

  it.each([
    ['another language', ['ein', 'der', 'an', 'in', 'hund']],
    ['one that only shares words with it', ['a', 'of', 'on', 'is']],
  ])('knows no words of %s', (_, words) => {
    const { neverLast, repeatable, ...others } = usualDecoding(words);
    expect({ neverLast, repeatable }).toEqual({ neverLast: [], repeatable: undefined });
    expect(usualDecoding(ENGLISH)).toMatchObject(others);
  });
});
