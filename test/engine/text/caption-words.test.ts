import { describe, expect, it } from 'vitest';
import { captionWords, joinWords } from '../../../src/engine/text/caption-words.ts';

describe('captionWords', () => {
  it.each([
    ['A dog runs .', ['a', 'dog', 'runs']],
    ["The man's t-shirt isn't red!", ['the', 'man', "'s", 't-shirt', 'is', "n't", 'red']],
    ["A man 's hat", ['a', 'man', "'s", 'hat']],
    ['Café, “naïve” – and 3 dogs', ['café', 'naïve', 'and', '3', 'dogs']],
    ['a black-and-white dog -- running', ['a', 'black-and-white', 'dog', 'running']],
    ['the dogs’ toys', ['the', 'dogs', 'toys']],
    ['  ', []],
    ['...', []],
  ])('splits %j', (text, words) => {
    expect(captionWords(text)).toEqual(words);
  });
});

describe('joinWords', () => {
  it('joins contractions to the word before', () => {
    expect(joinWords(['a', 'man', "'s", 'hat', 'is', "n't", 'red'])).toBe("a man's hat isn't red");
  });

  it('is undone by captionWords', () => {
    const words = captionWords("A boy's dog doesn't run, it's asleep.");
    expect(captionWords(joinWords(words))).toEqual(words);
  });
});
