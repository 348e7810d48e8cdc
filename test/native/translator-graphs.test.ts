import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import type { Hypothesis } from '../../src/engine/decoding/hypothesis.ts';
import { ConvS2S } from '../../src/engine/models/conv-s2s.ts';
import { SEQ2SEQ_ATTENTIONS, type Seq2SeqConfig } from '../../src/engine/models/seq2seq.ts';
import { TextDecoder } from '../../src/engine/models/text-decoder.ts';
import type { Looks } from '../../src/engine/models/looks.ts';
import { Transformer } from '../../src/engine/models/transformer.ts';
import { padTokens, type PaddedTokens } from '../../src/engine/batches/padded-tokens.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { Random } from '../../src/engine/random.ts';
import { loadNativeTranslator } from '../../src/native/translator-graphs.ts';
import { createTextModel, type TranslatorConfig } from '../../src/translation/translator-checkpoint.ts';
import { describeGraphs, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';
import { SMALL_CONV_S2S, SMALL_SEQ2SEQ, SMALL_TRANSFORMER } from '../support/small-text-shapes.ts';

useTestBackend();

const CONFIGS: [string, TranslatorConfig, Looks][] = [
  ['Transformer', SMALL_TRANSFORMER, {}],
  ['Transformer, post-norm, one layer', { ...SMALL_TRANSFORMER, normalisation: 'post' }, { layer: 1 }],
  ['Transformer, one head', { ...SMALL_TRANSFORMER, embeddings: 'none' }, { layer: 2, head: 1 }],
  ['ConvS2S', SMALL_CONV_S2S, {}],
  ['ConvS2S, one layer', { ...SMALL_CONV_S2S, width: 5 }, { layer: 1 }],
  ...SEQ2SEQ_ATTENTIONS.map((attention): [string, Seq2SeqConfig, Looks] => [
    attention,
    { ...SMALL_SEQ2SEQ, attention },
    {},
  ]),
  ['plain cell, scaled keys', { ...SMALL_SEQ2SEQ, cell: 'plain', attention: 'key-query-value', scaled: true }, {}],
  ['LSTM, input feeding', { ...SMALL_SEQ2SEQ, cell: 'lstm', attention: 'general', inputFeeding: true }, {}],
  [
    'LSTM, one direction, the mean',
    { ...SMALL_SEQ2SEQ, cell: 'lstm', encoder: 'one-directional', encoderSize: 6, initialState: 'mean' },
    {},
  ],
  ["Bahdanau's decoder", { ...SMALL_SEQ2SEQ, decoder: 'bahdanau', hiddenSize: 7 }, {}],
];

/** One sentence alone, and several of different lengths. */
const BATCHES = [
  [[3, 4, 5, 2]],
  [
    [9, 12, 2],
    [7, 3, 8, 11, 10, 2],
    [6, 2],
  ],
].map((sources) => padTokens(sources));

const drawn = (config: TranslatorConfig, seed = 3) => {
  const parameters = new Parameters(new Random(seed).next);
  return { model: createTextModel(config, parameters), parameters };
};

const search = (decoder: Decoder<unknown>): Promise<Hypothesis[][]> =>
  beamSearch(decoder, { width: 3, nBest: 2, lengthNormalisation: 1, maxLength: 7 });

/** Expects the same hypotheses, to 1e-4. */
function expectSame(actual: Hypothesis[][], expected: Hypothesis[][]): void {
  expect(actual.map((found) => found.map(({ tokens }) => tokens))).toEqual(
    expected.map((found) => found.map(({ tokens }) => tokens)),
  );
  const numbers = (all: Hypothesis[][]): number[] =>
    all.flat().flatMap(({ logProbabilities, weights }) => [...logProbabilities, ...weights.flatMap((row) => [...row])]);
  const [own, other] = [numbers(actual), numbers(expected)];
  expect(own).toHaveLength(other.length);
  expect(Math.max(...own.map((value, i) => Math.abs(value - other[i]!)))).toBeLessThan(1e-4);
}

describeGraphs('a translator as whole graphs', () => {
  test.each(CONFIGS)('finds what single operations find, with the same weights (%s)', async (_, config, looks) => {
    const { model, parameters } = drawn(config);
    const native = await loadNativeTranslator(model, looks, runnerUnderTest());
    const plain = (source: PaddedTokens): Decoder<unknown> =>
      model instanceof Transformer || model instanceof ConvS2S ? model.decoder(source, looks) : model.decoder(source);
    // The same graphs for any number of sentences, of rows that go on from others, and of tokens before.
    for (const source of BATCHES) {
      await expectNoLeak(async () => {
        expectSame(await search(new TextDecoder(config, native, source)), await search(plain(source)));
      });
    }
    native.dispose();
    parameters.dispose();
  });

  test('takes rows that were moved twice before a step', async () => {
    const { model, parameters } = drawn(SMALL_TRANSFORMER);
    const native = await loadNativeTranslator(model, {}, runnerUnderTest());
    const source = BATCHES[1]!;
    const decoders: Decoder<unknown>[] = [new TextDecoder(SMALL_TRANSFORMER, native, source), model.decoder(source)];
    const scores = decoders.map((decoder) => {
      const first = decoder.step(decoder.start(), Int32Array.of(4, 5, 6));
      const once = decoder.reorder(first.state, Int32Array.of(2, 0, 1, 1));
      const twice = decoder.reorder(once, Int32Array.of(3, 0));
      return decoder.step(twice, Int32Array.of(7, 8)).logProbabilities.arraySync();
    }) as [number[][], number[][]];
    for (const [row, values] of scores[0].entries()) {
      for (const [token, value] of values.entries()) expect(value).toBeCloseTo(scores[1][row]![token]!, 4);
    }
    native.dispose();
    parameters.dispose();
  });

  test('refuses weights that were changed, where it would mix them with the old ones', async () => {
    const { model, parameters } = drawn(SMALL_TRANSFORMER);
    const native = await loadNativeTranslator(model, {}, runnerUnderTest());
    for (const [, weight] of parameters.entries()) tf.tidy(() => weight.assign(tf.neg(weight)));
    await expect(search(new TextDecoder(SMALL_TRANSFORMER, native, BATCHES[0]!))).rejects.toThrow(
      'The weights were changed',
    );
    native.dispose();
    parameters.dispose();
  });

  test('refuses layers that are not there', async () => {
    const { model, parameters } = drawn(SMALL_TRANSFORMER);
    await expect(loadNativeTranslator(model, { layer: 3 }, runnerUnderTest())).rejects.toThrow('There is no layer 3');
    parameters.dispose();
  });
});
