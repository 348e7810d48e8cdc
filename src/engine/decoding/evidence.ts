import type { BeamNode } from './beam-tree.ts';
import { pathTo } from './beam-tree.ts';
import type { Hypothesis } from './hypothesis.ts';

/**
 * What says how likely each token is anywhere in a right answer, beside the model that writes: log p by token, and 0 for
 * tokens of which it says nothing.
 */
export type Evidence = Float32Array;

/** Log p of what names nothing that the evidence knows: of two hypotheses the one that says something true is the better one. */
const NOTHING_SAID = Math.log(0.02);

/**
 * The mean evidence of what a hypothesis says, each token counted once: with a sum the shortest would win, or the one that
 * says least.
 */
export function evidenceOf(tokens: readonly number[], evidence: Evidence): number {
  const said = [...new Set(tokens)].map((token) => evidence[token]!).filter((log) => log < 0);
  return said.length === 0 ? NOTHING_SAID : said.reduce((sum, log) => sum + log, 0) / said.length;
}

/**
 * What a beam search found, chosen again by the search's score and the evidence together (a log-linear mixture, as Fang et al.
 * 2015, arXiv 1411.4952, section 5, choose among 500 hypotheses by what a detector saw).
 *
 * @param weight of the evidence, at least 0; the scores have it in them afterwards
 * @returns in their new order: those that ended first, by their scores; of equals the one that was first before
 */
export function chooseByEvidence(found: readonly Hypothesis[], evidence: Evidence, weight: number): Hypothesis[] {
  return found
    .map((one) => ({ ...one, score: one.score + weight * evidenceOf(one.tokens, evidence) }))
    .sort((a, b) => Number(b.finished) - Number(a.finished) || b.score - a.score);
}

/** The tree of a search whose leaves have the evidence in their scores, as `chooseByEvidence` gives it to hypotheses. */
export function treeWithEvidence(
  nodes: readonly BeamNode[],
  evidence: Evidence,
  weight: number,
  endToken: number,
): BeamNode[] {
  return nodes.map((node, i) => {
    if (node.fate !== 'finished' && node.fate !== 'cut-off') return node;
    const tokens = pathTo(i, nodes).map((at) => nodes[at]!.token);
    const said = tokens.at(-1) === endToken ? tokens.slice(0, -1) : tokens;
    return { ...node, score: node.score + weight * evidenceOf(said, evidence) };
  });
}
