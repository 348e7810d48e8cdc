import { describe, expect, it } from 'vitest';
import { BOX, fateAt, heldAfter, layOutTree } from '../../../../src/renderer/learn/beam/tree-layout.ts';
import type { SearchTree } from '../../../../src/contract/data/traces.ts';

type Node = SearchTree['nodes'][number];
const node = (step: number, parent: number | null, fate: Node['fate'], score = -1): Node => ({
  step,
  parent,
  fate,
  score,
  word: 'word',
  probability: 0.5,
  logProbability: score,
});

describe('the drawing of a tree', () => {
  // The second of the first step has the likelier children.
  const nodes = [
    node(0, null, 'kept'),
    node(0, null, 'kept'),
    node(1, 1, 'kept'),
    node(1, 0, 'pruned'),
    node(1, 1, 'finished'),
  ];

  it('has a column for each step, and children in the order of their parents', () => {
    const { placed, width } = layOutTree(nodes);
    const of = (index: number) => placed.find((one) => one.index === index)!;
    expect(of(0).left).toBe(of(1).left);
    expect(of(2).left).toBeGreaterThan(of(0).left + BOX.width);
    expect([3, 2, 4].map((index) => of(index).top)).toEqual(
      [3, 2, 4].map((index) => of(index).top).sort((a, b) => a - b),
    );
    expect(of(2).from).toEqual([of(1).left + BOX.width, of(1).top + BOX.height / 2]);
    expect(width).toBeGreaterThan(of(2).left + BOX.width);
  });

  it('has no boxes that lie on each other', () => {
    const { placed, height } = layOutTree(nodes);
    for (const one of placed) {
      expect(one.top).toBeGreaterThanOrEqual(0);
      expect(one.top + BOX.height).toBeLessThanOrEqual(height);
      for (const other of placed) {
        if (one === other || one.left !== other.left) continue;
        expect(Math.abs(one.top - other.top)).toBeGreaterThan(BOX.height);
      }
    }
  });
});

describe('what a search holds', () => {
  const nodes = [
    node(0, null, 'kept', -1),
    node(0, null, 'finished', -2),
    node(1, 0, 'finished', -0.5),
    node(1, 0, 'outrun', -3),
  ];

  it('is what has ended, best first, and what goes on', () => {
    expect(heldAfter(1, nodes)).toEqual({ finished: [1], going: [0] });
    expect(heldAfter(2, nodes)).toEqual({ finished: [2, 1], going: [3] });
  });

  it('goes on until the step that cuts it off', () => {
    const cut = node(0, null, 'cut-off');
    expect(fateAt(cut, 1)).toBe('kept');
    expect(fateAt(cut, 2)).toBe('cut-off');
  });
});
