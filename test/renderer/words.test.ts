import { describe, expect, it } from 'vitest';
import { shownWords, tiedWords } from '../../src/renderer/attention/align-words.ts';
import { piecesOf } from '../../src/renderer/text/pieces.ts';
import { visibleItems } from '../../src/renderer/virtual.ts';

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

describe('piecesOf', () => {
  const text = 'A dog.\n\nA dog runs, a dog!';
  const sentences = [
    { text: 'A dog.', words: ['A', 'dog'] },
    { text: 'A dog runs, a dog!', words: ['A', 'dog', 'runs', 'a', 'dog'] },
  ];

  it('loses no character', () => {
    expect(
      piecesOf(text, sentences)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('finds each word in its own sentence', () => {
    const found = piecesOf(text, sentences).filter(({ word }) => word !== null);
    expect(found.map(({ text: own, sentence, word }) => `${sentence}.${word} ${own}`)).toEqual([
      '0.0 A',
      '0.1 dog',
      '1.0 A',
      '1.1 dog',
      '1.2 runs',
      '1.3 a',
      '1.4 dog',
    ]);
  });

  it('passes over what is not in the text', () => {
    const pieces = piecesOf('A dog', [{ text: 'A cat', words: ['A', 'cat'] }]);
    expect(pieces).toEqual([{ text: 'A dog', sentence: 0, word: null }]);
  });
});

describe('visibleItems', () => {
  it.each([
    ['at the top', 0, 500, { first: 0, end: 7 }],
    ['in the middle', 10_000, 500, { first: 98, end: 107 }],
    ['at the end', 199_500, 500, { first: 1993, end: 2000 }],
    ['before it is measured', 0, 0, { first: 0, end: 2 }],
  ])('%s', (_, offset, viewport, visible) => {
    expect(visibleItems(offset, viewport, 100, 2000, 2)).toEqual(visible);
  });

  it('is empty for an empty list', () => {
    expect(visibleItems(0, 500, 100, 0, 2)).toEqual({ first: 0, end: 0 });
  });
});
