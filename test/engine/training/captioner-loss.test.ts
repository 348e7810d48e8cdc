import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';
import { Random } from '../../../src/engine/random.ts';
import { captionerLoss, type Reinforce } from '../../../src/engine/training/captioner-loss.ts';
import { describeNative, useTestBackend } from '../../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';

useTestBackend();

const batch = packBatch([[3, 4, 5], [6], [7, 8, 9]], [0, 1, 1], 0, 1);
const locations = 6;

/** What hard attention's loss is made of, with the locations that a seed draws. */
function hardAttention(seed: number) {
  const { captioner } = smallCaptioner('hard');
  const features = smallFeatures(2);
  const training = () => ({ random: new Random(seed), annotationDropout: 0, dropout: 0 });
  const loss = (reinforce?: Reinforce): number => {
    const options = { training: training(), labelSmoothing: 0, penalty: 0, ...(reinforce && { reinforce }) };
    return captionerLoss(captioner, features, batch, options).dataSync()[0]!;
  };
  const forced = captioner.teacherForced(features, batch, training());
  const logP = tf.logSoftmax(forced.logits).arraySync();
  const rows = batch.source.length;
  const reward = Array.from({ length: rows }, (_, row) => {
    const places = [...batch.row.keys()].filter((place) => batch.row[place] === row);
    return places.reduce((sum, place) => sum + logP[place]![batch.targets[place]!]!, 0) / places.length;
  });
  let entropy = 0;
  /** For each row, log p of the locations that were sampled. */
  const chosen = new Array<number>(rows).fill(0);
  for (const [step, alpha] of forced.weights.entries()) {
    const sampled = forced.locations[step]!.arraySync();
    for (const [row, weights] of alpha.arraySync().entries()) {
      expect(weights).toHaveLength(locations);
      for (const [place, weight] of weights.entries()) {
        entropy -= weight * Math.log(weight);
        if (sampled[row]![place] === 1) chosen[row]! += Math.log(weight);
      }
    }
  }
  return { loss, reward, entropy, chosen };
}

describeNative('the loss of hard attention', () => {
  it('rewards the sampled locations by how far the caption is above the baseline, and entropy (eq. 12)', () => {
    const { chosen, entropy, loss, reward } = hardAttention(3);
    expect(chosen.filter((value) => value < 0).length).toBeGreaterThan(1);
    const plain = loss();
    for (const b of [0, -3, 1.5]) {
      const found = loss({ rewardWeight: 0.7, entropyWeight: 0.03, baseline: { value: b } });
      const score = chosen.reduce((sum, logChoice, row) => sum + (reward[row]! - b) * logChoice, 0);
      const expected = plain - (0.7 * score + 0.03 * entropy) / batch.targets.length;
      expect(found).toBeCloseTo(expected, 4);
    }
  });

  it('moves the baseline a tenth of the way to the mean reward', () => {
    const { loss, reward } = hardAttention(4);
    const baseline = { value: -5 };
    loss({ rewardWeight: 1, entropyWeight: 0, baseline });
    expect(baseline.value).toBeCloseTo(0.9 * -5 + (0.1 * reward.reduce((a, b) => a + b)) / reward.length, 4);
  });
});
