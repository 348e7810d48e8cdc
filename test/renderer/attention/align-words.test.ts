import { describe, expect, it } from 'vitest';
import { shownWords, tiedWords } from '../../../src/renderer/attention/align-words.ts';

const words = (text: string): { word: string }[] => text.split(' ').map((word) => ({ word }));

describe('shownWords', () => {
  it('begins with a capital and ends with a full stop', () => {
    const text = shownWords(words("the man 's dog"), true)
      .map(({ text, joined }, i) => (i > 0 && !joined ? ` ${text}` : text))
      .join('');
    expect(text).toBe("The man's dog.");
  });

  it('has no full stop before the caption is finished', () => {
    expect(shownWords(words('a dog'), false).map(({ text }) => text)).toEqual(['A', 'dog']);
  });
});

describe('tiedWords', () => {
  it.each([
    ['the same', 'A dog runs.', 'a dog runs', [0, 1, 2]],
    ['a word put in', 'A happy dog runs.', 'a dog runs', [0, null, 1, 2]],
    ['a word taken out', 'A dog runs.', 'a brown dog runs', [0, 2, 3]],
    ['another word', 'A “cat” runs!', 'a dog runs', [0, null, 2]],
    ['words twice', 'the dog and the cat', 'the cat', [0, null, null, null, 1]],
    ['nothing in common', 'Hallo Welt', 'a dog', [null, null]],
  ])('ties %s', (_, text, model, indices) => {
    expect(tiedWords(text, words(model)).map(({ index }) => index)).toEqual(indices);
  });

  it('loses no piece of the text', () => {
    const text = '  “A   dog, —  runs”  ';
    expect(tiedWords(text, words('a dog runs')).map((piece) => piece.text)).toEqual(text.trim().split(/\s+/));
  });
});
