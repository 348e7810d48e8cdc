import { describe, expect, test } from 'vitest';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import type { Decoder, DecoderStep } from '../../../src/engine/decoding/decoder.ts';
import { ForeseeingDecoder, type ForeseenStep } from '../../../src/engine/decoding/foresight.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { randomTable, ToyDecoder, type ToyState } from './toy-decoder.ts';

useTestBackend();

const OPTIONS = { width: 3, nBest: 2, lengthNormalisation: 0.7, maxLength: 6 };
const table = randomTable(9, 4);
const toy = (): ToyDecoder => new ToyDecoder(9, [0, 1], table, true, 4);

/** Writes down what a search does with a decoder. */
class Recorder implements Decoder<ToyState> {
  readonly steps: ForeseenStep[] = [];
  readonly #decoder = toy();
  #rows: Int32Array = Int32Array.of(0, 1);
  readonly vocabularySize = this.#decoder.vocabularySize;
  readonly startToken = this.#decoder.startToken;
  readonly endToken = this.#decoder.endToken;
  readonly sources = this.#decoder.sources;

  start(): ToyState {
    return this.#decoder.start();
  }

  step(state: ToyState, tokens: Int32Array): DecoderStep<ToyState> {
    const step = this.#decoder.step(state, tokens);
    const { likeliest, logProbabilities, weights } = step;
    this.steps.push({
      rows: this.#rows,
      tokens,
      likeliest: {
        tokens: likeliest!.tokens.dataSync<'int32'>().slice(),
        logProbabilities: likeliest!.logProbabilities.dataSync<'float32'>().slice(),
        count: likeliest!.tokens.shape[1],
      },
      logProbabilities: logProbabilities.dataSync<'float32'>().slice(),
      weights: weights!.dataSync<'float32'>().slice(),
    });
    this.#rows = tokens.map((_, row) => row);
    return step;
  }

  reorder(state: ToyState, rows: Int32Array): ToyState {
    this.#rows = rows;
    return this.#decoder.reorder(state, rows);
  }

  dispose(state: ToyState): void {
    this.#decoder.dispose(state);
  }
}

async function recorded(): Promise<ForeseenStep[]> {
  const recorder = new Recorder();
  await beamSearch(recorder, OPTIONS);
  return recorder.steps;
}

describe('a search that was foreseen', () => {
  test('takes no step of its own, and finds the same', async () => {
    const steps = await recorded();
    const behind = toy();
    await expectNoLeak(async () => {
      const found = await beamSearch(new ForeseeingDecoder(behind, () => steps), OPTIONS, { keepDistributions: true });
      expect(found).toEqual(await beamSearch(toy(), OPTIONS, { keepDistributions: true }));
    });
    expect(behind.batches).toEqual([]);
  });

  test('computes all probabilities only for who asks', async () => {
    const steps = (await recorded()).map((step) => ({ ...step, logProbabilities: null }));
    const behind = toy();
    await expectNoLeak(async () => {
      const found = await beamSearch(new ForeseeingDecoder(behind, () => steps), OPTIONS, { keepDistributions: true });
      expect(found).toEqual(await beamSearch(toy(), OPTIONS, { keepDistributions: true }));
    });
    expect(behind.batches.length).toBeGreaterThan(steps.length);
  });

  const wrong: [string, (steps: ForeseenStep[]) => ForeseenStep[]][] = [
    ['nothing', () => []],
    ['too little', (steps) => steps.slice(0, 2)],
    ['too much', (steps) => [...steps, ...steps]],
    ['another word', (steps) => steps.with(2, { ...steps[2]!, tokens: steps[2]!.tokens.map((token) => token + 1) })],
    ['another row', (steps) => steps.with(2, { ...steps[2]!, rows: steps[2]!.rows.map(() => 0) })],
  ];
  test.each(wrong)('is only believed as long as it is right (%s)', async (_, spoil) => {
    const steps = spoil(await recorded());
    await expectNoLeak(async () => {
      const found = await beamSearch(new ForeseeingDecoder(toy(), () => steps), OPTIONS, { keepDistributions: true });
      expect(found).toEqual(await beamSearch(toy(), OPTIONS, { keepDistributions: true }));
    });
  });

  test('is not looked for where a search has a beginning', async () => {
    let asked = 0;
    await expectNoLeak(async () => {
      const decoder = new ForeseeingDecoder(toy(), () => ((asked += 1), []));
      const found = await beamSearch(decoder, { ...OPTIONS, prefix: [4] });
      expect(found).toEqual(await beamSearch(toy(), { ...OPTIONS, prefix: [4] }));
      await beamSearch(decoder, OPTIONS);
    });
    expect(asked).toBe(1);
  });
});
