import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { paddingBias } from '../../../src/engine/attention/multi-head.ts';
import { paddingMask, padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import { Transformer, type TransformerConfig } from '../../../src/engine/models/transformer.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';

useTestBackend();

const CONFIG: TransformerConfig = {
  sourceVocabularySize: 11,
  targetVocabularySize: 11,
  startToken: 1,
  endToken: 2,
  embeddings: 'all',
  size: 8,
  heads: 2,
  feedForwardSize: 12,
  encoderLayers: 3,
  decoderLayers: 2,
  normalisation: 'post',
};

describe.each(['pre', 'post'] as const)('a Transformer with %s-normalisation', (normalisation) => {
  test('encodes the same as a whole and part by part', async () => {
    await expectNoLeak(() => {
      const parameters = new Parameters(new Random(7).next);
      const model = new Transformer({ ...CONFIG, normalisation }, parameters);
      tf.tidy(() => {
        const source = padTokens([[3, 4, 5], [6]]);
        const tokens = tf.tensor2d(source.tokens, [2, 3], 'int32');
        const positions = model.positions(0, 3);
        const padding = paddingBias(paddingMask(source)!);
        const whole = model.encodeSource({ tokens, positions, padding });
        let x = model.embedSource({ tokens, positions });
        for (let i = 0; i < CONFIG.encoderLayers; i++) x = model.encoderLayer(i, x, padding);
        for (let i = 0; i < CONFIG.decoderLayers; i++) {
          for (const [part, tensor] of Object.entries(model.encodedMemory(i, x))) {
            const expected = whole[`${i}/${part}`]!;
            expect(tensor.shape).toEqual(expected.shape);
            expect(tf.max(tf.abs(tf.sub(tensor, expected))).dataSync()[0]!).toBeLessThan(1e-6);
          }
        }
      });
      parameters.dispose();
      return Promise.resolve();
    });
  });
});
