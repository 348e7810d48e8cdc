import { bestLeaf, BeamTree, pathTo } from '../../../../src/engine/decoding/beam-tree.ts';
import type { SearchTree } from '../../../../src/contract/data/traces.ts';

/** The end; all other tokens are words by their number. */
const END = -1;

/** A search that finds these words, and beside each of them one word that is pruned; a shorter sentence ends first. */
export function treeOf(words: readonly string[], width: number): SearchTree {
  const tree = new BeamTree();
  const alpha = 0.7;
  const add = (parent: number | null, token: number, own: number, before: number, length: number, fate: Fate): number =>
    tree.add({
      parent,
      token,
      own,
      logProbability: before + own,
      score: (before + own) / length ** alpha,
      fate,
    });
  let last: number | null = null;
  for (const [i] of words.entries()) {
    const before = -0.2 * i;
    const next: number = add(last, i, -0.2, before, i + 1, 'kept');
    add(last, words.length, -2.5, before, i + 1, 'pruned');
    if (i === words.length - 1) add(last, END, -3, before, i + 1, 'finished');
    last = next;
    tree.nextStep();
  }
  add(last, END, -0.1, -0.2 * words.length, words.length + 1, 'finished');
  const { nodes } = tree;
  const best = bestLeaf(nodes)!;
  const wordOf = (token: number): string | null => (token === END ? null : (words[token] ?? 'other'));
  return {
    nodes: nodes.map(({ own, token, ...node }) => ({ ...node, word: wordOf(token), probability: Math.exp(own) })),
    best,
    text: pathTo(best, nodes)
      .flatMap((index) => wordOf(nodes[index]!.token) ?? [])
      .join(' '),
    width,
    lengthNormalisation: alpha,
    model: 'captioner-soft',
  };
}

type Fate = Parameters<BeamTree['add']>[0]['fate'];
