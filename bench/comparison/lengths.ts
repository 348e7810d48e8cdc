import { translationBleu } from '../../src/engine/metrics/translation-bleu.ts';

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

/** Where bins begin, in words: few sentences of Multi30k are longer than 21. */
const BIN_STARTS: readonly number[] = [1, 9, 12, 15, 18, 22];

/** Words as a reader counts them. */
function countWords(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => word !== '').length;
}

/** Sorts sentences into bins by their length. @param starts rising; bins without a sentence are left out */
export function binByLength(sentences: readonly string[], starts = BIN_STARTS): LengthBin[] {
  const lengths = sentences.map(countWords);
  const longest = lengths.reduce((most, next) => Math.max(most, next), 0);
  return starts.flatMap((from, i) => {
    const to = (starts[i + 1] ?? longest + 1) - 1;
    const lines = [...lengths.keys()].filter((line) => lengths[line]! >= from && lengths[line]! <= to);
    if (lines.length === 0) return [];
    const mean = lines.reduce((sum, line) => sum + lengths[line]!, 0) / lines.length;
    return [{ from, to, lines, mean }];
  });
}

/** sacreBLEU of the sentences of each bin. */
export function bleuByLength(
  bins: readonly LengthBin[],
  translations: readonly string[],
  references: readonly (readonly string[])[],
): number[] {
  return bins.map(
    ({ lines }) =>
      translationBleu(
        lines.map((line) => translations[line]!),
        lines.map((line) => references[line]!),
      ).score,
  );
}
