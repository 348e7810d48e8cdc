import { describe, expect, it } from 'vitest';
import { beamSearch, type BeamOptions } from '../../../src/engine/decoding/beam.ts';
import { bestLeaf, pathTo, type BeamNode } from '../../../src/engine/decoding/beam-tree.ts';
import { useTestBackend } from '../../support/backend.ts';
import { END, randomTable, START, ToyDecoder } from './toy-decoder.ts';

useTestBackend();

const VOCABULARY = 6;
const SOURCES = [0, 1, 2];

async function search(options: Partial<BeamOptions>, seed = 1, listed = 0) {
  const decoder = (): ToyDecoder => new ToyDecoder(VOCABULARY, SOURCES, randomTable(VOCABULARY, seed), true, listed);
  const wanted = { width: 2, lengthNormalisation: 0.7, maxLength: 5, forbidden: [START], ...options };
  let trees: readonly (readonly BeamNode[])[] = [];
  const found = await beamSearch(decoder(), wanted, { onTree: (told) => (trees = told) });
  return { found, plain: await beamSearch(decoder(), wanted), trees, wanted };
}

describe('the tree of a beam search', () => {
  const searches: [string, Partial<BeamOptions>][] = [
    ['as it is', {}],
    ['greedy', { width: 1 }],
    ['wide', { width: 4, nBest: 3, spare: 2 }],
    ['without a length normalisation', { lengthNormalisation: 0 }],
    ['where others take the places of those that ended', { refill: true, width: 3 }],
    ['of a forced beginning', { prefix: [3, 2] }],
    ['where captions are cut off', { maxLength: 2, minLength: 2, neverLast: [2, 3, 4, 5] }],
    ['with an end that is forced', { refill: true, forceEnd: true, maxLength: 3 }],
  ];

  it.each(searches)('leaves the result as it is, and its best leaf is the result: %s', async (_, options) => {
    for (const seed of [1, 2, 3, 4]) {
      for (const listed of [0, 2]) {
        const { found, plain, trees } = await search(options, seed, listed);
        expect(found).toEqual(plain);
        for (const [source, nodes] of trees.entries()) {
          const [best] = found[source]!;
          const leaf = bestLeaf(nodes)!;
          const tokens = pathTo(leaf, nodes).map((node) => nodes[node]!.token);
          expect(tokens.filter((token) => token !== END)).toEqual(best!.tokens);
          expect(nodes[leaf]!.score).toBe(best!.score);
          expect(nodes[leaf]!.logProbability).toBe(best!.logProbability);
        }
      }
    }
  });

  it.each(searches)('tells of every continuation what came before, and what became of it: %s', async (_, options) => {
    const { trees, wanted } = await search(options);
    for (const nodes of trees) {
      expect(nodes.length).toBeGreaterThan(0);
      for (const { logProbability, own, parent, score, step } of nodes) {
        const before = parent === null ? null : nodes[parent]!;
        expect(step).toBe(before ? before.step + 1 : 0);
        expect(logProbability).toBeCloseTo((before?.logProbability ?? 0) + own, 10);
        // Nothing goes on from what was pruned or has ended.
        if (before) expect(before.fate).toMatch(/^(kept|cut-off)$/);
        if (!options.refill) expect(score).toBeCloseTo(logProbability / (step + 1) ** wanted.lengthNormalisation, 10);
      }
      for (let step = 0; step <= nodes.at(-1)!.step; step++) {
        const own = nodes.filter((node) => node.step === step);
        expect(own.filter(({ fate }) => fate === 'kept' || fate === 'outrun').length).toBeLessThanOrEqual(wanted.width);
        expect(own.length).toBeLessThanOrEqual(2 * wanted.width);
        expect(own.map(({ logProbability }) => logProbability)).toEqual(
          own.map(({ logProbability }) => logProbability).sort((a, b) => b - a),
        );
      }
    }
  });

  it('tells what was pruned: the likeliest that the beam had no place for', async () => {
    const { trees } = await search({ width: 2 });
    const first = trees[0]!.filter(({ step }) => step === 0);
    const row = randomTable(VOCABULARY, 1)(0, START, START);
    // Nothing may end before its first token, and the start is forbidden.
    const expected = [2, 3, 4, 5].sort((a, b) => row[b]! - row[a]!);
    expect(first.map(({ token }) => token)).toEqual(expected);
    expect(first.map(({ fate }) => fate)).toEqual(['kept', 'kept', 'pruned', 'pruned']);
  });
});
