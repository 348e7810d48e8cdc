import { expect, it } from 'vitest';
import { follow } from '../../../src/captioning/faithfulness/follow.ts';
import { replaceAttention, type Replacement } from '../../../src/captioning/faithfulness/replaced-attention.ts';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';
import { CaptionerDecoder } from '../../../src/engine/models/captioner-decoder.ts';
import * as tf from '@tensorflow/tfjs-core';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';

useTestBackend();

const CAPTIONS = [[3, 4, 5], [6], [7, 8]];

it.each(['state', 'word', 'top-down'] as const)('follows captions as teacher forcing does (%s)', (query) => {
  const { captioner } = smallCaptioner('soft', 1, 7, query);
  const features = smallFeatures(3);
  const batch = packBatch(CAPTIONS, [0, 1, 2], 0, 1);
  const forced = captioner.teacherForced(features, batch);
  const logP = tf.logSoftmax(forced.logits).arraySync();
  const alpha = forced.weights.flatMap((step) => step.arraySync());
  const followed = follow(captioner.decoder(features), CAPTIONS);
  expect(followed.map(({ logProbabilities }) => logProbabilities.length)).toEqual([4, 2, 3]);
  const step = [0, 0, 0];
  for (const [place, row] of batch.row.entries()) {
    const photo = batch.source[row]!;
    const at = step[photo]!++;
    expect(followed[photo]!.logProbabilities[at]).toBeCloseTo(logP[place]![batch.targets[place]!]!, 4);
    for (const [cell, weight] of alpha[place]!.entries()) {
      expect(followed[photo]!.weights[at]![cell]).toBeCloseTo(weight, 5);
    }
  }
});

it.each(['state', 'word', 'top-down'] as const)('replaces the weights and nothing else (%s)', async (query) => {
  const { captioner } = smallCaptioner('soft', 1, 7, query);
  const features = smallFeatures(3);
  const maps = (replacement?: Replacement): number[][] => {
    const steps = replacement ? replaceAttention(captioner, replacement) : captioner;
    return follow(new CaptionerDecoder(captioner.config, steps, features), CAPTIONS).map(({ weights }) => [
      ...weights[0]!,
    ]);
  };
  const own = maps();
  for (const map of maps('uniform')) for (const weight of map) expect(weight).toBeCloseTo(1 / 6, 5);
  for (const [photo, map] of maps('permuted').entries()) {
    const sorted = (weights: number[]): number[] => [...weights].sort((a, b) => a - b);
    for (const [i, weight] of sorted(map).entries()) {
      // What a pair of LSTMs asks at its first word does not depend on what it sees.
      expect(weight).toBeCloseTo(sorted(own[photo]!)[i]!, 5);
    }
    expect(map).not.toEqual(own[photo]);
  }
  const other = maps('other');
  expect(other).not.toEqual(own);
  await expectNoLeak(() => {
    maps('other');
    maps('permuted');
  });
});

it('shows a photo the attention of the next', () => {
  const { captioner } = smallCaptioner('soft', 1, 7, 'state');
  // Two photos with cells in another order have the same mean, so the same query: the weights change places.
  const features = smallFeatures(1);
  const both = tf.concat([features, tf.reverse(features, 1)], 0);
  const first = (steps = captioner as Parameters<typeof replaceAttention>[0]): number[][] =>
    follow(new CaptionerDecoder(captioner.config, steps, both), [[3], [3]]).map(({ weights }) => [...weights[0]!]);
  const own = first();
  const other = first(replaceAttention(captioner, 'other'));
  for (const [i, weight] of own[1]!.entries()) expect(other[0]![i]).toBeCloseTo(weight, 5);
  for (const [i, weight] of own[0]!.entries()) expect(other[1]![i]).toBeCloseTo(weight, 5);
});
