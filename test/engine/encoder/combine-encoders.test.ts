import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { combineEncoders, type EncoderParts } from '../../../src/engine/encoder/combine-encoders.ts';
import { encode, parseEncoderGraph } from '../../../src/engine/encoder/encoder-graph.ts';
import { encoderGraphModel } from '../../../src/engine/encoder/encoder-graph-model.ts';
import { loadEncoder } from '../../../src/engine/encoder/mobilenet-encoder.ts';
import { readEncoderModel } from '../../../src/engine/encoder/read-encoder-graph-model.ts';
import { loadNativeEncoder } from '../../../src/native/encoder-graph.ts';
import { itGraphs, runnerUnderTest, useTestBackend } from '../../support/backend.ts';
import { farthest, syntheticPixels, toyEncoder } from './toy-encoder.ts';

useTestBackend();

/** The toy and a network like it whose weights are others. */
function two(): [EncoderParts, EncoderParts] {
  const [toy, other] = [toyEncoder(), toyEncoder()];
  const weights = new Map([...other.weights].map(([name, tensor]) => [name, tf.mul(tensor, 0.9)]));
  return [toy, { graph: { ...other.graph, name: 'other_1.0' }, weights }];
}

test('two networks side by side give the channels of both, and are one network to whoever reads them', async () => {
  const [a, b] = two();
  const pixels = syntheticPixels(2, 12);
  const expected = tf.concat([encode(a.graph, a.weights, pixels), encode(b.graph, b.weights, pixels)], 3);
  const { graph, weights } = combineEncoders([a, b]);
  expect(parseEncoderGraph(JSON.parse(JSON.stringify(graph)))).toEqual(graph);
  expect(graph.name).toBe('toy + other_1.0');
  const found = encode(graph, weights, pixels);
  expect(found.shape).toEqual(expected.shape);
  expect(farthest(await found.data(), await expected.data())).toBe(0);
});

test('as a graph model they give the same, and are read again', async () => {
  const { graph, weights } = combineEncoders(two());
  const pixels = syntheticPixels(2, 12);
  const expected = await encode(graph, weights, pixels).data();
  const artifacts = await encoderGraphModel(graph, weights, 'last', 12);
  const encoder = await loadEncoder(artifacts);
  // Files hold half precision.
  expect(farthest(await encoder.encode(pixels).data(), expected)).toBeLessThan(0.01);
  expect(encoder.channels).toBe(expected.length / 2 / encoder.grid[0] / encoder.grid[1]);
  const again = readEncoderModel(artifacts);
  expect(again.graph.nodes).toHaveLength(graph.nodes.length);
  expect(Object.keys(again.graph.taps)).toEqual(['last']);
  expect(farthest(await encode(again.graph, again.weights, pixels).data(), expected)).toBeLessThan(0.01);
  encoder.dispose();
});

itGraphs('as a whole graph they give the same', async () => {
  const { graph, weights } = combineEncoders(two());
  const artifacts = await encoderGraphModel(graph, weights, 'last', 12);
  const [whole, single] = [await loadNativeEncoder(artifacts, runnerUnderTest()), await loadEncoder(artifacts)];
  const pixels = syntheticPixels(3, 12);
  expect(farthest(await whole.encode(pixels).data(), await single.encode(pixels).data())).toBeLessThan(1e-4);
  whole.dispose();
  single.dispose();
});

test('networks that see pixels on different scales cannot stand side by side', () => {
  const [a, b] = two();
  const input = { ...b.graph.input, mean: [1, 2, 3] };
  expect(() => combineEncoders([a, { ...b, graph: { ...b.graph, input } }])).toThrow(
    'The encoders toy and other_1.0 see pixels on different scales.',
  );
});
