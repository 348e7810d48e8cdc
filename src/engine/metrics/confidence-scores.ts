/** Something that was said with a confidence, and whether it was right. */
export interface Judged {
  /** From 0 to 1; for the ranking alone any number. */
  readonly confidence: number;
  readonly isRight: boolean;
  /** How often it counts (default 1); of a bootstrap, as often as it was drawn. */
  readonly times?: number;
}

/**
 * The area under the ROC curve: the probability that what is right has the higher confidence than what is wrong, equal
 * ones counted half (Mann and Whitney's U over its most). 0.5 is chance.
 * @returns NaN where all is right or all is wrong
 */
export function areaUnderRoc(items: readonly Judged[]): number {
  const sorted = items.toSorted((a, b) => a.confidence - b.confidence);
  let [right, wrong, pairs] = [0, 0, 0];
  for (let start = 0; start < sorted.length;) {
    let [rightHere, wrongHere, end] = [0, 0, start];
    for (; end < sorted.length && sorted[end]!.confidence === sorted[start]!.confidence; end++) {
      const { isRight, times = 1 } = sorted[end]!;
      if (isRight) rightHere += times;
      else wrongHere += times;
    }
    pairs += rightHere * (wrong + wrongHere / 2);
    right += rightHere;
    wrong += wrongHere;
    start = end;
  }
  return pairs / (right * wrong);
}

/**
 * The expected calibration error (Naeini et al. 2015; Guo et al. 2017, eq. 3): confidences are put into bins of the same
 * width, and the distance between a bin's mean confidence and the share that is right in it is averaged, each bin with the
 * share of all that it holds.
 */
export function calibrationError(items: readonly Judged[], bins = 10): number {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  let all = 0;
  for (const { confidence, isRight, times = 1 } of items) {
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.count += times;
    bin.confidence += times * confidence;
    bin.right += times * Number(isRight);
    all += times;
  }
  return sums.reduce((error, { confidence, right }) => error + Math.abs(confidence - right), 0) / all;
}

/**
 * Risk at a coverage: the share that is wrong among the surest part of all (El-Yaniv and Wiener 2010). Where equal
 * confidences straddle the border, each of them counts with the same part.
 * @param coverage above 0, at most 1
 */
export function riskAt(items: readonly Judged[], coverage: number): number {
  const sorted = items.toSorted((a, b) => b.confidence - a.confidence);
  const all = sorted.reduce((sum, { times = 1 }) => sum + times, 0);
  const wanted = coverage * all;
  let [covered, wrong] = [0, 0];
  for (let start = 0; start < sorted.length && covered < wanted;) {
    let [count, wrongHere, end] = [0, 0, start];
    for (; end < sorted.length && sorted[end]!.confidence === sorted[start]!.confidence; end++) {
      const { isRight, times = 1 } = sorted[end]!;
      count += times;
      if (!isRight) wrongHere += times;
    }
    const part = count === 0 ? 0 : Math.min(1, (wanted - covered) / count);
    covered += part * count;
    wrong += part * wrongHere;
    start = end;
  }
  return wrong / wanted;
}
