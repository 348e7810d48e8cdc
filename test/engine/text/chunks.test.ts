import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../src/engine/text/chunks.ts';
import { normalise } from '../../../src/engine/text/normalise.ts';
import { TEXTS } from './scripts.ts';

describe('chunksOf', () => {
  it.each([
    ['a dog.', [' a', ' dog', '.']],
    ["don't l’eau", [" don't", ' l’eau']],
    ['in 2016!?', [' in', ' 2', '0', '1', '6', '!?']],
    ['', []],
  ])('cuts %j', (text, expected) => {
    expect(chunksOf(text)).toEqual(expected);
  });

  it('loses nothing of any text', () => {
    for (const text of TEXTS.map((one) => normalise(one)).filter((one) => one !== '')) {
      expect(chunksOf(text).join('')).toBe(` ${text}`);
    }
  });

  it('cuts a text without spaces into pieces of bounded length', () => {
    for (const unit of ['x', '無', '-', '1']) {
      for (const chunk of chunksOf(unit.repeat(10_000))) expect(chunk.length).toBeLessThanOrEqual(130);
    }
  });
});
