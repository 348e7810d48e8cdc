import * as mobilenet from '@tensorflow-models/mobilenet';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../src/engine/encoder/encoder-graph.ts';
import type { EncoderGraph } from '../../../src/engine/encoder/encoder-graph.ts';
import { encoderGraphModel } from '../../../src/engine/encoder/encoder-graph-model.ts';
import { loadEncoder } from '../../../src/engine/encoder/mobilenet-encoder.ts';
import { fromFiles, toFiles } from '../../../src/engine/graph/tfjs-graph-model.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { farthest, syntheticPixels, toyEncoder } from './toy-encoder.ts';

useTestBackend();

/** The weights as a reader of half precision sees them, so that only the graph makes a difference. */
const halved = (weights: Map<string, tf.Tensor>): Map<string, tf.Tensor> =>
  new Map([...weights].map(([name, value]) => [name, tf.tensor(coarse(value.dataSync<'float32'>()), value.shape)]));

const coarse = (values: Float32Array): Float32Array => values.map((value) => Math.round(value * 256) / 256);

const normalisations: Record<string, EncoderGraph['input']> = {
  '(p - 128) * 0.0078740157': toyEncoderInput(128, 0.0078740157),
  'p / 127.5 - 1': toyEncoderInput(127.5, 1 / 127.5),
  'p / 255': toyEncoderInput(0, 1 / 255),
};

function toyEncoderInput(mean: number, scale: number): EncoderGraph['input'] {
  return { size: 12, channels: 'RGB', mean: [mean, mean, mean], scale: [scale, scale, scale] };
}

describe('an encoder through @tensorflow-models/mobilenet', () => {
  for (const [name, input] of Object.entries(normalisations)) {
    for (const tap of ['last', 'pre']) {
      test(`gives the network's "${tap}" where it was trained on ${name}`, async () => {
        const toy = toyEncoder();
        const graph = { ...toy.graph, input };
        const weights = halved(toy.weights);
        const encoder = await loadEncoder(await encoderGraphModel(graph, weights, tap));
        const pixels = syntheticPixels(3, 12);
        const expected = encode(graph, weights, pixels, tap);
        const output = encoder.encode(pixels);
        expect(encoder.grid).toEqual([3, 3]);
        expect(output.shape).toEqual([3, 9, encoder.channels]);
        expect(farthest(await output.data(), await expected.data())).toBeLessThan(1e-4);
        encoder.dispose();
      });
    }
  }

  test('is the same after a trip through files', async () => {
    const { graph, weights } = toyEncoder();
    const artifacts = await encoderGraphModel(graph, weights);
    const pixels = syntheticPixels(1, 12);
    const [a, b] = [await loadEncoder(artifacts), await loadEncoder(fromFiles(toFiles(artifacts, 'encoder.bin')))];
    expect(farthest(await a.encode(pixels).data(), await b.encode(pixels).data())).toBe(0);
    expect(b.name).toBe('toy');
  });

  test("gives the grid's mean as the package's embedding", async () => {
    const { graph, weights } = toyEncoder();
    const artifacts = await encoderGraphModel(graph, weights, 'last', 224);
    const network = await mobilenet.load({
      version: 2,
      alpha: 1,
      modelUrl: { load: () => Promise.resolve(artifacts) },
      inputRange: [-1, 1],
    });
    const pixels = syntheticPixels(1, 224);
    const embedding = network.infer(tf.squeeze<tf.Tensor3D>(pixels, [0]), true);
    const encoder = await loadEncoder(artifacts);
    expect(encoder.grid).toEqual([56, 56]);
    expect(embedding.shape).toEqual([1, 5]);
    expect(farthest(await embedding.data(), await tf.mean(encoder.encode(pixels), 1).data())).toBeLessThan(1e-4);
  });

  test('leaves no tensors behind, loading and disposing included', async () => {
    const { graph, weights } = toyEncoder();
    const artifacts = await encoderGraphModel(graph, weights);
    const pixels = syntheticPixels(2, 12);
    await expectNoLeak(async () => {
      const encoder = await loadEncoder(artifacts);
      await expectNoLeak(() => encoder.encode(pixels).dispose());
      await expectNoLeak(() => encoder.encode(pixels).dispose());
      encoder.dispose();
    });
  });

  test('refuses photos of another size', async () => {
    const { graph, weights } = toyEncoder();
    const encoder = await loadEncoder(await encoderGraphModel(graph, weights));
    expect(() => encoder.encode(syntheticPixels(1, 11))).toThrow('[batch, 12, 12, 3], not [1, 11, 11, 3]');
  });

  test('refuses a graph model that is no encoder', async () => {
    const { graph, weights } = toyEncoder();
    const { userDefinedMetadata: _, ...artifacts } = await encoderGraphModel(graph, weights);
    await expect(loadEncoder(artifacts)).rejects.toThrow('The graph model is not an encoder');
  });
});

describe('fromFiles', () => {
  test('refuses weights of another length', async () => {
    const { graph, weights } = toyEncoder();
    const files = toFiles(await encoderGraphModel(graph, weights), 'encoder.bin');
    expect(() => fromFiles({ ...files, weights: files.weights.subarray(2) })).toThrow(
      /weights have \d+ bytes; \d+ are/,
    );
  });

  test.each([
    ['no JSON', '{', 'The graph model is not JSON'],
    ['another JSON', '{}', 'not a tfjs graph model'],
  ])('refuses %s', (_, text, message) => {
    const json = new TextEncoder().encode(text);
    expect(() => fromFiles({ json, weights: new Uint8Array(0) })).toThrow(message);
  });
});
