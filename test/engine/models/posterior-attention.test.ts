import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  posterior,
  posteriorAttention,
  type AttentiveCaptioner,
  type WordSeen,
} from '../../../src/engine/models/posterior-attention.ts';
import { ShowAttendTell } from '../../../src/engine/models/show-attend-tell.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { fillByName, numbers } from '../../support/named-numbers.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';

useTestBackend();

type Numbers = Record<Exclude<keyof WordSeen, 'place'>, number[]>;

/** What PyTorch computed: see scripts/fixtures/make_posterior_vectors.py. */
const FIXTURE = JSON.parse(readFileSync(new URL('fixtures/posterior-vectors.json', import.meta.url), 'utf8')) as {
  caption: number[];
  /** By attention and query: by word. */
  words: Record<string, Numbers[]>;
};
const KINDS = Object.keys(FIXTURE.words).map((name) => name.split(' ') as ['soft' | 'hard', 'state' | 'top-down']);

let owned: Parameters | undefined;
afterEach(() => owned?.dispose());

/** A captioner whose weights follow from their names. */
function named(attention: 'soft' | 'hard', query: 'state' | 'word' | 'top-down'): AttentiveCaptioner {
  const { captioner, parameters } = smallCaptioner(attention, 1, 7, query);
  fillByName(parameters, 3);
  owned = parameters;
  return captioner;
}

const photo = (): tf.Tensor3D => tf.tensor3d(numbers('photo', 30), [1, 6, 5]);

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, digits = 5): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of Array.from(wanted).entries()) expect(found[i]).toBeCloseTo(value, digits);
}

it.each(KINDS)('is what PyTorch finds with the same weights (%s, %s)', async (attention, query) => {
  const features = photo();
  const [found = []] = await posteriorAttention(named(attention, query), features, [FIXTURE.caption]);
  const wanted = FIXTURE.words[`${attention} ${query}`]!;
  expect(found.map(({ place }) => place)).toEqual([0, 1, 2, 3, 4]);
  for (const [i, word] of wanted.entries()) {
    expectClose(found[i]!.prior, word.prior);
    expectClose(found[i]!.logLikelihoods, word.logLikelihoods, 4);
    expectClose(found[i]!.posterior, word.posterior);
  }
});

describe('the posterior', () => {
  it('is the prior where every location says the word alike, and where none can', () => {
    expectClose(posterior([0.2, 0.5, 0.3], [-7, -7, -7]), [0.2, 0.5, 0.3], 6);
    expectClose(posterior([0.2, 0.5, 0.3], [-Infinity, -Infinity, -Infinity]), [0.2, 0.5, 0.3], 6);
  });

  it('is the likelihood, as parts of 1, where the prior is flat, and never where the prior is 0', () => {
    expectClose(posterior([0.25, 0.25, 0.25, 0.25], [1, 2, 2, 5].map(Math.log)), [0.1, 0.2, 0.2, 0.5], 6);
    expectClose(posterior([0, 0.5, 0.5], [0, -1000, -1001]), [0, Math.E / (1 + Math.E), 1 / (1 + Math.E)], 6);
  });
});

describe('of a captioner', () => {
  it('whose words do not depend on where it looks it is α', async () => {
    const { captioner, parameters } = smallCaptioner('soft', 1, 7, 'state');
    owned = parameters;
    for (const [name, weight] of parameters.entries()) {
      // What the LSTM and the output layer read of the context: rows 3 to 8 of the kernel, behind the word.
      if (name === 'output.z.kernel') weight.assign(tf.zerosLike(weight));
      if (name === 'lstm.kernel') {
        const [word, , rest] = tf.split(weight, [3, 6, 7], 0);
        weight.assign(tf.concat([word!, tf.zeros([6, 28]), rest!], 0));
      }
    }
    const [found = []] = await posteriorAttention(captioner, smallFeatures(1), [[3, 4]]);
    for (const { posterior, prior } of found) expectClose(posterior, prior, 6);
    expect(new Set(found[0]!.prior).size).toBe(6);
  });

  it('with hard attention adds up to α over all the words that it might say (the law of total probability)', async () => {
    const captioner = named('hard', 'top-down');
    const sums = new Float64Array(6);
    let prior = new Float32Array();
    // The same words before, and each of the twelve words as the last.
    for (let word = 0; word < 12; word++) {
      const [found = []] = await posteriorAttention(captioner, photo(), [[3, word]], {
        isWanted: (_, place) => place === 1,
      });
      const { logLikelihoods, posterior, prior: own } = found[0]!;
      prior = own as Float32Array<ArrayBuffer>;
      // p(y) of the mixture that hard attention draws from.
      const said = Array.from(own).reduce((sum, weight, i) => sum + weight * Math.exp(logLikelihoods[i]!), 0);
      for (const [i, one] of posterior.entries()) sums[i]! += said * one;
    }
    expectClose(sums, prior);
  });

  it('of the tutorial’s kind takes the step with the vector of the cell for the context, and the state as it was', async () => {
    owned = new Parameters(new Random(3).next);
    const shape = { featureSize: 5, attentionSize: 4, embeddingSize: 3, hiddenSize: 7 };
    const config = { ...shape, grid: [2, 3] as [number, number], vocabularySize: 12, startToken: 0, endToken: 1 };
    const captioner = new ShowAttendTell(config, owned);
    const features = photo();
    const [found = []] = await posteriorAttention(captioner, features, [[3, 4]]);
    const { annotations, keys, ...first } = captioner.start(features);
    const tokens = (token: number): tf.Tensor1D => tf.tensor1d([token], 'int32');
    const before = captioner.step({ ...first, annotations, keys: keys!, tokens: tokens(0) });
    for (let cell = 0; cell < 6; cell++) {
      // Six cells that are all like this one: whatever the weights, it sees nothing else.
      const alike = tf.tile(tf.slice(annotations, [0, cell, 0], [1, 1, 5]), [1, 6, 1]);
      const { h, c } = before;
      const step = captioner.step({ h, c, annotations: alike, keys: keys!, tokens: tokens(3) });
      expect(found[1]!.logLikelihoods[cell]).toBeCloseTo(step.logProbabilities.dataSync()[4]!, 5);
    }
  });

  it('is the same of many captions at once, of which more is looked at than goes into one batch', async () => {
    const captioner = named('soft', 'top-down');
    const captions = Array.from({ length: 30 }, (_, i) => [3 + (i % 9), 4, 5, 6].slice(0, 1 + (i % 4)));
    const features = smallFeatures(30);
    const all = await posteriorAttention(captioner, features, captions);
    expect(all.map(({ length }) => length)).toEqual(captions.map(({ length }) => length + 1));
    for (const i of [0, 13, 29]) {
      const [one = []] = await posteriorAttention(captioner, tf.slice(features, i, 1), [captions[i]!]);
      for (const [place, word] of one.entries()) expectClose(all[i]![place]!.posterior, word.posterior, 4);
    }
  });

  it('leaves no tensors, stops where it is told to, and is refused where there is no attention', async () => {
    const captioner = named('soft', 'top-down');
    const features = photo();
    await expectNoLeak(() => posteriorAttention(captioner, features, [[3, 4]]));
    await expectNoLeak(async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(posteriorAttention(captioner, features, [[3, 4]], { signal })).rejects.toThrow('enough');
    });
    const blind = smallCaptioner('none');
    await expect(posteriorAttention(blind.captioner, features, [[3]])).rejects.toThrow('without attention');
    blind.parameters.dispose();
  });
});
