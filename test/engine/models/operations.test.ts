import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countOperations } from '../../../src/engine/models/operations.ts';
import type { ConvS2SConfig } from '../../../src/engine/models/conv-s2s.ts';
import { SEQ2SEQ_ATTENTIONS, type Seq2SeqConfig } from '../../../src/engine/models/seq2seq.ts';
import type { TextModel } from '../../../src/engine/models/text-model.ts';
import type { TransformerConfig } from '../../../src/engine/models/transformer.ts';
import { padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { createTextModel } from '../../../src/translation/translator-checkpoint.ts';
import { useTestBackend } from '../../support/backend.ts';
import { SMALL_CONV_S2S, SMALL_SEQ2SEQ, SMALL_TRANSFORMER } from '../../support/small-text-shapes.ts';

useTestBackend();

type Config = TransformerConfig | ConvS2SConfig | Seq2SeqConfig;

const CONFIGS: [string, Config][] = [
  ['ConvS2S', SMALL_CONV_S2S],
  ['Transformer', SMALL_TRANSFORMER],
  ['Transformer, post-norm', { ...SMALL_TRANSFORMER, normalisation: 'post' }],
  ...SEQ2SEQ_ATTENTIONS.map((attention): [string, Seq2SeqConfig] => [attention, { ...SMALL_SEQ2SEQ, attention }]),
  ['none, LSTM, one direction', { ...SMALL_SEQ2SEQ, attention: 'none', cell: 'lstm', encoder: 'one-directional' }],
  ['general, LSTM, input feeding', { ...SMALL_SEQ2SEQ, attention: 'general', cell: 'lstm', inputFeeding: true }],
  ['additive, plain cell', { ...SMALL_SEQ2SEQ, cell: 'plain' }],
  ['general, scaled', { ...SMALL_SEQ2SEQ, attention: 'general', scaled: true }],
  ["additive, Bahdanau's decoder", { ...SMALL_SEQ2SEQ, decoder: 'bahdanau', hiddenSize: 7 }],
  [
    "summary, Bahdanau's decoder, mean",
    { ...SMALL_SEQ2SEQ, attention: 'summary', decoder: 'bahdanau', initialState: 'mean' },
  ],
];

/** The multiply-adds of the products that a translation of m tokens into t steps really computes. */
async function measured(config: Config, m: number, t: number): Promise<number> {
  const parameters = new Parameters(new Random(3).next);
  const model: TextModel = createTextModel(config, parameters);
  const { kernels } = await tf.profile(() => {
    const decoder = model.decoder(padTokens([Array.from({ length: m }, (_, i) => i % 13)]));
    let state = decoder.start();
    for (let step = 0; step < t; step++) {
      const next = decoder.step(state, Int32Array.of(1));
      decoder.dispose(state);
      tf.dispose([next.logProbabilities, ...(next.weights ? [next.weights] : [])]);
      state = next.state;
    }
    decoder.dispose(state);
    return tf.scalar(0);
  });
  parameters.dispose();
  let sum = 0;
  for (const { inputShapes, name, outputShapes } of kernels) {
    // Natively, one query's products with keys and values are written out.
    if (name === 'Multiply' && outputShapes[0]?.length === 4) sum += size(outputShapes[0]);
    if (!name.includes('MatMul')) continue;
    const [a, b] = inputShapes as [number[], number[]];
    const output = outputShapes[0] as number[];
    const batch = size(output.slice(0, -2));
    // [batch, i, k] x [batch, k, j], in whatever order they lie: the sizes' product is (batch i j) (batch k²).
    const inner = Math.sqrt((size(a) * size(b)) / (size(output) * batch));
    expect(inner).toBe(Math.round(inner));
    sum += size(output) * inner;
  }
  return sum;
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const LENGTHS: [number, number][] = [
  [1, 1],
  [7, 4],
  [3, 9],
];

describe('countOperations', () => {
  it.each(CONFIGS)('%s: counts what the products of a translation multiply', async (_, config) => {
    for (const [m, t] of LENGTHS) {
      expect(countOperations(config, m, t).total, `m ${m}, t ${t}`).toBe(await measured(config, m, t));
    }
  });

  it.each(CONFIGS)(
    '%s: counts as attention what goes when it is left out, but for what its context adds',
    (_, config) => {
      const [m, t] = [7, 4];
      const { selfAttention, sourceAttention, total } = countOperations(config, m, t);
      if ('heads' in config) {
        const { encoderLayers, decoderLayers, feedForwardSize, size: d, targetVocabularySize } = config;
        const rest = (m * encoderLayers + t * decoderLayers) * 2 * d * feedForwardSize + t * d * targetVocabularySize;
        expect(selfAttention + sourceAttention).toBe(total - rest);
        return;
      }
      expect(selfAttention).toBe(0);
      if ('width' in config) {
        const { encoderLayers, decoderLayers, size: d, targetVocabularySize, width } = config;
        const rest = (m * encoderLayers + t * decoderLayers) * width * 2 * d * d + t * d * targetVocabularySize;
        expect(sourceAttention).toBe(total - rest);
        return;
      }
      const without = countOperations({ ...config, attention: 'none' }, m, t).total;
      const annotationSize = (config.encoder === 'bidirectional' ? 2 : 1) * config.encoderSize;
      const context =
        config.attention === 'none'
          ? 0
          : config.attention === 'key-query-value'
            ? config.attentionSize
            : annotationSize;
      const gates = { gru: 3, lstm: 4, plain: 1 }[config.cell];
      const columns =
        config.decoder === 'bahdanau' ? gates * config.hiddenSize + 2 * config.embeddingSize : config.embeddingSize;
      expect(sourceAttention).toBe(total - without - t * context * columns);
    },
  );

  it.each(CONFIGS)('%s: grows with m t only where a query meets keys', (_, config) => {
    // What a source token more and a target token more cost together beyond what each costs.
    const mixed = (m: number, t: number): number =>
      countOperations(config, m + 1, t + 1).total -
      countOperations(config, m + 1, t).total -
      countOperations(config, m, t + 1).total +
      countOperations(config, m, t).total;
    const meets = !('attention' in config) || !['none', 'summary'].includes(config.attention);
    for (const [m, t] of LENGTHS) {
      if (meets) expect(mixed(m, t)).toBeGreaterThan(0);
      else expect(mixed(m, t)).toBe(0);
    }
  });
});
