/** Raised whenever a change to tokenizer or metrics changes any score. */
const METRICS_VERSION = 1;

/**
 * One line that says how caption scores were made, so that two numbers can be compared or told apart.
 *
 * @param referenceCounts the number of references of each photo
 * @returns for instance `photos:1000|refs:5|tok:ptb-3.4.1-lower-nopunct|bleu:...|...|version:1`
 */
export function captionSignature(referenceCounts: readonly number[]): string {
  const counts = referenceCounts.toSorted((a, b) => a - b);
  const [fewest, most] = [counts[0] ?? 0, counts.at(-1) ?? 0];
  return [
    `photos:${referenceCounts.length}`,
    `refs:${fewest === most ? most : `${fewest}-${most}`}`,
    'tok:ptb-3.4.1-lower-nopunct',
    'bleu:corpus-closest-tiny1e-15-small1e-9',
    'rougeL:beta1.2-maxP-maxR',
    'cider:D-n4-sigma6-x10-idf.refs',
    `version:${METRICS_VERSION}`,
  ].join('|');
}
