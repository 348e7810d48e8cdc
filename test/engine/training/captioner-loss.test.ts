import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';
import { Random } from '../../../src/engine/random.ts';
import {
  captionerLoss,
  lookLoss,
  type LookTargets,
  type Reinforce,
} from '../../../src/engine/training/captioner-loss.ts';
import { describeNative, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';
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

describeNative('the loss of words that have a place to look at', () => {
  let maps: tf.Tensor2D;
  /** The first word of the first row, and the second one of another. */
  let look: LookTargets;
  beforeAll(() => {
    maps = tf.softmax(tf.tensor2d([1, 2, 0, -1, 0.5, 0, 0, 0, 3, 0, 0, 1], [2, 6]));
    look = { places: Int32Array.of(0, 4), maps };
  });

  it('is the mean of KL(target ‖ α), added by its weight', () => {
    const { captioner } = smallCaptioner('soft');
    const features = smallFeatures(2);
    const training = { random: new Random(1), annotationDropout: 0, dropout: 0 };
    const { weights } = captioner.teacherForced(features, batch, training);
    const alpha = weights.flatMap((step) => step.arraySync());
    const targets = maps.arraySync();
    const divergence = (target: number[], weight: number[]): number =>
      target.reduce((sum, t, i) => sum + t * Math.log(t / weight[i]!), 0);
    const expected = (divergence(targets[0]!, alpha[0]!) + divergence(targets[1]!, alpha[4]!)) / 2;
    expect(expected).toBeGreaterThan(0.1);
    expect(lookLoss(weights, look).dataSync()[0]).toBeCloseTo(expected, 4);

    const options = { training, labelSmoothing: 0, penalty: 0 };
    const [without, withLook] = [{}, { look: { ...look, weight: 0.5 } }].map(
      (more) => captionerLoss(captioner, features, batch, { ...options, ...more }).dataSync()[0]!,
    );
    expect(withLook! - without!).toBeCloseTo(0.5 * expected, 4);
  });

  it('is 0 where the words look where they should', () => {
    const { captioner } = smallCaptioner('soft');
    const training = { random: new Random(1), annotationDropout: 0, dropout: 0 };
    const { weights } = captioner.teacherForced(smallFeatures(2), batch, training);
    const own = tf.gather(tf.concat(weights, 0), tf.tensor1d([2, 5], 'int32'));
    expect(lookLoss(weights, { places: Int32Array.of(2, 5), maps: own }).dataSync()[0]).toBeCloseTo(0, 5);
  });

  it.each(['state', 'word', 'top-down'] as const)(
    'has the gradient that finite differences find (%s)',
    (query) => {
      const { captioner, parameters } = smallCaptioner('soft', 1, 2, query);
      // All annotations above 0: a finite difference across the kink of the ReLU would tell nothing.
      const bias = parameters.entries().find(([name]) => name === 'annotations.bias')?.[1];
      bias?.assign(tf.fill([6], 2));
      const features = smallFeatures(2);
      const training = { random: new Random(1), annotationDropout: 0, dropout: 0 };
      const options = { training, labelSmoothing: 0, penalty: 0, look: { ...look, weight: 0.5 } };
      expectGradients(parameters.entries(), () => captionerLoss(captioner, features, batch, options), 3e-4, 40);
    },
    60_000,
  );
});
