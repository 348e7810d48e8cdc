import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { greedySearch } from '../../../src/engine/decoding/greedy.ts';
import type { Constraints, Hypothesis } from '../../../src/engine/decoding/hypothesis.ts';
import { sampleSearch } from '../../../src/engine/decoding/sample.ts';
import { Random } from '../../../src/engine/random.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { allSequences, attentionOf, END, randomTable, START, ToyDecoder, type Sequence } from './toy-decoder.ts';

useTestBackend();

const VOCABULARY = 5;
const MAX_LENGTH = 4;
// More than there are prefixes of any length, so nothing is ever pruned.
const WHOLE_SPACE = 10_000;

type Allows = (tokens: readonly number[]) => boolean;

const constraintSets: [string, Constraints, Allows][] = (
  [
    ['the start token forbidden', { forbidden: [START] }, (t) => t.length >= 1 && !t.includes(START)],
    ['the empty sentence allowed', { minLength: 0 }, () => true],
    ['a shortest length', { minLength: 3 }, (t) => t.length >= 3],
    ['no repeated token', { noRepeat: 1 }, (t) => t.length >= 1 && new Set(t).size === t.length],
    ['no repeated pair', { noRepeat: 2 }, (t) => t.length >= 1 && distinctPairs(t)],
    ['a forced beginning', { prefix: [3, 3] }, (t) => t[0] === 3 && t[1] === 3],
    [
      'a forced beginning of forbidden tokens',
      { prefix: [2], forbidden: [0, 2] },
      (t) => t[0] === 2 && !t.slice(1).some((token) => token === 0 || token === 2),
    ],
    ['words that cannot stand last', { neverLast: [2, 4] }, (t) => t.length >= 1 && t.at(-1) !== 2 && t.at(-1) !== 4],
    [
      'words that may be said again, and all others once',
      { repeatable: [0, 3] },
      (t) => t.length >= 1 && t.every((token, i) => token === 0 || token === 3 || t.indexOf(token) === i),
    ],
    [
      'all at once',
      { forbidden: [0], minLength: 2, noRepeat: 2, prefix: [3], neverLast: [4], repeatable: [2, 3] },
      (t) =>
        t.length >= 2 &&
        !t.includes(0) &&
        distinctPairs(t) &&
        t[0] === 3 &&
        t.at(-1) !== 4 &&
        t.every((token, i) => token === 2 || token === 3 || t.indexOf(token) === i),
    ],
  ] satisfies [string, Partial<Constraints>, Allows][]
).map(([name, constraints, allows]) => [name, { maxLength: MAX_LENGTH, ...constraints }, allows]);

