/** Raised whenever a change to tokenizers or metrics changes any score of translations. */
export const TRANSLATION_METRICS_VERSION = 'attend-1';

/** @throws RangeError where hypotheses and references do not fit together, or there is nothing to score */
export function assertTranslationPairs(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): void {
  if (hypotheses.length === 0) throw new RangeError('There are no translations to score.');
  if (hypotheses.length !== references.length) {
    throw new RangeError(
      `${hypotheses.length} translations cannot be scored against the references of ${references.length} lines.`,
    );
  }
  const without = references.findIndex((ofLine) => ofLine.length === 0);
  if (without !== -1) throw new RangeError(`Line ${without + 1} of ${references.length} has no reference.`);
}

/** How many references the lines have, as sacreBLEU's signature puts it. */
export function referenceCount(references: readonly (readonly string[])[]): string {
  const counts = new Set(references.map(({ length }) => length));
  return counts.size === 1 ? String([...counts][0]) : 'var';
}
