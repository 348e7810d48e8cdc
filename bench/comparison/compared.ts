import type { Estimate } from '../../src/engine/metrics/bootstrap.ts';
import type { Operations } from '../../src/engine/models/operations.ts';
import type { TranslatorConfig } from '../../src/translation/translator-checkpoint.ts';
import type { Machine } from '../harness/machine.ts';
import type { Summary } from '../harness/statistics.ts';

/** One model of the comparison. */
export interface Compared {
  readonly name: string;
  /** "GRU with additive attention". */
  readonly title: string;
  readonly config: TranslatorConfig;
  readonly parameters: number;
  readonly isFinished: boolean;
  readonly updates: number;
  readonly trainingSeconds: number;
  /** Of all rates that were tried, the mean BLEU of the seeds at the last validation; the first of the best is `rate`. */
  readonly rate: number;
  readonly rates: readonly { readonly rate: number; readonly devBleu: number }[];
  readonly seeds: readonly number[];
  /** The mean BLEU of the seeds at every validation. */
  readonly devBleu: readonly { readonly step: number; readonly bleu: number }[];
  /** The first seed, by beam search: sacreBLEU, chrF2, and BLEU as the papers on Multi30k count it. */
  readonly bleu: number;
  readonly chrf: number;
  readonly tokenisedLowerCaseBleu: number;
  /** sacreBLEU of greedy translations: the mean of all seeds with the interval over sentences, and each seed's. */
  readonly greedy: Estimate & { readonly bySeed: readonly number[] };
  /** The same by source length: an estimate a bin. */
  readonly bleuByLength: readonly Estimate[];
  /** The same where neighbours are joined, and how much of the BLEU of single sentences is kept. */
  readonly joined: readonly { readonly count: number; readonly bleu: Estimate; readonly kept: Estimate }[];
  /** Milliseconds a sentence, one sentence at a time, by beam width. */
  readonly milliseconds: Readonly<Record<number, Summary>>;
  /** How operations grow: "O(m t)". */
  readonly growth: string;
  /** Operations of m source tokens translated to as many target tokens. */
  readonly operations: readonly ({ readonly tokens: number } & Operations)[];
}

/** All of it. */
export interface Comparison {
  readonly date: string;
  readonly machine: Machine;
  /** What was translated: file names, and how many lines. */
  readonly test: { readonly source: string; readonly reference: string; readonly lines: number };
  readonly beam: number;
  readonly signatures: { readonly bleu: string; readonly chrf: string; readonly tokenisedLowerCaseBleu: string };
  /** In what the runs differ beside their models. */
  readonly differences: readonly string[];
  readonly bins: readonly { from: number; to: number; sentences: number; mean: number }[];
  /** So many neighbours as one line, how many lines that are, and their mean length in words. */
  readonly joined: readonly { count: number; lines: number; mean: number }[];
  /** How many sentences were timed. */
  readonly timedSentences: number;
  readonly models: readonly Compared[];
}
