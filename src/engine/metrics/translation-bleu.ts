import { closestLength, countNgrams, matchedNgrams } from './ngrams.ts';
import { tokenizeLine, type TranslationTokenizer } from './translation-tokenizers.ts';
import { assertTranslationPairs, referenceCount, TRANSLATION_METRICS_VERSION } from './translation-pairs.ts';

const MAX_ORDER = 4;

export interface TranslationBleuOptions {
  /** Default `13a`; a function is named in the signature as `tokenizerName`. */
  tokenizer?: TranslationTokenizer | ((line: string) => readonly string[]);
  /** What the signature calls a tokenizer that is given as a function. */
  tokenizerName?: string;
  /** Whether case counts for nothing (default false). */
  lowerCase?: boolean;
  /** `exp` (default): NIST's smoothing of empty counts, as sacreBLEU; `none`: an order without matches makes it 0. */
  smoothing?: 'exp' | 'none';
}

/** BLEU with what it was made of. */
export interface TranslationBleu {
  /** In [0, 100], as in papers. */
  score: number;
  /** Of n-grams of order 1 to 4, in percent, smoothed. */
  precisions: [number, number, number, number];
  /** exp(1 − references / hypotheses) where the hypotheses are shorter, else 1. */
  brevityPenalty: number;
  /** Tokens of all hypotheses, and of the references closest to them in length. */
  hypothesisLength: number;
  referenceLength: number;
  /** How the score was made, in sacreBLEU's format. */
  signature: string;
}

/** What one line, or many, add to BLEU. */
export interface BleuCounts {
  /** N-grams of order 1 to 4 that a reference has, and all of the hypothesis. */
  readonly matched: readonly number[];
  readonly guessed: readonly number[];
  readonly hypothesisLength: number;
  /** Of the reference closest in length. */
  readonly referenceLength: number;
}

/** The counts of every line, for whoever scores many choices of lines. Options as of `translationBleu`. */
export function bleuCounts(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: Pick<TranslationBleuOptions, 'tokenizer' | 'lowerCase'> = {},
): BleuCounts[] {
  const { tokenizer = '13a', lowerCase = false } = options;
  const tokens = (line: string): readonly string[] => {
    const cased = lowerCase ? line.toLowerCase() : line;
    return typeof tokenizer === 'function' ? tokenizer(cased) : tokenizeLine(cased, tokenizer);
  };
  return hypotheses.map((text, line) => {
    const hypothesis = tokens(text);
    const ofLine = (references[line] as readonly string[]).map(tokens);
    const orders = Array.from({ length: MAX_ORDER }, (_, i) => i + 1);
    return {
      matched: orders.map((order) => matchedNgrams(countNgrams(hypothesis, order), ofLine, order)),
      guessed: orders.map((order) => Math.max(0, hypothesis.length - order + 1)),
      hypothesisLength: hypothesis.length,
      referenceLength: closestLength(hypothesis.length, ofLine),
    };
  });
}

/**
 * BLEU of lines that were counted. @param times how often each line counts (default: once)
 */
export function bleuOfCounts(
  counts: readonly BleuCounts[],
  { times, smoothing = 'exp' }: { times?: ArrayLike<number> | undefined; smoothing?: 'exp' | 'none' } = {},
): Omit<TranslationBleu, 'signature'> {
  const matched = new Array<number>(MAX_ORDER).fill(0);
  const guessed = new Array<number>(MAX_ORDER).fill(0);
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (const [line, own] of counts.entries()) {
    const weight = times ? (times[line] as number) : 1;
    if (weight === 0) continue;
    hypothesisLength += weight * own.hypothesisLength;
    referenceLength += weight * own.referenceLength;
    for (let i = 0; i < MAX_ORDER; i++) {
      matched[i]! += weight * own.matched[i]!;
      guessed[i]! += weight * own.guessed[i]!;
    }
  }
  const precisions = smoothed(matched, guessed, smoothing);
  let brevityPenalty = 1;
  if (hypothesisLength < referenceLength) {
    brevityPenalty = hypothesisLength === 0 ? 0 : Math.exp(1 - referenceLength / hypothesisLength);
  }
  const mean = Math.exp(precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / MAX_ORDER);
  return { score: brevityPenalty * mean, precisions, brevityPenalty, hypothesisLength, referenceLength };
}

/**
 * Corpus BLEU (Papineni et al. 2002) of translations, equal to sacreBLEU's (Post 2018, arXiv 1804.08771). Counts are
 * summed over all lines before any division; the score is the brevity penalty times the geometric mean of the
 * precisions. Smoothing `exp`: the k-th order without a match counts 1 / 2^k matches.
 *
 * (The BLEU of captions, `bleu.ts`, smooths otherwise and is cut into words otherwise.)
 *
 * @param references for each hypothesis one or more references
 * @throws RangeError where the lists do not fit together or there is nothing to score
 */
export function translationBleu(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: TranslationBleuOptions = {},
): TranslationBleu {
  assertTranslationPairs(hypotheses, references);
  const { tokenizer = '13a', lowerCase = false, smoothing = 'exp' } = options;
  const name = typeof tokenizer === 'function' ? (options.tokenizerName ?? 'custom') : tokenizer;
  return {
    ...bleuOfCounts(bleuCounts(hypotheses, references, options), { smoothing }),
    signature:
      `nrefs:${referenceCount(references)}|case:${lowerCase ? 'lc' : 'mixed'}|eff:no|tok:${name}|smooth:${smoothing}|` +
      `version:${TRANSLATION_METRICS_VERSION}`,
  };
}

/** In percent; all 0 where nothing matches. */
function smoothed(
  matched: readonly number[],
  guessed: readonly number[],
  smoothing: 'exp' | 'none',
): [number, number, number, number] {
  const precisions: [number, number, number, number] = [0, 0, 0, 0];
  if (matched.every((count) => count === 0)) return precisions;
  let share = 1;
  for (let i = 0; i < MAX_ORDER; i++) {
    const total = guessed[i] as number;
    if (total === 0) break;
    let count = matched[i] as number;
    if (count === 0 && smoothing === 'exp') {
      share /= 2;
      count = share;
    }
    precisions[i] = (100 * count) / total;
  }
  return precisions;
}
