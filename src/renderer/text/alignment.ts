import type { AttentionMap, LookInsideOutput, Token } from '../../contract/data/translation.ts';
import { meanEntropy, meanJensenShannon } from '../../engine/attention/divergence.ts';
import type { Matrix } from './matrix-files.ts';

export type Kind = AttentionMap['kind'];

/** Stands for all layers, or all heads. */
export const AVERAGE = 'average';

/** The kinds of attention that at least one of some models has. */
export function kindsOf(outputs: readonly LookInsideOutput[]): Kind[] {
  return (['cross', 'encoder', 'decoder'] as const).filter((kind) =>
    outputs.some(({ maps }) => maps.some((map) => map.kind === kind)),
  );
}

/** How many layers (or heads) the model of the most has. */
export function extentOf(
  outputs: readonly LookInsideOutput[],
  kind: Kind,
  indexOf: (map: AttentionMap) => number,
): number {
  const maps = outputs.flatMap((output) => output.maps.filter((map) => map.kind === kind));
  return maps.reduce((most, map) => Math.max(most, indexOf(map) + 1), 0);
}

/**
 * What a model looked at: one layer and head, or the average of several. A model with fewer layers or heads than that
 * shows the average of what it has.
 *
 * @param wanted indices as texts, or `AVERAGE`
 * @returns null where the model has no attention of this kind
 */
export function matrixOf(
  { source, target, maps }: Pick<LookInsideOutput, 'source' | 'target' | 'maps'>,
  wanted: { kind: Kind; layer: string; head: string },
): Matrix | null {
  const { kind } = wanted;
  const all = maps.filter((map) => map.kind === kind);
  const picked = all.filter(
    ({ head, layer }) =>
      (wanted.layer === AVERAGE || String(layer) === wanted.layer) &&
      (wanted.head === AVERAGE || String(head) === wanted.head),
  );
  const used = picked.length > 0 ? picked : all;
  const [one] = used;
  if (!one) return null;
  const weights = one.weights.map((line, row) =>
    line.map((_, column) => used.reduce((sum, map) => sum + (map.weights[row]?.[column] ?? 0), 0) / used.length),
  );
  // The decoder reads what it has written so far: the start, and every word but the last.
  const fed = ['<start>', ...labelsOf(target).slice(0, -1)];
  return {
    rows: labelsOf(kind === 'encoder' ? source : target),
    columns: kind === 'decoder' ? fed : labelsOf(source),
    weights,
  };
}

/** Tokens as a person reads them: "dog" for a word, "-ball" for a piece that goes on with the one before it. */
function labelsOf(tokens: readonly Token[]): string[] {
  return tokens.map(({ text, word }, index) => {
    const bare = text.replace(/^▁(?=.)/u, '');
    return bare === text && word !== null && tokens[index - 1]?.word === word ? `-${text}` : bare;
  });
}

/** How spread a matrix is, in bits, and how far it is from another, where both have the same tokens. */
export function spreadOf(matrix: Matrix, first: Matrix | null): { entropy: number; divergence: number | null } {
  const same = (one: readonly string[], other: readonly string[]): boolean => one.join('\n') === other.join('\n');
  const isAlike = first && first !== matrix && same(first.rows, matrix.rows) && same(first.columns, matrix.columns);
  return {
    entropy: meanEntropy(matrix.weights),
    divergence: isAlike ? meanJensenShannon(first.weights, matrix.weights) : null,
  };
}

/** How sure a model was of what it wrote: the geometric mean of its tokens' probabilities. */
export function sureness({ probabilities }: Pick<LookInsideOutput, 'probabilities'>): number {
  const sum = probabilities.reduce((total, probability) => total + Math.log(Math.max(1e-9, probability)), 0);
  return probabilities.length === 0 ? 0 : Math.exp(sum / probabilities.length);
}
