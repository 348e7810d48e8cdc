import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import type { Looks } from '../../../src/engine/models/looks.ts';
import { VisionCaptioner, type VisionCaptionerConfig } from '../../../src/engine/models/vision-captioner.ts';
import type { Parameters } from '../../../src/engine/parameters.ts';
import { blipConfig, blipWeights } from '../../../src/engine/published/blip.ts';
import { imageProcessor } from '../../../src/engine/published/image-processor.ts';
import {
  visionEncoderDecoderConfig,
  visionEncoderDecoderWeights,
} from '../../../src/engine/published/vision-encoder-decoder.ts';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { difference, fixture, logSoftmax, withWeights, type CaptionerVectors } from './published-vectors.ts';

useTestBackend();

const FAMILIES = [
  { folder: 'blip', read: blipConfig, weights: blipWeights, width: 3, longest: 14 },
  {
    folder: 'vit-gpt2',
    read: visionEncoderDecoderConfig,
    weights: visionEncoderDecoderWeights,
    width: 4,
    longest: 16,
  },
] as const;

describe.each(FAMILIES)('$folder, as its authors compute it', ({ folder, longest, read, weights, width }) => {
  const { bytes, json } = fixture(folder);
  const vectors = json('vectors.json') as CaptionerVectors;
  const config: VisionCaptionerConfig = read(
    json('config.json'),
    imageProcessor(json('preprocessor_config.json'), 'cubic'),
  );
  const size = config.vision.imageSize;
  let model: VisionCaptioner;
  let parameters: Parameters;
  let pixels: tf.Tensor4D;

  beforeAll(() => {
    const made = withWeights(
      weights(parseSafetensors(bytes('model.safetensors')), config),
      (own) => new VisionCaptioner(config, own),
    );
    ({ model, parameters } = made);
    pixels = tf.tensor4d(vectors.pixels, [1, size, size, 3]);
  });
  afterAll(() => {
    pixels.dispose();
    parameters.dispose();
  });

  test('has the logits, step by step', async () => {
    await expectNoLeak(async () => {
      const grid = model.vision.encode(pixels);
      const decoder = model.decoder(grid);
      let state = decoder.start();
      for (const [step, theirs] of vectors.logits.entries()) {
        const fed = step === 0 ? config.startToken : vectors.fed[step - 1]!;
        const next = decoder.step(state, Int32Array.of(fed));
        decoder.dispose(state);
        state = next.state;
        const [ours] = await next.logProbabilities.array();
        const [weights] = await next.weights!.array();
        tf.dispose([next.logProbabilities, next.weights!]);
        // Less than 1e-4 here; another processor adds up in another order.
        expect(difference(ours, logSoftmax(theirs))).toBeLessThan(2e-4);
        expect(weights!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
        const extra = config.vision.extra;
        const heads = vectors.cross.flat().map((head) => head[step]!.slice(extra));
        const mean = heads[0]!.map((_, i) => heads.reduce((sum, head) => sum + head[i]!, 0) / heads.length);
        const total = mean.reduce((a, b) => a + b, 0);
        expect(
          difference(
            weights,
            mean.map((one) => one / total),
          ),
        ).toBeLessThan(1e-4);
      }
      decoder.dispose(state);
      grid.dispose();
    });
  });

  /** Where the token after the start token looked, by a decoder's step. */
  async function firstLook(grid: tf.Tensor3D, looks: Looks = {}, everywhereAlike = false): Promise<number[]> {
    const decoder = model.decoder(grid, looks, { everywhereAlike });
    const state = decoder.start();
    const next = decoder.step(state, Int32Array.of(config.startToken));
    const [weights] = await next.weights!.array();
    tf.dispose([next.logProbabilities, next.weights!]);
    decoder.dispose(state);
    decoder.dispose(next.state);
    return weights!;
  }

  const onPatches = (weights: readonly number[]): number[] => {
    const patches = weights.slice(config.vision.extra);
    const total = patches.reduce((a, b) => a + b, 0);
    return patches.map((one) => one / total);
  };

  test('shows one layer and one head where they are asked for', async () => {
    await expectNoLeak(async () => {
      const grid = model.vision.encode(pixels);
      const last = { layer: vectors.cross.length - 1, head: vectors.cross[0]!.length - 1 };
      const theirs = vectors.cross[last.layer]![last.head]![0]!;
      expect(difference(await firstLook(grid, last), onPatches(theirs))).toBeLessThan(1e-4);
      expect(() => model.decoder(grid, { layer: 99 })).toThrow('There is no layer 99');
      grid.dispose();
    });
  });

  test('carries maps back by attention rollout, as its equation says', async () => {
    await expectNoLeak(async () => {
      const grid = model.vision.encodeWithOrigins(pixels);
      const plain = model.vision.encode(pixels);
      // R = Π (½ A + ½ I) of the authors' weights, and their mean look through it.
      const mean = (heads: number[][][]): number[][] =>
        heads[0]!.map((row, i) => row.map((_, j) => heads.reduce((sum, head) => sum + head[i]![j]!, 0) / heads.length));
      const rollout = vectors.encoder.map(mean).reduce<number[][] | undefined>((before, weights) => {
        const own = weights.map((row, i) => row.map((one, j) => one / 2 + (i === j ? 0.5 : 0)));
        if (!before) return own;
        return own.map((row) => row.map((_, j) => row.reduce((sum, one, k) => sum + one * before[k]![j]!, 0)));
      }, undefined)!;
      const looked = mean(vectors.cross.flat())[0]!;
      const carried = looked.map((_, j) => looked.reduce((sum, one, k) => sum + one * rollout[k]![j]!, 0));
      expect(difference(await firstLook(grid), onPatches(carried))).toBeLessThan(1e-4);
      expect(difference(await firstLook(plain), onPatches(carried))).toBeGreaterThan(1e-3);
      tf.dispose([grid, plain]);
    });
  });

  test('can be made to look everywhere alike', async () => {
    await expectNoLeak(async () => {
      const grid = model.vision.encode(pixels);
      const alike = await firstLook(grid, {}, true);
      expect(
        difference(
          alike,
          alike.map(() => 1 / alike.length),
        ),
      ).toBeLessThan(1e-6);
      grid.dispose();
    });
  });

  test('looks where theirs looks, in every layer and head', async () => {
    const maps = model.attentionMaps(pixels, vectors.fed);
    const nested = (layers: tf.Tensor4D[]): Promise<number[][][][]> =>
      Promise.all(layers.map(async (layer) => (await layer.array())[0]!));
    expect(difference(await nested(maps.cross), vectors.cross)).toBeLessThan(1e-4);
    expect(difference(await nested(maps.encoder), vectors.encoder)).toBeLessThan(1e-4);
    expect(difference(await nested(maps.decoder), vectors.decoder)).toBeLessThan(1e-4);
    tf.dispose([maps.cross, maps.encoder, maps.decoder]);
  });

  test('finds the same captions by the same search, with a beginning as well', async () => {
    const grid = model.vision.encode(pixels);
    for (const { beams, given: prefix } of vectors.prompts) {
      const [found] = await beamSearch(model.decoder(grid), {
        width,
        nBest: beams.length,
        lengthNormalisation: 1,
        maxLength: longest - 1,
        minLength: 0,
        noRepeat: 2,
        prefix,
        refill: true,
      });
      const ours = found!.map(({ finished, tokens }) => (finished ? [...tokens, config.endToken] : tokens));
      expect(ours).toEqual(beams.map(({ tokens }) => tokens));
      // A part in ten thousand: a score adds up the rounding of every step.
      for (const [rank, { score }] of beams.entries()) {
        expect(Math.abs(found![rank]!.score / score - 1)).toBeLessThan(1e-4);
      }
    }
    grid.dispose();
  });
});

describe('a model whose image processor cuts the margins off', () => {
  const { bytes, json } = fixture('vit-gpt2');
  const processor = json('preprocessor_config.json') as object;
  const cropping = (from: unknown, to: unknown): VisionCaptionerConfig =>
    visionEncoderDecoderConfig(
      json('config.json'),
      imageProcessor({ ...processor, do_center_crop: true, size: from, crop_size: to }, 'cubic'),
    );
  const square = (side: number): object => ({ height: side, width: side });

  test('looks at the middle, and its maps cover the whole photo', async () => {
    const config = cropping(square(48), square(32));
    const { pixels: seen } = json('vectors.json') as CaptionerVectors;
    const { model, parameters } = withWeights(
      visionEncoderDecoderWeights(parseSafetensors(bytes('model.safetensors')), config),
      (own) => new VisionCaptioner(config, own),
    );
    const plain = withWeights(
      visionEncoderDecoderWeights(parseSafetensors(bytes('model.safetensors')), cropping(square(32), square(32))),
      (own) => new VisionCaptioner(cropping(square(32), square(32)), own),
    );
    expect(model.vision.inputSize).toBe(48);
    expect(model.vision.grid).toEqual([6, 6]);
    await expectNoLeak(async () => {
      const inner = tf.tensor4d(seen, [1, 32, 32, 3]);
      const margin: [number, number] = [8, 8];
      const outer = tf.pad<tf.Tensor4D>(inner, [[0, 0], margin, margin, [0, 0]], 77);
      const looks = async (own: VisionCaptioner, pixels: tf.Tensor4D): Promise<number[][]> => {
        const grid = own.vision.encode(pixels);
        const decoder = own.decoder(grid);
        const state = decoder.start();
        const next = decoder.step(state, Int32Array.of(config.startToken));
        const numbers = [await next.logProbabilities.array(), await next.weights!.array()].map(([row]) => row!);
        tf.dispose([grid, next.logProbabilities, next.weights!]);
        decoder.dispose(state);
        decoder.dispose(next.state);
        return numbers;
      };
      const [logs, map] = (await looks(model, outer)) as [number[], number[]];
      const [plainLogs, plainMap] = (await looks(plain.model, inner)) as [number[], number[]];
      expect(difference(logs, plainLogs)).toBeLessThan(1e-6);
      const cells = Array.from({ length: 36 }, (_, cell) => [Math.floor(cell / 6) - 1, (cell % 6) - 1] as const);
      const isSeen = (at: number): boolean => at >= 0 && at < 4;
      const expected = cells.map(([row, column]) => (isSeen(row) && isSeen(column) ? plainMap[row * 4 + column]! : 0));
      expect(difference(map, expected)).toBeLessThan(1e-6);
      tf.dispose([inner, outer]);
    });
    parameters.dispose();
    plain.parameters.dispose();
  });

  test.each([
    ['keeps the proportions', { shortest_edge: 48 }, square(32)],
    ['cuts to another size than the model sees', square(48), square(40)],
    ['cuts off parts of patches', square(40), square(32)],
  ])('is shown the whole photo where it %s', (_, from, to) => {
    expect(cropping(from, to).vision.margin).toBeUndefined();
  });
});
