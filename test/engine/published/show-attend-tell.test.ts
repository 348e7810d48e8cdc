import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptionerDecoder } from '../../../src/engine/models/captioner-decoder.ts';
import { ShowAttendTell } from '../../../src/engine/models/show-attend-tell.ts';
import type { Encoder } from '../../../src/engine/encoder/encoder.ts';
import type { Parameters } from '../../../src/engine/parameters.ts';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';
import {
  showAttendTellConfig,
  showAttendTellEncoder,
  showAttendTellWeights,
} from '../../../src/engine/published/show-attend-tell.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { difference, fixture, withWeights } from './published-vectors.ts';

useTestBackend();

/** What PyTorch computed: see scripts/fixtures/make_show_attend_tell.py. */
interface Vectors {
  pixels: number[];
  /** Every third row's every third vector. */
  grid: number[];
  steps: { fed: number; logs: number[]; alpha: number[]; next: number }[];
}

const { bytes, json } = fixture('show-attend-tell');
const vectors = json('vectors.json') as Vectors;
const words = Object.keys(json('vocab.json') as object);
const config = json('config.json') as { encoder: { nodes: { id: string }[] }; encoder_dim: number };

describe('a Show, Attend and Tell checkpoint of the tutorial', () => {
  const parts = showAttendTellConfig(config, words);
  const weights = showAttendTellWeights(parseSafetensors(bytes('model.safetensors')), parts);
  let model: ShowAttendTell;
  let encoder: Encoder;
  let parameters: Parameters;
  beforeAll(() => {
    ({
      model: { captioner: model, encoder },
      parameters,
    } = withWeights(weights, (own) => ({
      captioner: new ShowAttendTell(parts.captioner, own),
      encoder: showAttendTellEncoder(parts, own, weights),
    })));
  });
  afterAll(() => parameters.dispose());

  function encodePhoto(): tf.Tensor3D {
    const pixels = tf.tensor4d(vectors.pixels, [1, 64, 64, 3]);
    const grid = encoder.encode(pixels);
    pixels.dispose();
    return grid;
  }

  test('sees the grid that its ResNet sees', async () => {
    await expectNoLeak(async () => {
      const grid = encodePhoto();
      expect(grid.shape).toEqual([1, 14 * 14, 32]);
      const all = (await grid.array())[0]!;
      grid.dispose();
      const third = all.filter((_, i) => (i % 14) % 3 === 0 && Math.floor(i / 14) % 3 === 0);
      expect(difference(third.flat(), vectors.grid)).toBeLessThan(1e-4);
    });
  });

  test('has the probabilities and looks where it looks, word by word', async () => {
    await expectNoLeak(async () => {
      const grid = encodePhoto();
      const decoder = new CaptionerDecoder(parts.captioner, model, grid);
      let state = decoder.start();
      for (const { alpha, fed, logs } of vectors.steps) {
        const next = decoder.step(state, Int32Array.of(fed));
        decoder.dispose(state);
        state = next.state;
        expect(difference((await next.logProbabilities.array())[0], logs)).toBeLessThan(1e-4);
        expect(difference((await next.weights!.array())[0], alpha)).toBeLessThan(1e-5);
        tf.dispose([next.logProbabilities, next.weights!]);
      }
      decoder.dispose(state);
      grid.dispose();
    });
  });

  test.each<[string, () => unknown, string]>([
    ['a word less', () => showAttendTellConfig(config, words.slice(1)), 'vocab.json has 23 words'],
    ['no word for the end', () => showAttendTellConfig(config, [...words.slice(0, -1), 'x']), 'lacks the word <end>'],
    [
      'no encoder',
      () => showAttendTellConfig({ ...config, encoder: undefined }, words),
      "config.json's encoder: Not an",
    ],
    [
      'an encoder without a grid',
      () => {
        const nodes = config.encoder.nodes.slice(0, -1);
        return showAttendTellConfig(
          { ...config, encoder: { ...config.encoder, nodes, taps: { last: 'conv' } } },
          words,
        );
      },
      'does not end with a grid',
    ],
    [
      'another width',
      () =>
        showAttendTellWeights(
          parseSafetensors(bytes('model.safetensors')),
          showAttendTellConfig({ ...config, encoder_dim: 31 }, words),
        ),
      'decoder.attention.encoder_att.weight has the shape [12, 32]',
    ],
    [
      'a weight that is missing',
      () => {
        const tensors = new Map(parseSafetensors(bytes('model.safetensors')));
        tensors.delete('encoder.conv.weight');
        return showAttendTellWeights(tensors, parts);
      },
      'lacks encoder.conv.weight',
    ],
    [
      'a kernel that takes other channels',
      () => {
        const tensors = new Map(parseSafetensors(bytes('model.safetensors')));
        tensors.set('encoder.conv.weight', { shape: [8, 4, 7, 7], data: new Float32Array(8 * 4 * 49) });
        return showAttendTellWeights(tensors, parts);
      },
      'encoder.conv.weight has the shape [8, 4, 7, 7]; its layer takes 3 channels',
    ],
  ])('is refused in a sentence with %s', (_, read, sentence) => {
    expect(read).toThrow(sentence);
  });
});
