import { describe, expect, it } from 'vitest';
import type { LookInsideOutput } from '../../../src/contract/data/translation.ts';
import { AVERAGE, extentOf, kindsOf, matrixOf, sureness, spreadOf } from '../../../src/renderer/text/alignment.ts';

const output: LookInsideOutput = {
  source: [
    { text: '<2de>', word: null },
    { text: '▁snow', word: 0 },
    { text: 'ball', word: 0 },
    { text: '.', word: null },
  ],
  target: [
    { text: '▁Ball', word: 0 },
    { text: '<end>', word: null },
  ],
  probabilities: [0.9, 0.4],
  text: 'Ball',
  maps: [
    {
      kind: 'cross',
      entropy: 0,
      layer: 0,
      head: 0,
      weights: [
        [0.5, 0.5, 0, 0],
        [0, 0, 0, 1],
      ],
    },
    {
      kind: 'cross',
      entropy: 0,
      layer: 0,
      head: 1,
      weights: [
        [0.1, 0.1, 0.8, 0],
        [0, 0, 1, 0],
      ],
    },
    {
      kind: 'cross',
      entropy: 0,
      layer: 1,
      head: 0,
      weights: [
        [0, 0, 0, 1],
        [0, 0, 0, 1],
      ],
    },
    {
      kind: 'decoder',
      entropy: 0,
      layer: 0,
      head: 0,
      weights: [
        [1, 0],
        [0.5, 0.5],
      ],
    },
  ],
  model: 'tiny',
  milliseconds: 1,
};
const bare: LookInsideOutput = { ...output, maps: [] };

describe('an alignment', () => {
  it('is named by its words, and by their pieces where a word has several', () => {
    const matrix = matrixOf(output, { kind: 'cross', layer: AVERAGE, head: AVERAGE });
    expect(matrix?.columns).toEqual(['<2de>', 'snow', '-ball', '.']);
    expect(matrix?.rows).toEqual(['Ball', '<end>']);
  });

  it.each([
    ['a layer and a head', '0', '1', [0.1, 0.1, 0.8, 0]],
    ['the heads of a layer', '0', AVERAGE, [0.3, 0.3, 0.4, 0]],
    ['everything', AVERAGE, AVERAGE, [0.2, 0.2, 0.8 / 3, 1 / 3]],
    ['what there is where there is no such head', '1', '1', [0.2, 0.2, 0.8 / 3, 1 / 3]],
  ])('shows %s', (_, layer, head, row) => {
    const weights = matrixOf(output, { kind: 'cross', layer, head })?.weights[0] ?? [];
    expect(weights).toHaveLength(row.length);
    for (const [column, weight] of weights.entries()) expect(weight).toBeCloseTo(row[column]!, 9);
  });

  it('of the decoder is of what it was fed', () => {
    expect(matrixOf(output, { kind: 'decoder', layer: '0', head: '0' })?.columns).toEqual(['<start>', 'Ball']);
  });

  it('is not there where a model has no attention of the kind', () => {
    expect(matrixOf(output, { kind: 'encoder', layer: AVERAGE, head: AVERAGE })).toBeNull();
    expect(matrixOf(bare, { kind: 'cross', layer: AVERAGE, head: AVERAGE })).toBeNull();
  });

  it('can be chosen by all that one of several models has', () => {
    expect(kindsOf([bare, output])).toEqual(['cross', 'decoder']);
    expect(extentOf([bare, output], 'cross', ({ layer }) => layer)).toBe(2);
    expect(extentOf([bare], 'cross', ({ head }) => head)).toBe(0);
  });

  it('comes with how sure the model was', () => {
    expect(sureness(output)).toBeCloseTo(0.6, 9);
    expect(sureness({ probabilities: [] })).toBe(0);
  });
});

describe('the spread of a matrix', () => {
  const even = { rows: ['a', 'b'], columns: ['x', 'y'], weights: [[0.5, 0.5], [0.5, 0.5]] }; // prettier-ignore
  const sharp = { ...even, weights: [[1, 0], [0, 1]] }; // prettier-ignore

  it('is its entropy, and its divergence from another of the same tokens', () => {
    expect(spreadOf(even, even)).toEqual({ entropy: 1, divergence: null });
    // H of (¾, ¼) less the mean of 1 and 0.
    const expected = 0.75 * Math.log2(4 / 3) + 0.25 * 2 - 0.5;
    expect(spreadOf(sharp, even).entropy).toBe(0);
    expect(spreadOf(sharp, even).divergence).toBeCloseTo(expected, 12);
  });

  it('is compared with no matrix of other tokens', () => {
    expect(spreadOf({ ...sharp, rows: ['a', 'c'] }, even).divergence).toBeNull();
  });
});
