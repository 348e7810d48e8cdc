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
  readonly devBleu: number;
  /** Of the test set: sacreBLEU, chrF2, and BLEU as the papers on Multi30k count it. */
  readonly bleu: number;
  readonly chrf: number;
  readonly tokenisedLowerCaseBleu: number;
  /** sacreBLEU by source length: a score a bin. */
  readonly bleuByLength: readonly number[];
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
  readonly seeds: readonly number[];
  readonly bins: readonly { from: number; to: number; sentences: number; mean: number }[];
  /** How many sentences were timed. */
  readonly timedSentences: number;
  readonly models: readonly Compared[];
}
