import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { AdamW } from '../../../src/engine/training/adam-w.ts';
import { captionerLoss } from '../../../src/engine/training/captioner-loss.ts';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';
import { Random } from '../../../src/engine/random.ts';
import { describeNative, expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';
import { expectEqual } from '../../support/tensors.ts';

useTestBackend();

const CAPTIONS = [[3, 4, 5], [6], [7, 8, 9, 10], []];
const PHOTO = [0, 1, 1, 0];
const noDropout = { random: new Random(1), annotationDropout: 0, dropout: 0 };
const plain = { training: noDropout, labelSmoothing: 0.1, penalty: 0.3 };

/** Attention and query. */
const kinds = [
  ['soft', 'state'],
  ['soft', 'word'],
  ['soft', 'top-down'],
  ['hard', 'state'],
  ['hard', 'top-down'],
  ['none', 'state'],
] as const;

describe('Captioner', () => {
  it.each(kinds)('says the same word by word as under teacher forcing (%s, %s)', (attention, query) => {
    const { captioner } = smallCaptioner(attention, 1, 7, query);
    const features = smallFeatures(2);
    const batch = packBatch(CAPTIONS, PHOTO, 0, 1);
    const forced = tf.logSoftmax(captioner.teacherForced(features, batch).logits).arraySync();

    const decoder = captioner.decoder(features);
    const begin = decoder.start();
    let state = decoder.reorder(begin, batch.source);
    let offset = 0;
    for (const rows of batch.active) {
      state = decoder.reorder(
        state,
        Int32Array.from({ length: rows }, (_, row) => row),
      );
      const step = decoder.step(state, batch.inputs.slice(offset, offset + rows));
      for (const [row, expected] of step.logProbabilities.arraySync().entries()) {
        for (const [word, value] of expected.entries()) expect(forced[offset + row]?.[word]).toBeCloseTo(value, 4);
      }
      state = step.state;
      offset += rows;
    }
    expect(offset).toBe(batch.targets.length);
  });

  it('looks at every location with weights that sum to 1', () => {
    const { captioner } = smallCaptioner('soft');
    const decoder = captioner.decoder(smallFeatures(3));
    const { weights } = decoder.step(decoder.start(), Int32Array.of(0, 0, 0));
    expect(weights?.shape).toEqual([3, 6]);
    for (const row of weights?.arraySync() ?? []) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it('refuses a query where there is no attention', () => {
    expect(() => smallCaptioner('none', 1, 7, 'word')).toThrow('Without attention there is no query');
  });

  it('has no weights without attention', () => {
    const decoder = smallCaptioner('none').captioner.decoder(smallFeatures(1));
    expect(decoder.step(decoder.start(), Int32Array.of(0)).weights).toBeNull();
  });

  it('sees the same scene wherever its cells stand, but for the map', () => {
    // Attention has no positions: permuting the grid must permute the weights and change nothing else.
    const { captioner } = smallCaptioner('soft');
    const features = smallFeatures(1);
    const turned = tf.reverse(features, 1);
    const read = (grid: tf.Tensor3D): { logP: number[]; weights: number[] } => {
      const decoder = captioner.decoder(grid);
      const step = decoder.step(decoder.start(), Int32Array.of(0));
      return { logP: [...step.logProbabilities.dataSync()], weights: [...(step.weights?.dataSync() ?? [])] };
    };
    const [one, other] = [read(features), read(turned)];
    for (const [i, value] of one.logP.entries()) expect(other.logP[i]).toBeCloseTo(value, 5);
    for (const [i, value] of one.weights.entries()) expect(other.weights[5 - i]).toBeCloseTo(value, 5);
  });

  it('sees the same with hard attention as with soft where all locations are alike', () => {
    const alike = tf.tile<tf.Tensor3D>(tf.slice(smallFeatures(2), [0, 0, 0], [-1, 1, -1]), [1, 6, 1]);
    const said = (['hard', 'soft'] as const).map((attention) => {
      const decoder = smallCaptioner(attention).captioner.decoder(alike);
      return [...decoder.step(decoder.start(), Int32Array.of(0, 0)).logProbabilities.dataSync()];
    }) as [number[], number[]];
    for (const [i, value] of said[0].entries()) expect(value).toBeCloseTo(said[1][i] as number, 5);
  });

  it('leaves no tensors behind after a beam search', async () => {
    const { captioner } = smallCaptioner('soft');
    const features = smallFeatures(2);
    await expectNoLeak(() =>
      beamSearch(captioner.decoder(features), { width: 3, lengthNormalisation: 0.7, maxLength: 6 }),
    );
  });
});

describeNative('Captioner in training', () => {
  it.each(kinds.filter(([attention]) => attention !== 'hard'))(
    'has the gradients that finite differences find (%s, %s)',
    (attention, query) => {
      const { captioner, parameters } = smallCaptioner(attention, 1, 2, query);
      // All annotations above 0: a finite difference across the kink of the ReLU would tell nothing.
      const bias = parameters.entries().find(([name]) => name === 'annotations.bias')?.[1];
      bias?.assign(tf.fill([6], 2));
      const features = smallFeatures(2);
      const batch = packBatch(CAPTIONS, PHOTO, 0, 1);
      expectGradients(parameters.entries(), () => captionerLoss(captioner, features, batch, plain), 3e-4, 40);
    },
    120_000,
  );

  // Those whose gradients differences do not tell, and the one with most to learn.
  it.each(kinds.filter(([attention, query]) => attention === 'hard' || query === 'top-down'))(
    'learns captions by heart and says them again (%s, %s)',
    async (attention, query) => {
      const { captioner, parameters } = smallCaptioner(attention, 3, 7, query);
      const features = smallFeatures(3);
      const captions = [
        [3, 4, 5, 6],
        [7, 8, 3],
        [9, 10, 11, 3, 4],
      ];
      const batch = packBatch(captions, [0, 1, 2], 0, 1);
      const optimiser = new AdamW(parameters.entries());
      const training = { random: new Random(4), annotationDropout: 0, dropout: 0 };
      const reinforce =
        attention === 'hard' ? { reinforce: { rewardWeight: 0.2, entropyWeight: 0.002, baseline: { value: 0 } } } : {};
      for (let step = 0; step < 120; step++) {
        const { value, grads } = tf.variableGrads(
          () => captionerLoss(captioner, features, batch, { training, labelSmoothing: 0, penalty: 0.01, ...reinforce }),
          optimiser.variables,
        );
        optimiser.apply(grads, 0.03, 5);
        tf.dispose([value, grads]);
      }
      const found = await beamSearch(captioner.decoder(features), { width: 2, lengthNormalisation: 0.7, maxLength: 8 });
      expect(found.map(([best]) => best?.tokens)).toEqual(captions);
    },
    180_000,
  );

  it.each(kinds.filter(([attention]) => attention !== 'hard'))(
    'has the loss and gradients of the step by step way in the faster one (%s, %s)',
    (attention, query) => {
      const { captioner, parameters } = smallCaptioner(attention, 2, 5, query);
      const features = smallFeatures(4);
      // The last photo has no caption, the second three, one of them twice.
      const batch = packBatch([[3, 4, 5], [6], [7, 8, 3, 4], [6], []], [0, 1, 1, 1, 2], 0, 1);
      const variables = parameters.entries().map(([, variable]) => variable);
      const run = (stepByStep: boolean): Record<string, tf.Tensor> => {
        // The same seed: both ways draw the same dropout.
        const training = { random: new Random(4), annotationDropout: 0.3, dropout: 0.5, meanDropout: 0.5, stepByStep };
        const { value, grads } = tf.variableGrads(
          () => captionerLoss(captioner, features, batch, { training, labelSmoothing: 0.1, penalty: 0.5 }),
          variables,
        );
        const named = parameters.entries().map(([name, variable]) => [name, grads[variable.name] as tf.Tensor]);
        return { loss: value, ...(Object.fromEntries(named) as Record<string, tf.Tensor>) };
      };
      expectEqual(run(false), run(true));
    },
  );

  it.each(['state', 'top-down'] as const)(
    'hears nothing of the mean annotation where that is dropped out, and all of it otherwise (%s)',
    (query) => {
      const { captioner } = smallCaptioner('soft', 1, 7, query);
      const features = smallFeatures(1);
      const batch = packBatch([[3]], [0], 0, 1);
      const first = (meanDropout: number, seed: number): number[] => {
        const training = { random: new Random(seed), annotationDropout: 0, dropout: 0, meanDropout };
        return [...tf.slice(captioner.teacherForced(features, batch, training).logits, 0, 1).dataSync()];
      };
      const seeds = Array.from({ length: 40 }, (_, seed) => seed);
      const whole = first(0, 1);
      const half = seeds.map((seed) => first(0.5, seed).every((value, i) => Math.abs(value - whole[i]!) < 1e-6));
      const kept = half.filter(Boolean).length;
      expect(kept).toBeGreaterThan(8);
      expect(kept).toBeLessThan(32);
    },
  );

  it('leaves no tensors behind after a training step', async () => {
    const { captioner, parameters } = smallCaptioner('soft');
    const features = smallFeatures(2);
    const batch = packBatch(CAPTIONS, PHOTO, 0, 1);
    const optimiser = new AdamW(parameters.entries());
    const training = { random: new Random(1), annotationDropout: 0.3, dropout: 0.5 };
    await expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(
        () => captionerLoss(captioner, features, batch, { training, labelSmoothing: 0.1, penalty: 0.1 }),
        optimiser.variables,
      );
      optimiser.apply(grads, 0.01, 5);
      tf.dispose([value, grads]);
    });
  });
});
