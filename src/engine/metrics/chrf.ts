import { splitAtSpace } from './translation-tokenizers.ts';
import { assertTranslationPairs, referenceCount, TRANSLATION_METRICS_VERSION } from './translation-pairs.ts';

/** n-grams of 1 to 6 characters; recall counts β times as much as precision. */
const MAX_ORDER = 6;
const BETA = 2;

/** What is counted of one order. */
interface Counts {
  hypothesis: number;
  reference: number;
  matched: number;
}

export interface Chrf {
  /** In [0, 100]. */
  score: number;
  /** How the score was made, in sacreBLEU's format. */
  signature: string;
}

/**
 * chrF2 (Popović 2015, 2016): the F score of character n-grams, spaces left out, equal to sacreBLEU's default.
 *
 *     chrF = (1 + β²) P R / (β² P + R),  P, R: means over the orders that both sides have
 *
 * Of several references that one counts whose line score is best. Counts are summed over all lines.
 *
 * @param references for each hypothesis one or more references
 * @throws RangeError where the lists do not fit together or there is nothing to score
 */
export function chrf(hypotheses: readonly string[], references: readonly (readonly string[])[]): Chrf {
  assertTranslationPairs(hypotheses, references);
  const totals = noCounts();
  for (const [line, text] of hypotheses.entries()) {
    const hypothesis = ngramsOf(text);
    let best: Counts[] | undefined;
    let highest = -1;
    for (const reference of references[line] as readonly string[]) {
      const counts = compare(hypothesis, ngramsOf(reference));
      const score = fScore(counts);
      if (score > highest) [best, highest] = [counts, score];
    }
    for (const [i, total] of totals.entries()) {
      const { hypothesis, reference, matched } = best?.[i] as Counts;
      total.hypothesis += hypothesis;
      total.reference += reference;
      total.matched += matched;
    }
  }
  return {
    score: 100 * fScore(totals),
    signature:
      `nrefs:${referenceCount(references)}|case:mixed|eff:yes|nc:${MAX_ORDER}|nw:0|space:no|` +
      `version:${TRANSLATION_METRICS_VERSION}`,
  };
}

function noCounts(): Counts[] {
  return Array.from({ length: MAX_ORDER }, () => ({ hypothesis: 0, reference: 0, matched: 0 }));
}

/** By order: how often each n-gram of characters occurs. */
function ngramsOf(text: string): Map<string, number>[] {
  const characters = Array.from(splitAtSpace(text).join(''));
  return Array.from({ length: MAX_ORDER }, (_, i) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + i < characters.length; start++) {
      const ngram = characters.slice(start, start + i + 1).join('');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

function compare(hypothesis: readonly Map<string, number>[], reference: readonly Map<string, number>[]): Counts[] {
  return hypothesis.map((own, i) => {
    const other = reference[i] as Map<string, number>;
    let matched = 0;
    for (const [ngram, count] of own) matched += Math.min(count, other.get(ngram) ?? 0);
    // An order that the reference is too short for says nothing about the hypothesis.
    return { hypothesis: other.size > 0 ? sum(own) : 0, reference: sum(other), matched };
  });
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** In [0, 1]; orders that one side has no n-grams of are left out of the means. */
function fScore(counts: readonly Counts[]): number {
  const orders = counts.filter(({ hypothesis, reference }) => hypothesis > 0 && reference > 0);
  if (orders.length === 0) return 0;
  const precision = orders.reduce((total, { matched, hypothesis }) => total + matched / hypothesis, 0) / orders.length;
  const recall = orders.reduce((total, { matched, reference }) => total + matched / reference, 0) / orders.length;
  if (precision + recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (BETA ** 2 * precision + recall);
}
