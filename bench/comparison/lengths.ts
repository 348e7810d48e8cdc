import { Bootstrap, type Estimate } from '../../src/engine/metrics/bootstrap.ts';
import { bleuOfCounts, type BleuCounts } from '../../src/engine/metrics/translation-bleu.ts';
import type { TestSet } from '../../src/translation/evaluate-translation.ts';

/** Sentences of like length. */
export interface LengthBin {
  /** Words of the shortest and of the longest that belong here. */
  readonly from: number;
  readonly to: number;
  /** Places of its sentences in the test set. */
  readonly lines: readonly number[];
  /** The mean length of its sentences, in words. */
  readonly mean: number;
}

/** So many neighbours are joined to make long lines. */
export const JOINED: readonly number[] = [2, 3];

/** How often sentences are drawn anew for an interval. */
const RESAMPLES = 1000;

/** Words as a reader counts them. */
export function countWords(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => word !== '').length;
}

/** Sorts sentences by length and cuts them into bins of as many sentences each; those of one length may be cut apart. */
export function equalBins(sentences: readonly string[], count: number): LengthBin[] {
  const lengths = sentences.map(countWords);
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return Array.from({ length: Math.min(count, order.length) }, (_, i, all = Math.min(count, order.length)) => {
    const lines = order.slice(Math.floor((i * order.length) / all), Math.floor(((i + 1) * order.length) / all));
    const own = lines.map((line) => lengths[line]!);
    return { from: own[0]!, to: own.at(-1)!, lines, mean: own.reduce((sum, length) => sum + length, 0) / own.length };
  });
}

/**
 * The same sentences as longer ones: so many neighbours in a row are one line, and so are their references. What is over
 * at the end is left out.
 */
export function joinNeighbours({ references, sources }: TestSet, count: number): TestSet {
  const join = (lines: readonly string[], first: number): string => lines.slice(first, first + count).join(' ');
  const starts = Array.from({ length: Math.floor(sources.length / count) }, (_, i) => i * count);
  const columns = references[0]?.map((_, column) => references.map((line) => line[column]!)) ?? [];
  return {
    sources: starts.map((first) => join(sources, first)),
    references: starts.map((first) => columns.map((column) => join(column, first))),
  };
}

/** BLEU of some lines, the mean over seeds, and where it lies with 95 % confidence if other sentences were tried. */
export function bleuEstimate(seeds: readonly (readonly BleuCounts[])[]): Estimate {
  return new Bootstrap(seeds[0]!.length, RESAMPLES, 1).of((times) => meanBleu(seeds, times));
}

/**
 * How much of its BLEU a model keeps where so many neighbours are one line: BLEU of the joined lines over that of the same
 * sentences one by one. Neighbours are drawn together, so that both are of the same sentences.
 *
 * @param single counts of the sentences one by one, by seed @param joined counts of the joined lines, by seed
 */
export function keptEstimate(
  single: readonly (readonly BleuCounts[])[],
  joined: readonly (readonly BleuCounts[])[],
  count: number,
): Estimate {
  const units = joined[0]!.length;
  const own = single.map((counts) => counts.slice(0, units * count));
  return new Bootstrap(units, RESAMPLES, 1).of((times) => {
    const each = times && Int32Array.from({ length: units * count }, (_, line) => times[Math.floor(line / count)]!);
    return meanBleu(joined, times) / meanBleu(own, each);
  });
}

function meanBleu(seeds: readonly (readonly BleuCounts[])[], times?: Int32Array): number {
  return seeds.reduce((sum, counts) => sum + bleuOfCounts(counts, { times }).score, 0) / seeds.length;
}
