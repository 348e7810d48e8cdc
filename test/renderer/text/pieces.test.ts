import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../src/renderer/text/pieces.ts';

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
