import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import type { Hypothesis } from '../../src/engine/decoding/hypothesis.ts';
import { VisionCaptioner, type VisionCaptionerConfig } from '../../src/engine/models/vision-captioner.ts';
import { blipConfig, blipWeights } from '../../src/engine/published/blip.ts';
import { imageProcessor } from '../../src/engine/published/image-processor.ts';
import { parseSafetensors } from '../../src/engine/published/safetensors.ts';
import {
  visionEncoderDecoderConfig,
  visionEncoderDecoderWeights,
} from '../../src/engine/published/vision-encoder-decoder.ts';
import { loadNativeOrigins, loadNativeVision } from '../../src/native/vision-graphs.ts';
import { fixture, withWeights, type CaptionerVectors } from '../engine/published/published-vectors.ts';
import { describeGraphs, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

const FAMILIES = [
  { folder: 'blip', read: blipConfig, weights: blipWeights },
  { folder: 'vit-gpt2', read: visionEncoderDecoderConfig, weights: visionEncoderDecoderWeights },
] as const;

const search = (decoder: Decoder<unknown>, refill: boolean): Promise<Hypothesis[][]> =>
  beamSearch(decoder, { width: 3, nBest: 2, lengthNormalisation: 1, maxLength: 6, refill });

/** Expects the same hypotheses, to 1e-4. */
function expectSame(actual: Hypothesis[][], expected: Hypothesis[][]): void {
  const tokens = (all: Hypothesis[][]): number[][][] => all.map((found) => found.map((one) => [...one.tokens]));
  expect(tokens(actual)).toEqual(tokens(expected));
  const numbers = (all: Hypothesis[][]): number[] =>
    all.flat().flatMap(({ logProbabilities, weights }) => [...logProbabilities, ...weights.flatMap((row) => [...row])]);
  const [own, other] = [numbers(actual), numbers(expected)];
  expect(own).toHaveLength(other.length);
  expect(Math.max(...own.map((value, i) => Math.abs(value - other[i]!)))).toBeLessThan(1e-4);
}

describeGraphs('a captioner with a Vision Transformer as whole graphs', () => {
  test.each(FAMILIES)(
    'finds what single operations find, with the same maps ($folder)',
    async ({ folder, read, weights }) => {
      const { bytes, json } = fixture(folder);
      const { pixels: seen } = json('vectors.json') as CaptionerVectors;
      const config: VisionCaptionerConfig = read(
        json('config.json'),
        imageProcessor(json('preprocessor_config.json'), 'cubic'),
      );
      const size = config.vision.imageSize;
      const { model, parameters } = withWeights(
        weights(parseSafetensors(bytes('model.safetensors')), config),
        (own) => new VisionCaptioner(config, own),
      );
      const native = await loadNativeVision(model, runnerUnderTest());
      const origins = await loadNativeOrigins(model, runnerUnderTest());
      const one = tf.tensor4d(seen, [1, size, size, 3]);
      // Another photo beside it, whose captions end at another length.
      const two = tf.tidy(() => tf.concat([one, tf.reverse(tf.sub(255, one), 1)], 0)) as tf.Tensor4D;
      for (const pixels of [one, two]) {
        for (const refill of [true, false]) {
          await expectNoLeak(async () => {
            const [grid, own] = [native.encoder.encode(pixels), model.vision.encode(pixels)];
            const { steps } = native;
            expectSame(
              await search(model.decoder(grid, {}, { steps }), refill),
              await search(model.decoder(own), refill),
            );
            tf.dispose([grid, own]);
          });
        }
      }
      for (const looks of [{ layer: 1 }, { head: 1 }, { layer: 0, head: 2 }]) {
        const [grid, own] = [origins.encode(one), model.vision.encodeWithOrigins(one)];
        const { steps } = native;
        for (const everywhereAlike of [false, true]) {
          expectSame(
            await search(model.decoder(grid, looks, { everywhereAlike, steps }), true),
            await search(model.decoder(own, looks, { everywhereAlike }), true),
          );
        }
        tf.dispose([grid, own]);
      }
      tf.dispose([one, two]);
      native.dispose();
      origins.dispose();
      parameters.dispose();
    },
  );
});
