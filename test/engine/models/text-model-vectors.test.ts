import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Seq2Seq, type Seq2SeqConfig } from '../../../src/engine/models/seq2seq.ts';
import type { TextModel } from '../../../src/engine/models/text-model.ts';
import { Transformer, type TransformerConfig } from '../../../src/engine/models/transformer.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { textBatch } from '../../../src/engine/training/text-loss.ts';
import { useTestBackend } from '../../support/backend.ts';
import { fillByName } from '../../support/named-numbers.ts';
import { outputScores } from '../../support/output-scores.ts';

/** Results of PyTorch's layers with the same weights: see scripts/fixtures/make_text_model_vectors.py. */
const FIXTURE = JSON.parse(readFileSync(new URL('fixtures/text-model-vectors.json', import.meta.url), 'utf8')) as {
  pairs: { source: number[]; target: number[] }[];
  /** By model: by pair, by step, by token. */
  logProbabilities: Record<string, number[][][]>;
};

const text = {
  sourceVocabularySize: 13,
  targetVocabularySize: 11,
  startToken: 1,
  endToken: 2,
  embeddings: 'target',
} as const;
const transformer: Omit<TransformerConfig, 'normalisation'> = {
  ...text,
  size: 8,
  heads: 2,
  feedForwardSize: 12,
  encoderLayers: 2,
  decoderLayers: 2,
};
const seq2seq: Omit<Seq2SeqConfig, 'cell' | 'attention' | 'decoder' | 'inputFeeding'> = {
  ...text,
  encoder: 'bidirectional',
  embeddingSize: 5,
  encoderSize: 3,
  hiddenSize: 6,
  attentionSize: 4,
  initialState: 'final',
};

const MODELS: Record<string, (parameters: Parameters) => TextModel> = {
  'transformer, pre-norm': (parameters) => new Transformer({ ...transformer, normalisation: 'pre' }, parameters),
  'transformer, post-norm': (parameters) => new Transformer({ ...transformer, normalisation: 'post' }, parameters),
  'LSTM, Luong, general, input feeding': (parameters) =>
    new Seq2Seq({ ...seq2seq, cell: 'lstm', attention: 'general', decoder: 'luong', inputFeeding: true }, parameters),
  'GRU, Bahdanau, additive': (parameters) =>
    new Seq2Seq(
      { ...seq2seq, cell: 'gru', attention: 'additive', decoder: 'bahdanau', inputFeeding: false },
      parameters,
    ),
};

useTestBackend();

describe.each(Object.keys(FIXTURE.logProbabilities))('%s', (name) => {
  it('says what PyTorch says with the same weights', () => {
    const parameters = new Parameters(new Random(1).next);
    const model = MODELS[name]!(parameters);
    fillByName(parameters);
    const wanted = FIXTURE.logProbabilities[name]!;
    const { source, target } = textBatch(FIXTURE.pairs, text.startToken, text.endToken);
    const found = tf.tidy(() => {
      const { output } = model.teacherForced(source, target);
      return tf.logSoftmax(outputScores(model.outputLayer, output)).arraySync();
    });
    // Batches are sorted by target, longest first, and packed step after step.
    const sorted = [...FIXTURE.pairs.keys()].sort(
      (a, b) => FIXTURE.pairs[b]!.target.length - FIXTURE.pairs[a]!.target.length,
    );
    let place = 0;
    for (const [step, rows] of target.active.entries()) {
      for (let row = 0; row < rows; row++, place++) {
        const expected = wanted[sorted[row]!]![step]!;
        for (const [token, value] of found[place]!.entries()) {
          expect(value, `pair ${sorted[row]}, step ${step}, token ${token}`).toBeCloseTo(expected[token]!, 4);
        }
      }
    }
    expect(place).toBe(found.length);
    parameters.dispose();
  });
});
