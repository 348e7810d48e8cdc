import type { SearchTree } from '../../../contract/data/traces.ts';

type Node = SearchTree['nodes'][number];
export type Fate = Node['fate'];

/** A node in its place. */
export interface PlacedNode {
  /** Its number in the tree. */
  readonly index: number;
  readonly node: Node;
  /** Of its box, in pixels. */
  readonly left: number;
  readonly top: number;
  /** Where its edge comes from: the right side of its parent, or of the beginning. */
  readonly from: readonly [x: number, y: number];
}

export const BOX = { width: 118, height: 36 } as const;
const GAP = { across: 40, down: 8 } as const;
/** The box of the beginning. */
export const ROOT = { left: 0, width: 20 } as const;

/**
 * A tree whose columns are the steps. Children stand in the order of their parents, so that no edges cross, and of one
 * parent the likeliest first.
 */
export function layOutTree(nodes: readonly Node[]): {
  placed: PlacedNode[];
  width: number;
  height: number;
  /** The middle of the beginning. */
  middle: number;
} {
  const columns: { index: number; node: Node }[][] = [];
  for (const [index, node] of nodes.entries()) (columns[node.step] ??= []).push({ index, node });
  const most = Math.max(1, ...columns.map(({ length }) => length));
  const pitch = BOX.height + GAP.down;
  const height = most * pitch - GAP.down;
  const places = new Map<number, { slot: number; placed: PlacedNode }>();
  for (const [step, column] of columns.entries()) {
    const slotOf = ({ node }: { node: Node }): number =>
      node.parent === null ? 0 : (places.get(node.parent)?.slot ?? 0);
    const ordered = column.toSorted((a, b) => slotOf(a) - slotOf(b) || a.index - b.index);
    const top = (height - (ordered.length * pitch - GAP.down)) / 2;
    for (const [slot, { index, node }] of ordered.entries()) {
      const parent = node.parent === null ? undefined : places.get(node.parent)?.placed;
      const from = parent
        ? ([parent.left + BOX.width, parent.top + BOX.height / 2] as const)
        : ([ROOT.left + ROOT.width, height / 2] as const);
      const left = ROOT.left + ROOT.width + GAP.across + step * (BOX.width + GAP.across);
      places.set(index, { slot, placed: { index, node, left, top: top + slot * pitch, from } });
    }
  }
  return {
    placed: [...places.values()].map(({ placed }) => placed),
    width: ROOT.left + ROOT.width + GAP.across + columns.length * (BOX.width + GAP.across),
    height,
    middle: height / 2,
  };
}

/** What is known of a node once so many steps were taken: what cuts it off comes a step later. */
export function fateAt({ fate, step }: Node, steps: number): Fate {
  return fate === 'cut-off' && steps === step + 1 ? 'kept' : fate;
}

/**
 * What the search holds once so many steps were taken: what has finished, best score first, then what goes on, likeliest
 * first, as numbers of nodes.
 */
export function heldAfter(steps: number, nodes: readonly Node[]): { finished: number[]; going: number[] } {
  const finished: number[] = [];
  const going: number[] = [];
  for (const [index, node] of nodes.entries()) {
    if (node.step >= steps) break;
    const fate = fateAt(node, steps);
    if (fate === 'finished' || fate === 'cut-off') finished.push(index);
    else if (node.step === steps - 1 && (fate === 'kept' || fate === 'outrun')) going.push(index);
  }
  const scoreOf = (index: number): number => nodes[index]?.score ?? 0;
  return { finished: finished.toSorted((a, b) => scoreOf(b) - scoreOf(a)), going };
}
