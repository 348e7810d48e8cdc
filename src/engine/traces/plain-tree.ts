import { bestLeaf, pathTo, type BeamNode } from '../decoding/beam-tree.ts';
import { eight } from './plain-trace.ts';

/** A node of a beam search's tree, as it travels. */
export interface PlainNode extends Omit<BeamNode, 'own' | 'token'> {
  /** Null: the end. */
  word: string | null;
  probability: number;
}

/**
 * The tree of a beam search as it travels, and the tokens of its best leaf, with the end token where it ends.
 * @param wordOf a token as it is printed; null: the end
 */
export function plainTree(
  nodes: readonly BeamNode[],
  wordOf: (token: number) => string | null,
): { nodes: PlainNode[]; best: number | null; tokens: number[] } {
  const best = bestLeaf(nodes);
  return {
    nodes: nodes.map(({ fate, logProbability, own, parent, score, step, token }) => ({
      step,
      parent,
      word: wordOf(token),
      probability: Math.min(1, eight(Math.exp(own))),
      logProbability: eight(logProbability),
      score: eight(score),
      fate,
    })),
    best: best ?? null,
    tokens: best === undefined ? [] : pathTo(best, nodes).map((node) => nodes[node]!.token),
  };
}
