import { describe, expect, it } from 'vitest';
import { wordsOfTokens, wordWeights } from '../../../src/engine/text/word-alignment.ts';

const spans = (...places: [number, number][]) => places.map(([start, end]) => ({ start, end }));

describe('wordsOfTokens', () => {
  it('gives every word its tokens, and marks of punctuation words of their own', () => {
    const words = wordsOfTokens("don't go.", spans([0, 2], [2, 5], [6, 8], [8, 9], [9, 9]));
    expect(words).toEqual([
      { text: "don't", start: 0, end: 5, tokens: [0, 1] },
      { text: 'go', start: 6, end: 8, tokens: [2] },
      { text: '.', start: 8, end: 9, tokens: [3] },
    ]);
  });

  it('makes one of words that share a token', () => {
    expect(wordsOfTokens('go...', spans([0, 2], [2, 5]))).toEqual([
      { text: 'go', start: 0, end: 2, tokens: [0] },
      { text: '...', start: 2, end: 5, tokens: [1] },
    ]);
  });

  it('gives all bytes of a character to its word', () => {
    expect(wordsOfTokens('Ω x', spans([0, 0], [0, 1], [0, 1], [2, 3]))).toEqual([
      { text: 'Ω', start: 0, end: 1, tokens: [1, 2] },
      { text: 'x', start: 2, end: 3, tokens: [3] },
    ]);
  });

  it('finds words where no spaces are', () => {
    const words = wordsOfTokens('今日は晴れ', spans([0, 1], [1, 2], [2, 3], [3, 4], [4, 5]), 'ja');
    expect(words.length).toBeGreaterThan(1);
    expect(words.flatMap((word) => word.tokens)).toEqual([0, 1, 2, 3, 4]);
  });

  it('finds no words in nothing', () => {
    expect(wordsOfTokens('', spans([0, 0]))).toEqual([]);
  });
});

describe('wordWeights', () => {
  it('sums over the tokens of a source word and averages over those of a target word', () => {
    const source = wordsOfTokens('ab c', spans([0, 1], [1, 2], [3, 4], [4, 4]));
    const target = wordsOfTokens('xy', spans([0, 1], [1, 2]));
    const weights = [
      [0.1, 0.2, 0.6, 0.1],
      [0.3, 0.3, 0.2, 0.2],
      [0, 0, 0, 1],
    ];
    const [row] = wordWeights(weights, target, source);
    expect(row![0]).toBeCloseTo(0.45, 12);
    expect(row![1]).toBeCloseTo(0.4, 12);
  });
});
