import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import { CaptionerDecoder, type CaptionerInputs } from '../../src/engine/models/captioner-decoder.ts';
import type { CaptionerConfig } from '../../src/engine/models/captioner.ts';
import { loadNativeCaptioner } from '../../src/native/captioner-graphs.ts';
import { farthest } from '../engine/encoder/toy-encoder.ts';
import { describeGraphs, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../support/small-captioner.ts';

useTestBackend();

/** Attention and query. */
const KINDS: [CaptionerConfig['attention'], CaptionerConfig['query']][] = [
  ['soft', 'state'],
  ['soft', 'word'],
  ['soft', 'top-down'],
  ['hard', 'state'],
  ['none', 'state'],
];

/** Expects the same tensors under the same names, to 1e-5. */
function expectSame(actual: tf.NamedTensorMap, expected: tf.NamedTensorMap): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, tensor] of Object.entries(actual)) {
    const other = expected[name] as tf.Tensor;
    expect(tensor.shape, name).toEqual(other.shape);
    expect(farthest(tensor.dataSync(), other.dataSync()), name).toBeLessThan(1e-5);
  }
}

describeGraphs('a captioner as whole graphs', () => {
  test.each(KINDS)('starts and steps like single operations (%s, %s)', async (attention, query) => {
    const { captioner, parameters } = smallCaptioner(attention, 1, 7, query);
    const native = await loadNativeCaptioner(captioner, runnerUnderTest());
    // The same graphs for any number of photos, and of rows that go on from others.
    for (const photos of [1, 4]) {
      const features = smallFeatures(photos);
      const start = captioner.start(features);
      expectSame(native.start(features), start);
      const tokens = tf.range(3, photos + 3, 1, 'int32');
      expectSame(native.step({ ...start, tokens }), captioner.step({ ...start, tokens }));

      const rows = tf.tensor1d([0, photos - 1, 0], 'int32');
      const inputs: CaptionerInputs = {
        ...start,
        annotations: tf.gather(start.annotations, rows),
        ...(start.keys && { keys: tf.gather(start.keys, rows) }),
        rows,
        tokens: tf.tensor1d([4, 5, 6], 'int32'),
      };
      expectSame(native.step(inputs), captioner.step(inputs));
    }
    native.dispose();
    parameters.dispose();
  });

  test.each(KINDS)('finds the same captions (%s, %s)', async (attention, query) => {
    const { captioner, parameters } = smallCaptioner(attention, 1, 7, query);
    const native = await loadNativeCaptioner(captioner, runnerUnderTest());
    const features = smallFeatures(3);
    const options = { width: 3, nBest: 3, lengthNormalisation: 0.7, maxLength: 6 };
    const [whole, single] = [
      await beamSearch(new CaptionerDecoder(captioner.config, native, features), options),
      await beamSearch(captioner.decoder(features), options),
    ];
    expect(whole.map((found) => found.map(({ tokens }) => [...tokens]))).toEqual(
      single.map((found) => found.map(({ tokens }) => [...tokens])),
    );
    native.dispose();
    parameters.dispose();
  });

  test('has its graph of one location where that could be loaded later', async () => {
    const { captioner, parameters } = smallCaptioner();
    const runner = runnerUnderTest();
    let failures = 0;
    const failing: typeof runner = Object.create(runner, {
      loadTraced: {
        value: (...asked: Parameters<typeof runner.loadTraced>) =>
          asked[1] === 'alone' && failures++ === 0
            ? Promise.reject(new Error('no space'))
            : runner.loadTraced(...asked),
      },
    }) as typeof runner;
    const native = await loadNativeCaptioner(captioner, failing);
    await expect(native.alone!()).rejects.toThrow('no space');
    expect(await native.alone!()).toBeInstanceOf(Function);
    native.dispose();
    parameters.dispose();
  });

  test('refuses weights that were changed, where it would mix them with the old ones', async () => {
    const { captioner, parameters } = smallCaptioner();
    const native = await loadNativeCaptioner(captioner, runnerUnderTest());
    for (const [, weight] of parameters.entries()) tf.tidy(() => weight.assign(tf.neg(weight)));
    expect(() => native.start(smallFeatures(2))).toThrow('The weights were changed');
    native.dispose();
    parameters.dispose();
  });

  test('leaves no tensors behind', async () => {
    const { captioner, parameters } = smallCaptioner();
    const features = smallFeatures(2);
    await expectNoLeak(async () => {
      const native = await loadNativeCaptioner(captioner, runnerUnderTest());
      for (const width of [1, 3]) {
        await expectNoLeak(() =>
          beamSearch(new CaptionerDecoder(captioner.config, native, features), {
            width,
            lengthNormalisation: 0.7,
            maxLength: 6,
          }),
        );
      }
      native.dispose();
      expect(() => native.start(features)).toThrow('deleted');
    });
    parameters.dispose();
  });
});
