import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { encoderGraphModel } from '../../src/engine/encoder/encoder-graph-model.ts';
import { loadEncoder } from '../../src/engine/encoder/mobilenet-encoder.ts';
import { loadNativeEncoder } from '../../src/native/encoder-graph.ts';
import { farthest, syntheticPixels, toyEncoder } from '../engine/encoder/toy-encoder.ts';
import { describeGraphs, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

describeGraphs('an encoder as a whole graph', () => {
  test.each(['last', 'pre', 's16'])('encodes like single operations, up to "%s"', async (tap) => {
    const { graph, weights } = toyEncoder();
    const artifacts = await encoderGraphModel(graph, weights, tap);
    const [whole, single] = [await loadNativeEncoder(artifacts, runnerUnderTest()), await loadEncoder(artifacts)];
    expect({ ...whole, encode: 0, dispose: 0 }).toEqual({ ...single, encode: 0, dispose: 0 });
    for (const pixels of [syntheticPixels(1, 12), syntheticPixels(3, 12), tf.cast(syntheticPixels(2, 12), 'int32')]) {
      const [a, b] = [whole.encode(pixels), single.encode(pixels)];
      expect(a.shape).toEqual(b.shape);
      expect(farthest(await a.data(), await b.data())).toBeLessThan(1e-4);
    }
    whole.dispose();
    single.dispose();
  });

  test('leaves no tensors behind', async () => {
    const { graph, weights } = toyEncoder();
    const encoder = await loadNativeEncoder(await encoderGraphModel(graph, weights), runnerUnderTest());
    const pixels = syntheticPixels(2, 12);
    await expectNoLeak(() => encoder.encode(pixels).dispose());
    await expectNoLeak(() => encoder.encode(pixels).dispose());
    encoder.dispose();
  });
});
