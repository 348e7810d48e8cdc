import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { EnsembleDecoder, mirroredLocations } from '../../../src/engine/decoding/ensemble.ts';
import { greedySearch } from '../../../src/engine/decoding/greedy.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { attentionOf, randomTable, START, ToyDecoder, type Table } from './toy-decoder.ts';

useTestBackend();

const SIZE = 7;
const first = randomTable(SIZE, 1);
const second = randomTable(SIZE, 2);
const mean: Table = (...context) => {
  const a = first(...context);
  const b = second(...context);
  return a.map((value, i) => Math.log((Math.exp(value) + Math.exp(b[i] as number)) / 2));
};
const sources = [3, 5];
const toy = (table: Table, attends = true): ToyDecoder => new ToyDecoder(SIZE, sources, table, attends);

describe('an ensemble of decoders', () => {
  it('gives the mean of the probabilities, not of their logarithms', async () => {
    const options = { width: 3, lengthNormalisation: 0.7, nBest: 3, maxLength: 6 };
    const ensemble = new EnsembleDecoder([{ decoder: toy(first) }, { decoder: toy(second) }]);
    const found = await expectNoLeak(() => beamSearch(ensemble, options));
    const expected = await beamSearch(toy(mean), options);
    found.forEach((hypotheses, source) => {
      expect(hypotheses.map(({ tokens }) => tokens)).toEqual(expected[source]?.map(({ tokens }) => tokens));
      hypotheses.forEach(({ score }, i) => expect(score).toBeCloseTo(expected[source]?.[i]?.score as number, 5));
    });
  });

  it('of one decoder is that decoder', async () => {
    const found = await greedySearch(new EnsembleDecoder([{ decoder: toy(first) }]), { maxLength: 6 });
    const expected = await greedySearch(toy(first), { maxLength: 6 });
    expect(found.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
  });

  it("turns a member's attention to its places before it takes the mean", () => {
    const locations = Int32Array.of(1, 0, 3, 2);
    const ensemble = new EnsembleDecoder([{ decoder: toy(first) }, { decoder: toy(second), locations }]);
    const state = ensemble.start();
    const step = ensemble.step(state, Int32Array.of(START, START));
    const weights = step.weights?.arraySync() as number[][];
    sources.forEach((source, row) => {
      const own = attentionOf([START, START, source]);
      weights[row]?.forEach((weight, i) => {
        expect(weight).toBeCloseTo(((own[i] as number) + (own[locations[i] as number] as number)) / 2, 6);
      });
    });
    tf.dispose([step.logProbabilities, step.weights as tf.Tensor]);
    ensemble.dispose(step.state);
    ensemble.dispose(state);
  });

  it('has no attention where a member has none', async () => {
    const ensemble = new EnsembleDecoder([{ decoder: toy(first) }, { decoder: toy(second, false) }]);
    const [hypothesis] = await expectNoLeak(() => greedySearch(ensemble, { maxLength: 4 }));
    expect(hypothesis?.weights).toEqual([]);
  });

  it('frees what the first members made when a later one fails', async () => {
    const broken = toy(second);
    broken.step = () => {
      throw new Error('broken');
    };
    const ensemble = new EnsembleDecoder([{ decoder: toy(first) }, { decoder: broken }]);
    await expectNoLeak(async () => {
      await expect(greedySearch(ensemble, { maxLength: 4 })).rejects.toThrow('broken');
    });
  });

  it.each([
    ['no members', []],
    ['different vocabularies', [{ decoder: toy(first) }, { decoder: new ToyDecoder(SIZE + 1, sources, first) }]],
    ['different numbers of sources', [{ decoder: toy(first) }, { decoder: new ToyDecoder(SIZE, [1], first) }]],
  ])('refuses %s', (_, members) => {
    expect(() => new EnsembleDecoder(members)).toThrow(RangeError);
  });
});

describe('the places of a mirrored grid', () => {
  it('are those of the rows read from right to left', () => {
    expect([...mirroredLocations(2, 3)]).toEqual([2, 1, 0, 5, 4, 3]);
  });
});
