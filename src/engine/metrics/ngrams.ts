/** How often each n-gram of an order occurs in a line; n-grams by their tokens with spaces between. */
export function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    const ngram = tokens.slice(start, start + order).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** How many n-grams of a line its references have too, each at most as often as the reference that has it most often. */
export function matchedNgrams(
  counts: ReadonlyMap<string, number>,
  references: readonly (readonly string[])[],
  order: number,
): number {
  const most = new Map<string, number>();
  for (const reference of references) {
    for (const [ngram, count] of countNgrams(reference, order)) {
      most.set(ngram, Math.max(most.get(ngram) ?? 0, count));
    }
  }
  let matched = 0;
  for (const [ngram, count] of counts) matched += Math.min(most.get(ngram) ?? 0, count);
  return matched;
}

/** The length of the reference that is closest to a line's; of two equally close ones the shorter. @param references at least one */
export function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.reduce((best, next) => {
    const gain = Math.abs(best - length) - Math.abs(next - length);
    return gain > 0 || (gain === 0 && next < best) ? next : best;
  });
}
