import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { translateCaptionedPhoto, translateCaptions } from '../../src/captioning/translate-caption.ts';
import type { CaptionedPhoto, Word } from '../../src/contract/data/captions.ts';
import { useTestBackend } from '../support/backend.ts';
import { copyingTranslator } from '../support/tiny-translator.ts';

useTestBackend();

const word = (text: string, weights: number[]): Word => ({ word: text, probability: 0.5, weights });

const CAPTION = {
  caption: "A dog's ball.",
  words: [word('a', [1, 0, 0, 0]), word('dog', [0, 1, 0, 0]), word("'s", [0, 0, 1, 0]), word('ball', [0, 0, 0, 1])],
};

describe('a translated caption', () => {
  it('has for each word the maps of the words that it looked at, weighted', async () => {
    const [{ caption, words } = { caption: '', words: [] }] = await translateCaptions(copyingTranslator(), [CAPTION], {
      to: 'de',
    });
    expect(caption).toBe("A dog's ball.");
    // The copy looks at the word that it copies; "dog's" is two words of the captioner.
    expect(words.map((one) => one.word)).toEqual(['A', "dog's", 'ball']);
    expect(words.map(({ weights }) => weights)).toEqual([
      [1, 0, 0, 0],
      [0, 0.5, 0.5, 0],
      [0, 0, 0, 1],
    ]);
  });

  it('keeps hyphens, contractions and words that come twice apart by their places', async () => {
    const names = ['a', 'black-and-white', 'dog', 'does', "n't", 'see', 'a', 'dog'];
    const words = names.map((name, i) =>
      word(
        name,
        names.map((_, j) => Number(i === j)),
      ),
    );
    const caption = "A black-and-white dog doesn't see a dog.";
    const [translated] = await translateCaptions(copyingTranslator(), [{ caption, words }], { to: 'de' });
    const looked = translated!.words.map((one) => [
      one.word,
      one.weights.flatMap((weight, i) => (weight > 0 ? [[i, weight]] : [])),
    ]);
    expect(looked).toEqual([
      ['A', [[0, 1]]],
      // Three words of the translator, one of the captioner.
      ['black', [[1, 1]]],
      ['and', [[1, 1]]],
      ['white', [[1, 1]]],
      ['dog', [[2, 1]]],
      [
        "doesn't",
        [
          [3, 0.5],
          [4, 0.5],
        ],
      ],
      ['see', [[5, 1]]],
      ['a', [[6, 1]]],
      ['dog', [[7, 1]]],
    ]);
  });

  it('has no maps for words that somebody wrote and nobody looked for', async () => {
    const words = [word('Our', []), word('dog', [0, 1]), word('at', []), word('home', [])];
    const [translated] = await translateCaptions(copyingTranslator(), [{ caption: 'Our dog, at home!', words }], {
      to: 'de',
    });
    expect(translated!.words[1]).toMatchObject({ word: 'dog', weights: [0, 1] });
  });

  it('mixes maps by alignment weights, and what punctuation got is left out', async () => {
    // A translator whose attention is spread evenly over the whole source.
    const copy = copyingTranslator();
    const even = { ...copy, model: { ...copy.model, decoder: spread(copy.model.decoder.bind(copy.model)) } };
    const [{ words } = { words: [] }] = await translateCaptions(even, [CAPTION], { to: 'de' });
    for (const { weights } of words) {
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
      // A word with more tokens gets more, but none has all of it.
      expect(Math.max(...weights)).toBeLessThan(0.8);
    }
    expect(new Set(words.map(({ weights }) => weights.join())).size).toBe(1);
  });

  it.each(['posterior', 'mattered'] as const)(
    'carries other maps over as it does those of the look: %s',
    async (kind) => {
      const other = { ...CAPTION, words: CAPTION.words.map((one) => ({ ...one, [kind]: one.weights.toReversed() })) };
      const [{ words } = { words: [] }] = await translateCaptions(copyingTranslator(), [other], { to: 'de' });
      expect(words.map(({ [kind]: map }) => map)).toEqual(words.map(({ weights }) => weights.toReversed()));
      expect(words.some(({ weights }) => weights.length > 0)).toBe(true);
    },
  );

  it('has no maps where the captioner has none', async () => {
    const blind = { ...CAPTION, words: CAPTION.words.map((one) => ({ ...one, weights: [] })) };
    const [{ words } = { words: [] }] = await translateCaptions(copyingTranslator(), [blind], { to: 'de' });
    expect(words.map(({ weights }) => weights)).toEqual([[], [], []]);
  });

  it('keeps what the captioner said, and translates the alternatives', async () => {
    const photo: CaptionedPhoto = {
      ...CAPTION,
      file: 'a.png',
      width: 4,
      height: 4,
      score: -1,
      grid: [2, 2],
      alternatives: [{ caption: 'A cat.', score: -2 }],
      model: 'captioner',
      backend: 'wasm',
      milliseconds: { read: 0, encode: 0, decode: 0 },
    };
    const result = await translateCaptionedPhoto(copyingTranslator(), photo, { to: 'fr' });
    expect(result).toMatchObject({
      caption: "A dog's ball.",
      language: 'fr',
      translator: 'copy',
      original: CAPTION,
      alternatives: [{ caption: 'A cat.', score: -2 }],
      grid: [2, 2],
    });
  });
});

type Decoders = ReturnType<typeof copyingTranslator>['model']['decoder'];

/** Looks everywhere alike. */
function spread(decoder: Decoders): Decoders {
  return (source) => {
    const own = decoder(source);
    return {
      ...own,
      step: (state, tokens) => {
        const step = own.step(state, tokens);
        const { weights } = step;
        if (!weights) return step;
        const even = tf.fill<tf.Rank.R2>([weights.shape[0], weights.shape[1]], 1 / weights.shape[1]);
        weights.dispose();
        return { ...step, weights: even };
      },
    };
  };
}
