/**
 * What became of a continuation that a beam search looked at:
 * `kept`: it went on; `finished`: it ended here; `pruned`: others were likelier; `cut-off`: the longest length, or no way on;
 * `outrun`: it was among the likeliest when the search stopped, since what had ended could not be beaten any more.
 */
export type BeamFate = 'kept' | 'finished' | 'pruned' | 'cut-off' | 'outrun';

/** A continuation that a beam search looked at. */
export interface BeamNode {
  /** At which step, from 0: the place of its token. */
  readonly step: number;
  /** Of what it continues: its number in the list of nodes; null: the beginning. */
  readonly parent: number | null;
  /** The end token where it would end. */
  readonly token: number;
  /** log p of the token by itself, and of everything up to it. */
  readonly own: number;
  readonly logProbability: number;
  /** What the search ranks by, were it to end here. */
  readonly score: number;
  readonly fate: BeamFate;
}

/** The tree of a search while it grows. */
export class BeamTree {
  readonly #nodes: { -readonly [Key in keyof BeamNode]: BeamNode[Key] }[] = [];
  #step = 0;

  /** In the order of the steps, the likeliest of a step first. */
  get nodes(): readonly BeamNode[] {
    return this.#nodes;
  }

  /** @returns its number */
  add(node: Omit<BeamNode, 'step'>): number {
    this.#nodes.push({ step: this.#step, ...node });
    return this.#nodes.length - 1;
  }

  /** Says what became of one that went on until then. @param node null: the beginning, which is none */
  end(node: number | null, fate: BeamFate): void {
    const known = node === null ? undefined : this.#nodes[node];
    if (known) known.fate = fate;
  }

  nextStep(): void {
    this.#step++;
  }
}

/**
 * The number of the leaf that a search gives: of those that finished the one with the best score, of equals the first;
 * where none finished, of those that were cut off.
 * @returns undefined where there is neither
 */
export function bestLeaf(nodes: readonly Pick<BeamNode, 'fate' | 'score'>[]): number | undefined {
  for (const wanted of ['finished', 'cut-off'] as const) {
    let best: number | undefined;
    for (const [i, { fate, score }] of nodes.entries()) {
      if (fate === wanted && (best === undefined || score > (nodes[best]?.score ?? -Infinity))) best = i;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The numbers of the nodes from the beginning to a leaf, both included. */
export function pathTo(leaf: number, nodes: readonly Pick<BeamNode, 'parent'>[]): number[] {
  const path: number[] = [];
  for (let at: number | null | undefined = leaf; typeof at === 'number'; at = nodes[at]?.parent) path.unshift(at);
  return path;
}
