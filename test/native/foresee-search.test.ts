import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { beamSearch, type BeamOptions } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import type { Hypothesis } from '../../src/engine/decoding/hypothesis.ts';
import { captionerDecoder } from '../../src/engine/models/captioner-decoder.ts';
import type { CaptionerConfig } from '../../src/engine/models/captioner.ts';
import { textDecoder } from '../../src/engine/models/text-decoder.ts';
import { Transformer } from '../../src/engine/models/transformer.ts';
import { padTokens } from '../../src/engine/batches/padded-tokens.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { Random } from '../../src/engine/random.ts';
import { loadNativeCaptioner } from '../../src/native/captioner-graphs.ts';
import { onnxRuntime } from '../../src/native/onnx-runtime.ts';
import { loadNativeTranslator } from '../../src/native/translator-graphs.ts';
import { farthest } from '../engine/encoder/toy-encoder.ts';
import { describeOnnx, expectNoLeak, useTestBackend } from '../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../support/small-captioner.ts';
import { SMALL_TRANSFORMER } from '../support/small-text-shapes.ts';

useTestBackend();

const KINDS: [CaptionerConfig['attention'], CaptionerConfig['query']][] = [
  ['soft', 'state'],
  ['soft', 'top-down'],
  ['hard', 'word'],
  ['none', 'state'],
];

/** What captions are searched with, and all rules but one. */
const SEARCHES: [string, BeamOptions][] = [
  ['greedy', { width: 1, lengthNormalisation: 0, maxLength: 6 }],
  ['a beam', { width: 3, nBest: 3, lengthNormalisation: 0.7, maxLength: 6 }],
  ['a wider one than is wanted of it', { width: 5, nBest: 2, spare: 3, lengthNormalisation: 1, maxLength: 5 }],
  [
    'rules',
    {
      width: 3,
      lengthNormalisation: 0.7,
      maxLength: 6,
      minLength: 3,
      forbidden: [0, 8],
      neverLast: [3, 4, 5],
      repeatable: [6, 7],
    },
  ],
];

function expectSame(actual: Hypothesis[][], expected: Hypothesis[][]): void {
  const said = (all: Hypothesis[][]) => all.map((found) => found.map(({ finished, tokens }) => ({ finished, tokens })));
  expect(said(actual)).toEqual(said(expected));
  const numbersOf = (all: Hypothesis[][]): number[] =>
    all
      .flat()
      .flatMap(({ distributions = [], logProbabilities, score, weights }) => [
        score,
        ...logProbabilities,
        ...[...weights, ...distributions].flatMap((row) => [...row]),
      ]);
  const [own, other] = [numbersOf(actual), numbersOf(expected)];
  expect(own).toHaveLength(other.length);
  expect(farthest(own, other)).toBeLessThan(1e-4);
}

const never = (): never => {
  throw new Error('A step was taken by itself.');
};

describeOnnx('a search as one graph', () => {
  test.each(KINDS)('finds what single steps find, without one (%s, %s)', async (attention, query) => {
    const { captioner, parameters } = smallCaptioner(attention, 4, 7, query);
    const native = await loadNativeCaptioner(captioner, onnxRuntime());
    for (const [, options] of SEARCHES) {
      for (const photos of [1, 4]) {
        const features = smallFeatures(photos);
        await expectNoLeak(async () => {
          const whole = captionerDecoder(captioner.config, { ...native, start: never, step: never }, features);
          expectSame(
            await beamSearch(whole, options, { keepDistributions: true }),
            await beamSearch(captioner.decoder(features), options, { keepDistributions: true }),
          );
        });
        features.dispose();
      }
    }
    native.dispose();
    parameters.dispose();
  });

  test.each([
    ['few words', SMALL_TRANSFORMER.targetVocabularySize],
    // The likeliest of so many are looked for in blocks.
    ['many words', 64 * 57],
  ])('translates the same, one sentence or several of different lengths (%s)', async (_, targetVocabularySize) => {
    const parameters = new Parameters(new Random(3).next);
    const config = { ...SMALL_TRANSFORMER, targetVocabularySize };
    const model = new Transformer(config, parameters);
    const native = await loadNativeTranslator(model, { layer: 1 }, onnxRuntime());
    const sources = [
      [9, 12, 2],
      [7, 3, 8, 11, 10, 2],
      [6, 2],
    ];
    for (const batch of [sources, [sources[1]!]]) {
      const source = padTokens(batch);
      for (const options of [
        ...SEARCHES.map(([, options]) => options),
        { ...SEARCHES[1]![1], noRepeat: 4, maxLength: 12 },
      ]) {
        await expectNoLeak(async () => {
          const whole = textDecoder(config, { ...native, start: never, step: never }, source);
          expectSame(
            await beamSearch(whole, options),
            await beamSearch(model.decoder(source, { layer: 1 }) as Decoder<unknown>, options),
          );
        });
      }
      // Who asks for all probabilities has them computed.
      const options = SEARCHES[1]![1];
      expectSame(
        await beamSearch(textDecoder(config, native, source), options, { keepDistributions: true }),
        await beamSearch(model.decoder(source, { layer: 1 }), options, { keepDistributions: true }),
      );
    }
    native.dispose();
    parameters.dispose();
  });

  test('leaves beginnings, wide beams and changed weights to single steps', async () => {
    const { captioner, parameters } = smallCaptioner();
    const native = await loadNativeCaptioner(captioner, onnxRuntime());
    const features = smallFeatures(2);
    for (const options of [
      { width: 3, lengthNormalisation: 0.7, maxLength: 6, prefix: [4, 5] },
      { width: 9, nBest: 4, lengthNormalisation: 0.7, maxLength: 4 },
      { width: 2, lengthNormalisation: 1, maxLength: 5, refill: true },
    ]) {
      expectSame(
        await beamSearch(captionerDecoder(captioner.config, native, features), options),
        await beamSearch(captioner.decoder(features), options),
      );
    }
    for (const [, weight] of parameters.entries()) tf.tidy(() => weight.assign(tf.neg(weight)));
    const search = beamSearch(captionerDecoder(captioner.config, native, features), SEARCHES[1]![1]);
    await expect(search).rejects.toThrow('The weights were changed');
    native.dispose();
    parameters.dispose();
  });
});
