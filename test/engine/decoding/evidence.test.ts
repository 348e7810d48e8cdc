import { describe, expect, it } from 'vitest';
import { bestLeaf, type BeamNode } from '../../../src/engine/decoding/beam-tree.ts';
import { chooseByEvidence, evidenceOf, treeWithEvidence } from '../../../src/engine/decoding/evidence.ts';
import type { Hypothesis } from '../../../src/engine/decoding/hypothesis.ts';

/** Of the tokens 0 (the end) to 4; nothing is known of 0 and 1. */
const evidence = Float32Array.of(0, 0, -1, -3, -0.5);

const one = (tokens: number[], score: number, finished = true): Hypothesis => ({
  tokens,
  score,
  finished,
  logProbabilities: [],
  weights: [],
  logProbability: score,
});

describe('evidence beside the scores of a search', () => {
  it('is the mean of what is said, each token once, and what nothing is known of does not count', () => {
    expect(evidenceOf([1, 2, 3, 2, 1], evidence)).toBe(-2);
    expect(evidenceOf([4], evidence)).toBe(-0.5);
  });

  it('takes what names nothing for unlikely', () => {
    expect(evidenceOf([1, 1], evidence)).toBeCloseTo(Math.log(0.02), 6);
    expect(evidenceOf([], evidence)).toBeCloseTo(Math.log(0.02), 6);
  });

  it('chooses by both together, and the scores say so', () => {
    const found = [one([3, 1], -1), one([2, 1], -1.5), one([4], -2.5)];
    const chosen = chooseByEvidence(found, evidence, 0.5);
    expect(chosen.map(({ tokens }) => tokens)).toEqual([[2, 1], [3, 1], [4]]);
    expect(chosen.map(({ score }) => score)).toEqual([-2, -2.5, -2.75]);
    // What the model thought of them is as it was.
    expect(chosen.map(({ logProbability }) => logProbability)).toEqual([-1.5, -1, -2.5]);
    expect(found[0]!.score).toBe(-1);
  });

  it('leaves their order alone without a weight, and of equals the first before', () => {
    const found = [one([3], -1), one([4], -1), one([2], -2)];
    expect(chooseByEvidence(found, evidence, 0)).toEqual(found);
  });

  it('never puts what was cut off before what ended', () => {
    const chosen = chooseByEvidence([one([3], -5), one([4], -1, false)], evidence, 1);
    expect(chosen.map(({ tokens }) => tokens)).toEqual([[3], [4]]);
  });

  it("makes a tree's best leaf the hypothesis that is chosen", () => {
    const leaf = (parent: number | null, token: number, score: number, fate: BeamNode['fate']): BeamNode => ({
      step: parent === null ? 0 : 1,
      parent,
      token,
      own: 0,
      logProbability: score,
      score,
      fate,
    });
    const nodes = [
      leaf(null, 3, -1, 'kept'),
      leaf(null, 4, -2, 'kept'),
      leaf(0, 0, -1, 'finished'),
      leaf(1, 0, -2, 'finished'),
      leaf(0, 2, -3, 'pruned'),
    ];
    const told = treeWithEvidence(nodes, evidence, 1, 0);
    expect(told.map(({ score }) => score)).toEqual([-1, -2, -4, -2.5, -3]);
    expect(bestLeaf(nodes)).toBe(2);
    expect(bestLeaf(told)).toBe(3);
  });
});
