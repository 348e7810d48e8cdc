import type { Compared, Comparison } from './compared.ts';
import { kindOf } from './kinds.ts';

/** The files that belong together. */
export const FILES = {
  data: 'comparison.json',
  report: 'README.md',
  bleuByLength: 'bleu-by-length.svg',
  operations: 'operations.svg',
} as const;

/** The comparison for a reader, in Markdown. */
export function describeComparison(comparison: Comparison): string {
  const { beam, bins, date, differences, machine, models, seeds, signatures, test, timedSentences } = comparison;
  const unfinished = models.filter(({ isFinished }) => !isFinished).map(({ name }) => name);
  const [short, long] = models[0]?.operations.map(({ tokens }) => tokens) ?? [];
  return `${[
    '# What attention is for: one table',
    `Small models, trained alike on Multi30k (English to German), that differ in how the decoder sees its source. ` +
      `Of ${test.source} (${test.lines} lines), beam ${beam}; on ${date}, ${machine.processor}, ${machine.cores} cores.`,
    ...(differences.length > 0
      ? [`**The runs are not trained alike: they differ in ${differences.join(', ')}.**`]
      : [`Data, vocabulary, budget, schedule and seed (${seeds.join(', ')}) are the same for all.`]),
    ...(unfinished.length > 0 ? [`**Not trained to the end yet: ${unfinished.join(', ')}.**`] : []),
    ...(machine.loadBefore > 0.5
      ? [`The machine was busy (load ${machine.loadBefore.toFixed(1)}): times are too high.`]
      : []),
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ['parameters', (model) => millions(model.parameters)],
        ['BLEU, tokenised lower case', (model) => model.tokenisedLowerCaseBleu.toFixed(1)],
        ['sacreBLEU', (model) => model.bleu.toFixed(1)],
        ['chrF2', (model) => model.chrf.toFixed(1)],
        ['updates', (model) => String(model.updates)],
        ['training, min', (model) => (model.trainingSeconds / 60).toFixed(1)],
        ['greedy, ms a sentence', (model) => milliseconds(model, 1)],
        [`beam ${beam}, ms a sentence`, (model) => milliseconds(model, beam)],
      ],
      models,
    ),
    `Times are medians over ${timedSentences} sentences, one at a time, with the quartiles in brackets.`,
    '## By source length',
    `![BLEU by source length, a line for each kind of attention](${FILES.bleuByLength})`,
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ...bins.map(({ from, sentences, to }, i): Column => [
          `${from}–${to} words (${sentences})`,
          (model) => (model.bleuByLength[i] ?? 0).toFixed(1),
        ]),
      ],
      models,
    ),
    'sacreBLEU of the sentences whose source has so many words (how many there are).',
    '## Operations',
    `![Multiply-adds of the attention to the source by its length, a line for each kind](${FILES.operations})`,
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ['growth', (model) => model.growth],
        ...[short, long].flatMap((tokens): Column[] => {
          if (tokens === undefined) return [];
          const at = (model: Compared) => model.operations.find((entry) => entry.tokens === tokens)!;
          return [
            [`to the source, ${tokens} tokens`, (model) => millions(at(model).sourceAttention)],
            [`to itself, ${tokens}`, (model) => millions(at(model).selfAttention)],
            [`whole model, ${tokens}`, (model) => millions(at(model).total)],
          ];
        }),
      ],
      models,
    ),
    'Multiply-adds to translate so many tokens (m) into as many (t), one hypothesis; see `countOperations` in ' +
      '`src/engine/models/operations.ts`.',
    '## How',
    '```sh\nattend train translator --config configs/comparison-NAME.json --data DATA   # each of them\n' +
      'npm run compare -- --data DATA --runs runs/comparison-*\n```',
    [
      `- tokenised lower case: \`${signatures.tokenisedLowerCaseBleu}\``,
      `- sacreBLEU: \`${signatures.bleu}\``,
      `- chrF2: \`${signatures.chrf}\``,
    ].join('\n'),
    `All numbers: [${FILES.data}](${FILES.data}).`,
  ].join('\n\n')}\n`;
}

type Column = [head: string, cell: (model: Compared) => string];

function table(columns: readonly Column[], models: readonly Compared[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([head]) => head)),
    line(columns.map((_, i) => (i === 0 ? '---' : '--:'))),
    ...models.map((model) => line(columns.map(([, cell]) => cell(model)))),
  ].join('\n');
}

function milliseconds(model: Compared, beam: number): string {
  const { median, q1, q3 } = model.milliseconds[beam]!;
  return `${median.toFixed(0)} (${q1.toFixed(0)}–${q3.toFixed(0)})`;
}

const millions = (count: number): string => (count === 0 ? '0' : `${(count / 1e6).toFixed(2)} M`);
