/** Some repeats of one measurement. */
export interface Summary {
  median: number;
  /** The quartiles: half of all repeats lie between them. */
  q1: number;
  q3: number;
  repeats: number;
}

/** @throws RangeError where there is nothing to summarise */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('There are no measurements to summarise.');
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    repeats: values.length,
  };
}

/**
 * The ratios of measurements that were taken in turns. What disturbed the machine in a turn disturbed both, so the
 * median of the turns' ratios tells more than the ratio of two medians.
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): Summary {
  if (ours.length !== theirs.length)
    throw new RangeError('Ratios need as many measurements of the one as of the other.');
  return summarise(ours.map((value, i) => value / theirs[i]!));
}

/** Element by element. */
export function sums(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}

/** Linear interpolation between the two nearest (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
