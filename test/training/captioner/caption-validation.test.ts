import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { usualDecoding } from '../../../src/captioning/decoding-defaults.ts';
import { CaptionSearch } from '../../../src/captioning/search.ts';
import { joinWords } from '../../../src/engine/text/caption-words.ts';
import { Vocabulary } from '../../../src/engine/text/vocabulary.ts';
import { validate } from '../../../src/training/captioner/caption-validation.ts';
import { useTestBackend } from '../../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';

useTestBackend();

const vocabulary = Vocabulary.fromTexts([['the', 'with', 'dog', 'cat', 'snow', 'red', 'ball', 'runs', 'sleeps']], 1);

it('validates with the search that a shipped model has: no sequence of three words twice', async () => {
  expect(vocabulary.size).toBe(12);
  // Weights under which a model says one word again and again.
  const { captioner, parameters } = smallCaptioner('soft', 5);
  const bias = parameters.entries().find(([name]) => name === 'output.bias')![1];
  const [dog, snow] = ['dog', 'snow'].map((word) => vocabulary.encode([word])[0]!);
  tf.tidy(() => {
    bias.assign(tf.tensor1d(Array.from({ length: 12 }, (_, id) => (id === dog ? 4 : id === snow ? 1 : 0))));
  });
  const features = smallFeatures(2);
  const photos = [0, 1].map((index) => ({ index, references: ['the dog sleeps'] }));
  const grid = (indices: readonly number[]): tf.Tensor3D => tf.gather(features, [...indices]);

  const { example, words } = await validate(captioner, vocabulary, photos, grid, 2);
  const search = new CaptionSearch({ vocabulary, decoding: usualDecoding(vocabulary.words) }, { beam: 2 });
  const tokens = (await search.run(captioner.decoder(features))).map(({ captions }) => captions[0]!.tokens);
  expect(example).toBe(joinWords(vocabulary.decode(tokens[0]!)));
  expect(words).toBe((tokens[0]!.length + tokens[1]!.length) / 2);
  const triples = tokens[0]!.slice(2).map((_, i) => tokens[0]!.slice(i, i + 3).join());
  expect(triples.length).toBeGreaterThan(1);
  expect(new Set(triples).size).toBe(triples.length);
});