function distinctPairs(tokens: readonly number[]): boolean {
  const pairs = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
  return new Set(pairs).size === pairs.length;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const scoreOf = (s: Sequence, alpha: number): number => sum(s.logProbabilities) / s.logProbabilities.length ** alpha;

function exhaustive(seed: number, source: number, alpha: number, allows: Allows): Sequence[] {
  return allSequences(VOCABULARY, randomTable(VOCABULARY, seed), source, MAX_LENGTH, allows).sort(
    (a, b) => scoreOf(b, alpha) - scoreOf(a, alpha),
  );
}

const toy = (seed: number, sources: number[] = [0], attends = true): ToyDecoder =>
  new ToyDecoder(VOCABULARY, sources, randomTable(VOCABULARY, seed), attends);

const plain = ({ tokens, logProbabilities, weights, logProbability, finished }: Hypothesis): object => ({
  tokens,
  logProbabilities,
  weights,
  logProbability,
  finished,
});

describe('a beam as wide as the space', () => {
  describe.each(constraintSets)('with %s', (_, constraints, allows) => {
    it.each([0, 0.7, 1, 2])('equals exhaustive search with length normalisation %f', async (lengthNormalisation) => {
      for (const seed of [1, 2]) {
        const expected = exhaustive(seed, 0, lengthNormalisation, allows).slice(0, 4);
        const options = { ...constraints, width: WHOLE_SPACE, lengthNormalisation, nBest: 4 };
        const [found] = await beamSearch(toy(seed), options);
        expect(found?.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
        found?.forEach((hypothesis, i) => {
          expect(hypothesis.finished).toBe(true);
          expect(hypothesis.logProbabilities).toEqual(expected[i]?.logProbabilities);
          expect(hypothesis.score).toBeCloseTo(scoreOf(expected[i] as Sequence, lengthNormalisation), 10);
        });
      }
    });
  });
});

describe('a beam of 1', () => {
  it.each(constraintSets)('equals greedy search with %s', async (_, constraints) => {
    const sources = [0, 1, 2, 3, 4, 5];
    for (const lengthNormalisation of [0, 1]) {
      const greedy = await greedySearch(toy(3, sources), constraints);
      const beam = await beamSearch(toy(3, sources), { ...constraints, width: 1, lengthNormalisation });
      expect(beam.map((nBest) => nBest.map(plain))).toEqual(greedy.map((hypothesis) => [plain(hypothesis)]));
    }
  });
});

describe('a decoder that says which tokens are likeliest', () => {
  const sources = [0, 1, 2, 3, 4, 5];
  const listing = (listed: number, table = randomTable(VOCABULARY, 3)): ToyDecoder =>
    new ToyDecoder(VOCABULARY, sources, table, true, listed);

  describe.each([1, 2, 4, VOCABULARY])('%i of them', (listed) => {
    it.each(constraintSets)('changes no search, with %s', async (_, constraints) => {
      await expectNoLeak(async () => {
        expect(await greedySearch(listing(listed), constraints)).toEqual(
          await greedySearch(toy(3, sources), constraints),
        );
        for (const width of [1, 2, 3, 7]) {
          const options = { ...constraints, width, lengthNormalisation: 0.7, nBest: 3 };
          expect(await beamSearch(listing(listed), options)).toEqual(await beamSearch(toy(3, sources), options));
        }
        const drawn = [listing(listed), toy(3, sources)].map((decoder) =>
          sampleSearch(decoder, { ...constraints, random: new Random(5).next }),
        );
        expect(await drawn[0]).toEqual(await drawn[1]);
      });
    });
  });

  it('changes nothing where tokens are equally likely', async () => {
    const even = (): number[] => [-9, -2, -1, -1, -1];
    for (const width of [1, 2, 3]) {
      const options = { maxLength: 3, width, lengthNormalisation: 1, nBest: 2 };
      const [own, other] = [listing(2, even), new ToyDecoder(VOCABULARY, sources, even)];
      expect(await beamSearch(own, options)).toEqual(await beamSearch(other, options));
    }
  });

  it('is believed: the other tokens are not read where they cannot matter', async () => {
    const decoder = listing(3);
    const step = decoder.step.bind(decoder);
    // Read by anybody, these numbers would make the first token the likeliest.
    decoder.step = (state, tokens) => {
      const { logProbabilities, ...rest } = step(state, tokens);
      const wrong = tf.tidy(() =>
        tf.sub<tf.Tensor2D>(0, tf.abs(tf.mul<tf.Tensor2D>(logProbabilities, [0, 1, 1, 1, 1]))),
      );
      logProbabilities.dispose();
      return { ...rest, logProbabilities: wrong };
    };
    const options = { maxLength: MAX_LENGTH, minLength: 0, width: 3, lengthNormalisation: 1 };
    expect(await beamSearch(decoder, options)).toEqual(await beamSearch(toy(3, sources), options));
  });

  it('is refused where its probabilities are not numbers', async () => {
    const decoder = new ToyDecoder(VOCABULARY, [0], () => new Array<number>(VOCABULARY).fill(NaN), true, 2);
    await expectNoLeak(() => expect(greedySearch(decoder, { maxLength: 2 })).rejects.toThrow('NaN'));
  });
});

describe('greedy search', () => {
  it('takes the likeliest token at every step, worked by hand', async () => {
    const table = (_: number, beforeLast: number, last: number): number[] => {
      if (last === START) return [-9, -9, -0.1, -3, -4];
      if (last === 2 && beforeLast === START) return [-9, -5, -2, -0.5, -4];
      return [-9, -0.25, -2, -3, -4];
    };
    const [hypothesis] = await greedySearch(new ToyDecoder(VOCABULARY, [0], table), { maxLength: 9 });
    const row = [-0.1, -0.5, -0.25].map(Math.fround);
    expect(hypothesis).toEqual({
      tokens: [2, 3],
      logProbabilities: row,
      weights: [
        [START, START, 0],
        [START, 2, 0],
        [2, 3, 0],
      ].map((context) => Float32Array.from(attentionOf(context))),
      logProbability: sum(row),
      score: sum(row),
      finished: true,
    });
  });

  it('says when the length limit cut a hypothesis off', async () => {
    const forever = new ToyDecoder(VOCABULARY, [0], () => [-9, -3, -1, -2, -4]);
    const [hypothesis] = await greedySearch(forever, { maxLength: 3 });
    expect(hypothesis).toMatchObject({ tokens: [2, 2, 2], logProbabilities: [-1, -1, -1], finished: false });
    expect(hypothesis?.weights).toHaveLength(3);
  });

  it('finishes a hypothesis that ends exactly at the length limit', async () => {
    const twice = new ToyDecoder(VOCABULARY, [0], (_, beforeLast) =>
      beforeLast === 2 ? [-9, -1, -2, -3, -4] : [-9, -8, -1, -3, -4],
    );
    const [hypothesis] = await greedySearch(twice, { maxLength: 2 });
    expect(hypothesis).toMatchObject({ tokens: [2, 2], logProbabilities: [-1, -1, -1], finished: true });
  });

  it('does not stand still with a word that cannot stand last at the length limit', async () => {
    const decoder = new ToyDecoder(VOCABULARY, [0], () => [-9, -3, -1, -2, -4]);
    const [hypothesis] = await greedySearch(decoder, { maxLength: 3, neverLast: [2] });
    expect(hypothesis?.tokens).toEqual([2, 2, 3]);
  });

  it('stops a hypothesis that has no allowed continuation', async () => {
    const [hypothesis] = await greedySearch(toy(1), { maxLength: 9, minLength: 9, noRepeat: 1, forbidden: [START, 4] });
    expect(hypothesis).toMatchObject({ finished: false });
    expect(hypothesis?.tokens.toSorted()).toEqual([2, 3]);
  });
});

describe('beam search', () => {
  const sources = [5, 0, 3, 1];
  const options = { maxLength: MAX_LENGTH, forbidden: [START], width: 3, lengthNormalisation: 0.7, nBest: 3 };

  it('gives several sources the same answer together as one by one', async () => {
    const together = await beamSearch(toy(4, sources), options);
    for (const [i, source] of sources.entries()) {
      expect(together[i]).toEqual((await beamSearch(toy(4, [source]), options))[0]);
    }
  });

  it('aligns probabilities and weights with the tokens of each hypothesis', async () => {
    const table = randomTable(VOCABULARY, 4);
    const found = await beamSearch(toy(4, sources), options);
    found.forEach((nBest, i) => {
      expect(nBest).toHaveLength(3);
      for (const { tokens, logProbabilities, weights, logProbability } of nBest) {
        const emitted = [...tokens, END];
        const contexts = emitted.map((_, t) => [START, START, ...tokens].slice(t, t + 2) as [number, number]);
        const source = sources[i] as number;
        expect(logProbabilities).toEqual(
          emitted.map((token, t) => table(source, ...(contexts[t] as [number, number]))[token]),
        );
        expect(weights.map((row) => [...row])).toEqual(contexts.map((context) => attentionOf([...context, source])));
        expect(logProbability).toBe(sum(logProbabilities));
      }
    });
  });

  it('takes finished sources out of the batch and stops when no beam can still win', async () => {
    // Source 0 ends at once with near certainty, source 1 goes on to the limit.
    const decoder = new ToyDecoder(VOCABULARY, [0, 1], (source) =>
      source === 0 ? [-9, -0.01, -6, -7, -8] : [-9, -8, -1, -2, -3],
    );
    const [first] = await beamSearch(decoder, { maxLength: 5, minLength: 0, width: 2, lengthNormalisation: 0 });
    expect(first).toMatchObject([{ tokens: [], finished: true }]);
    expect(decoder.batches).toEqual([2, 2, 2, 2, 2, 2]);

    const alone = new ToyDecoder(VOCABULARY, [0], () => [-9, -0.01, -6, -7, -8]);
    await beamSearch(alone, { maxLength: 5, minLength: 0, width: 2, lengthNormalisation: 0 });
    expect(alone.batches).toEqual([1]);
  });

  it('goes on while a longer hypothesis can still win by its length', async () => {
    // Ending at once costs 1; four sure tokens cost 2 in all, which is less a token.
    const table = (_: number, beforeLast: number, last: number): number[] =>
      last === START ? [-99, -1, -2, -99, -99] : beforeLast === 4 ? [-99, 0, -99, -99, -99] : [-99, -99, -99, -99, 0];
    const find = async (lengthNormalisation: number): Promise<number[] | undefined> =>
      (
        await beamSearch(new ToyDecoder(VOCABULARY, [0], table), {
          maxLength: 6,
          minLength: 0,
          width: 2,
          lengthNormalisation,
        })
      )[0]?.[0]?.tokens;
    expect(await find(0)).toEqual([]);
    expect(await find(1)).toEqual([2, 4, 4]);
  });

  it('counts the end token in how long a hypothesis can become before it gives a beam up', async () => {
    // Ending at once costs 1.2. Two tokens and the end cost 3.04: 1.01 each, but 1.5 for the first by two alone.
    const table = (_: number, beforeLast: number, last: number): number[] =>
      last === START
        ? [-99, -1.2, -3, -99, -99]
        : beforeLast === 2
          ? [-99, -0.02, -99, -99, -99]
          : [-99, -99, -99, -0.02, -99];
    const options = { maxLength: 2, minLength: 0, width: 2, lengthNormalisation: 1 };
    const [found] = await beamSearch(new ToyDecoder(VOCABULARY, [0], table), options);
    expect(found?.[0]?.tokens).toEqual([2, 3]);
  });

  it('puts hypotheses that were cut off behind finished ones', async () => {
    const decoder = new ToyDecoder(VOCABULARY, [0], (_, _beforeLast, last) =>
      last === 3 ? [-99, -0.1, -99, -99, -99] : [-99, -99, -1, -5, -99],
    );
    const [found] = await beamSearch(decoder, { maxLength: 2, width: 3, lengthNormalisation: 0, nBest: 9 });
    expect(found?.map(({ tokens, finished }) => ({ tokens, finished }))).toEqual([
      { tokens: [3], finished: true },
      { tokens: [2, 3], finished: true },
      { tokens: [2, 2], finished: false },
    ]);
  });

  it('ends what is longest on request, whatever the model says of it', async () => {
    // The end is as good as impossible, so nothing ends by itself.
    const endless = new ToyDecoder(VOCABULARY, [0], () => [-9, -40, -0.5, -1, -5], false);
    const options = { maxLength: 3, forbidden: [START], width: 2, lengthNormalisation: 0 };
    const [cut] = await beamSearch(endless, options);
    const [ended] = await beamSearch(endless, { ...options, forceEnd: true });
    expect(cut![0]).toMatchObject({ tokens: [2, 2, 2], finished: false });
    expect(ended![0]).toMatchObject({ tokens: [2, 2, 2], finished: true });
    expect(ended![0]!.logProbability).toBeCloseTo(-1.5, 5);
  });

  it('gives fewer hypotheses where fewer exist', async () => {
    const [found] = await beamSearch(toy(1), {
      maxLength: 1,
      forbidden: [START],
      width: 50,
      lengthNormalisation: 1,
      nBest: 50,
    });
    expect(
      found
        ?.filter(({ finished }) => finished)
        .map(({ tokens }) => tokens[0])
        .toSorted(),
    ).toEqual([2, 3, 4]);
  });

  it('returns no weights where the model has no attention', async () => {
    const [found] = await beamSearch(toy(1, [0], false), options);
    expect(found?.every(({ weights }) => weights.length === 0)).toBe(true);
  });

  it('finds nothing for no sources', async () => {
    expect(await beamSearch(toy(1, []), options)).toEqual([]);
  });
});

describe('sampling', () => {
  const constraints = { maxLength: 3, forbidden: [START] };
  const sampleFirsts = async (
    options: { temperature?: number; topP?: number },
    logits: number[],
  ): Promise<number[]> => {
    const decoder = new ToyDecoder(VOCABULARY, [0], () => logits);
    const samples = (
      await sampleSearch(decoder, { maxLength: 1, ...options, random: new Random(11).next, samplesPerSource: 4000 })
    )[0];
    const counts = new Array<number>(VOCABULARY).fill(0);
    for (const { tokens } of samples ?? []) counts[tokens[0] as number]! += 1 / 4000;
    return counts;
  };
  const p = [0.1, 0.2, 0.4, 0.25, 0.05];
  // The end token (1) is impossible at the first place.
  it.each([
    ['the model’s own probabilities', {}, [0.125, 0, 0.5, 0.3125, 0.0625]],
    [
      'squared probabilities at temperature 0.5',
      { temperature: 0.5 },
      [0.01, 0, 0.16, 0.0625, 0.0025].map((x) => x / 0.235),
    ],
    ['the nucleus alone at top-p 0.7', { topP: 0.7 }, [0, 0, 8 / 13, 5 / 13, 0]],
    ['the likeliest token alone at a tiny top-p', { topP: 1e-6 }, [0, 0, 1, 0, 0]],
    ['the likeliest token alone at a low temperature', { temperature: 0.01 }, [0, 0, 1, 0, 0]],
  ])('draws with %s', async (_, options, expected) => {
    const counts = await sampleFirsts(options, p.map(Math.log));
    // Four standard errors of 4,000 draws.
    counts.forEach((count, token) =>
      expect(Math.abs(count - (expected[token] as number))).toBeLessThan(expected[token] === 0 ? 1e-9 : 0.032),
    );
  });

  it('draws the same again from the same seed, and something else from another', async () => {
    const draw = async (seed: number): Promise<Hypothesis[][]> =>
      sampleSearch(toy(5, [0, 1]), { ...constraints, random: new Random(seed).next, samplesPerSource: 6 });
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  it.each(constraintSets)('obeys %s', async (_, rules, allows) => {
    const random = new Random(3).next;
    const found = await sampleSearch(toy(6, [2, 7]), { ...rules, random, samplesPerSource: 40, topP: 0.95 });
    expect(found.map((samples) => samples.length)).toEqual([40, 40]);
    const finished = found.flat().filter((hypothesis) => hypothesis.finished);
    expect(finished.length).toBeGreaterThan(5);
    expect(finished.filter(({ tokens }) => !allows(tokens))).toEqual([]);
  });

  it('reports the model’s log-probabilities, not the tempered ones', async () => {
    const table = randomTable(VOCABULARY, 5);
    const [samples] = await sampleSearch(toy(5), {
      ...constraints,
      temperature: 3,
      topP: 0.9,
      random: new Random(1).next,
    });
    const { tokens, logProbabilities } = samples?.[0] as Hypothesis;
    expect(logProbabilities[0]).toBe(table(0, START, START)[tokens[0] as number]);
  });
});

describe('every search', () => {
  it.each([0, 2])(
    'keeps on request what the model thought of all tokens at each place of a hypothesis (%i listed)',
    async (listed) => {
      const table = randomTable(VOCABULARY, 8);
      const decoder = (): ToyDecoder => new ToyDecoder(VOCABULARY, [3, 5], table, true, listed);
      const control = { keepDistributions: true };
      const constraints = { maxLength: MAX_LENGTH, forbidden: [START] };
      const beams = { ...constraints, width: 3, nBest: 3, lengthNormalisation: 1 };
      const drawn = { ...constraints, samplesPerSource: 3, random: new Random(4).next };
      const [beam, greedy, sampled] = await expectNoLeak(() =>
        Promise.all([
          beamSearch(decoder(), beams, control),
          greedySearch(decoder(), constraints, control).then((all) => all.map((one) => [one])),
          sampleSearch(decoder(), drawn, control),
        ]),
      );
      for (const [source, found] of [...beam.entries(), ...greedy.entries(), ...sampled.entries()]) {
        for (const { distributions, logProbabilities, tokens } of found) {
          // The end, where it was reached, has one, too.
          expect(distributions).toHaveLength(logProbabilities.length);
          for (const [place, distribution] of distributions!.entries()) {
            const [beforeLast, last] = [START, START, ...tokens.slice(0, place)].slice(-2) as [number, number];
            expect([...distribution]).toEqual(table([3, 5][source]!, beforeLast, last));
          }
        }
      }
      const [[unasked]] = (await beamSearch(decoder(), beams)) as [[Hypothesis]];
      expect(unasked).not.toHaveProperty('distributions');
    },
  );

  const searches: [string, (decoder: ToyDecoder, constraints: Constraints, control?: object) => Promise<unknown>][] = [
    ['greedy', greedySearch],
    [
      'beam',
      (decoder, constraints, control) =>
        beamSearch(decoder, { ...constraints, width: 3, lengthNormalisation: 1 }, control),
    ],
    [
      'sampling',
      (decoder, constraints, control) =>
        sampleSearch(decoder, { ...constraints, random: new Random(1).next, samplesPerSource: 3 }, control),
    ],
  ];

  describe.each(searches)('%s', (_, search) => {
    const sources = [0, 1, 2];
    const constraints = { maxLength: 6 };

    it('frees its tensors', async () => {
      await expectNoLeak(async () => {
        await search(toy(8, sources), constraints);
      });
    });

    it('rejects with the reason of an abort and frees its tensors', async () => {
      const abort = new AbortController();
      let steps = 0;
      const onStep = (): void => {
        if (++steps === 2) abort.abort(new Error('enough'));
      };
      await expectNoLeak(() =>
        expect(search(toy(8, sources), constraints, { signal: abort.signal, onStep })).rejects.toThrow('enough'),
      );
      expect(steps).toBe(2);
      const decoder = toy(8, sources);
      await expect(search(decoder, constraints, { signal: abort.signal })).rejects.toThrow('enough');
      expect(decoder.batches).toEqual([]);
    });

    it('frees its tensors when the model, the reordering or the listener throws', async () => {
      const broken = (): never => {
        throw new Error('broken');
      };
      // Source 0 ends at its second token, so that every search reorders.
      const table = (source: number, _: number, last: number): number[] =>
        source === 0 && last !== START ? [-99, -0.01, -99, -99, -99] : [-99, -9, -1, -2, -3];
      for (const [name, at] of [
        ['step', 2],
        ['reorder', 1],
      ] as const) {
        const decoder = new ToyDecoder(VOCABULARY, sources, table);
        let calls = 0;
        const original = decoder[name].bind(decoder) as (...args: unknown[]) => never;
        decoder[name] = (...args: unknown[]) => (++calls === at ? broken() : original(...args));
        await expectNoLeak(() => expect(search(decoder, constraints)).rejects.toThrow('broken'));
      }
      await expectNoLeak(() =>
        expect(search(toy(8, sources), constraints, { onStep: broken })).rejects.toThrow('broken'),
      );
    });

    it('refuses a model that gives NaN, with its tensors freed', async () => {
      const decoder = new ToyDecoder(VOCABULARY, sources, () => new Array<number>(VOCABULARY).fill(NaN));
      await expectNoLeak(() => expect(search(decoder, constraints)).rejects.toThrow('NaN'));
    });

    it('tells the listener the best hypothesis of every source after each step', async () => {
      const decoder = toy(8, sources);
      const told: (readonly Hypothesis[])[] = [];
      await search(decoder, constraints, { onStep: (best: readonly Hypothesis[]) => told.push(best) });
      expect(told.length).toBe(decoder.batches.length);
      expect(told.every((best) => best.length === sources.length)).toBe(true);
      expect(told[0]?.every(({ logProbabilities }) => logProbabilities.length === 1)).toBe(true);
    });

    it.each([
      [{ maxLength: 0 }, 'maxLength must be a whole number of at least 1'],
      [{ maxLength: 2, minLength: 3 }, 'The shortest length, 3, is above the longest, 2.'],
      [{ maxLength: 2, forbidden: [9] }, 'forbidden: 9 is not a token of a vocabulary of 5.'],
      [{ maxLength: 2, forbidden: [END] }, 'The end token cannot be forbidden.'],
      [{ maxLength: 2, prefix: [2, END] }, 'The forced beginning cannot contain the end token.'],
      [{ maxLength: 2, prefix: [2, 2, 2] }, 'The forced beginning has 3 tokens; the longest length is 2.'],
      [{ maxLength: 2, prefix: [-1] }, 'prefix: -1 is not a token'],
      [{ maxLength: 2, noRepeat: 1.5 }, 'noRepeat must be a whole number'],
    ])('refuses %j', async (bad, message) => {
      await expectNoLeak(() => expect(search(toy(1), bad)).rejects.toThrow(message));
    });
  });

  it.each([
    [{ width: 0, lengthNormalisation: 0 }, 'width must be'],
    [{ width: 1, lengthNormalisation: -1 }, 'lengthNormalisation must be at least 0'],
    [{ width: 1, lengthNormalisation: 0, nBest: 0 }, 'nBest must be'],
  ])('beam search refuses %j', async (bad, message) => {
    await expect(beamSearch(toy(1), { maxLength: 3, ...bad })).rejects.toThrow(message);
  });

  it.each([
    [{ temperature: 0 }, 'temperature must be above 0'],
    [{ topP: 0 }, 'topP must be above 0'],
    [{ topP: 1.1 }, 'topP must be above 0 and at most 1'],
    [{ samplesPerSource: 0 }, 'samplesPerSource must be'],
  ])('sampling refuses %j', async (bad, message) => {
    await expect(sampleSearch(toy(1), { maxLength: 3, random: Math.random, ...bad })).rejects.toThrow(message);
  });
});
