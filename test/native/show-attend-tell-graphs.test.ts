import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import { captionerDecoder } from '../../src/engine/models/captioner-decoder.ts';
import { ShowAttendTell } from '../../src/engine/models/show-attend-tell.ts';
import { parseSafetensors } from '../../src/engine/published/safetensors.ts';
import {
  showAttendTellConfig,
  showAttendTellEncoder,
  showAttendTellWeights,
} from '../../src/engine/published/show-attend-tell.ts';
import { loadNativeCaptioner } from '../../src/native/captioner-graphs.ts';
import { loadTracedEncoder } from '../../src/native/traced-encoder.ts';
import { difference, fixture, withWeights } from '../engine/published/published-vectors.ts';
import { describeGraphs, expectNoLeak, runnerUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

const { bytes, json } = fixture('show-attend-tell');

describeGraphs("the tutorial's captioner as whole graphs", () => {
  test('sees and says what single operations do, with the same maps', async () => {
    const parts = showAttendTellConfig(json('config.json'), Object.keys(json('vocab.json') as object));
    const weights = showAttendTellWeights(parseSafetensors(bytes('model.safetensors')), parts);
    const {
      model: { captioner, encoder },
      parameters,
    } = withWeights(weights, (own) => ({
      captioner: new ShowAttendTell(parts.captioner, own),
      encoder: showAttendTellEncoder(parts, own, weights),
    }));
    const { pixels } = json('vectors.json') as { pixels: number[] };
    const one = tf.tensor4d(pixels, [1, 64, 64, 3]);
    const two = tf.tidy(() => tf.concat([one, tf.reverse(tf.sub(255, one), 1)], 0)) as tf.Tensor4D;
    await expectNoLeak(async () => {
      const native = await loadNativeCaptioner(captioner, runnerUnderTest());
      const whole = await loadTracedEncoder(encoder, runnerUnderTest());
      for (const photos of [one, two]) {
        const [grid, own] = [whole.encode(photos), encoder.encode(photos)];
        expect(grid.shape).toEqual(own.shape);
        expect(difference(grid.arraySync(), own.arraySync())).toBeLessThan(1e-4);
        const options = { width: 3, nBest: 2, lengthNormalisation: 0.7, maxLength: 8 };
        const [found, expected] = [
          await beamSearch(captionerDecoder(parts.captioner, native, grid), options),
          await beamSearch(captionerDecoder(parts.captioner, captioner, own), options),
        ];
        const tokens = (all: typeof found): number[][] => all.flat().map((caption) => [...caption.tokens]);
        expect(tokens(found)).toEqual(tokens(expected));
        const maps = (all: typeof found): number[] =>
          all
            .flat()
            .flatMap(({ logProbabilities, weights }) => [...logProbabilities, ...weights.flatMap((row) => [...row])]);
        expect(difference(maps(found), maps(expected))).toBeLessThan(1e-4);
        tf.dispose([grid, own]);
      }
      native.dispose();
      whole.dispose();
    });
    tf.dispose([one, two]);
    parameters.dispose();
  });
});
