import type { Estimate } from '../../src/engine/metrics/bootstrap.ts';
import type { Compared, Comparison } from './compared.ts';
import { kindOf } from './kinds.ts';

/** The files that belong together. */
export const FILES = {
  data: 'comparison.json',
  report: 'README.md',
  bleuByLength: 'bleu-by-length.svg',
  learning: 'learning.svg',
  operations: 'operations.svg',
} as const;

/** The comparison for a reader, in Markdown. */
export function describeComparison(comparison: Comparison): string {
  const { beam, bins, date, differences, joined, machine, models, signatures, test, timedSentences } = comparison;
  const unfinished = models.filter(({ isFinished }) => !isFinished).map(({ name }) => name);
  const [short, long] = models[0]?.operations.map(({ tokens }) => tokens) ?? [];
  return `${[
    '# What attention is for: one table',
    `Small models, trained alike on Multi30k (English to German), that differ in how the decoder sees its source. ` +
      `Of ${test.source} (${test.lines} lines), beam ${beam}; on ${date}, ${machine.processor}, ${machine.cores} cores.`,
    ...(differences.length > 0
      ? [`**The runs are not trained alike: they differ in ${differences.join(', ')}.**`]
      : [
          `Data, vocabulary and schedule are the same for all. ${describeUpdates(models)} ${describeRates(models)} Where two seeds were ` +
            `trained, their mean is told; beam search, times and size are of the first.`,
        ]),
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
        ['greedy, all seeds', ({ greedy }) => estimate(greedy)],
        ['each seed', ({ greedy }) => greedy.bySeed.map((own) => own.toFixed(1)).join(', ')],
        ['best rate', (model) => String(model.rate)],
        ['updates', (model) => String(model.updates)],
        ['greedy, ms a sentence', (model) => milliseconds(model, 1)],
        [`beam ${beam}, ms a sentence`, (model) => milliseconds(model, beam)],
      ],
      models,
    ),
    `Beam ${beam} but for the columns _greedy_ and _each seed_ (sacreBLEU). Times are medians over ${timedSentences} sentences, ` +
      `one at a time, with the quartiles in brackets. Elsewhere brackets have the interval in which a figure lies with 95 % ` +
      `confidence if other sentences were tried (bootstrap over sentences); how seeds differ is not in it.`,
    '## While they learnt',
    `![Validation BLEU by updates, a line for each kind of attention](${FILES.learning})`,
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ...validations(models).map((step): Column => [
          `after ${step}`,
          ({ devBleu }) => devBleu.find((point) => point.step === step)?.bleu.toFixed(1) ?? '',
        ]),
        [
          'by rate, at the end',
          ({ rates }) => rates.map(({ devBleu, rate }) => `${rate}: ${devBleu.toFixed(1)}`).join(', '),
        ],
      ],
      models,
    ),
    'Greedy BLEU of 500 validation sentences, mean of the seeds.',
    '## By source length',
    `![BLEU by source length, a line for each kind of attention](${FILES.bleuByLength})`,
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ...bins.map(({ from, sentences, to }, i): Column => [
          `${from}–${to} words (${sentences})`,
          (model) => estimate(model.bleuByLength[i]!),
        ]),
      ],
      models,
    ),
    'sacreBLEU of greedy translations of the sentences whose source has so many words (how many there are).',
    '## Long ones',
    `Multi30k has hardly a sentence of more than 20 words, so neighbours of the test set were joined, and their references ` +
      `alike: ${joined.map(({ count, lines, mean }) => `${count} in a row are ${lines} lines of ${mean.toFixed(0)} words`).join(', ')}. ` +
      `They are the same sentences, none of them harder than before. In training, a quarter of the neighbours was ` +
      `joined in twos as well; three in a row no model had seen.`,
    table(
      [
        ['attention', (model) => kindOf(model.config).name],
        ['one by one', ({ greedy }) => estimate(greedy)],
        ...joined.flatMap(({ count }, i): Column[] => [
          [`${count} joined`, (model) => estimate(model.joined[i]!.bleu)],
          [`kept`, (model) => percent(model.joined[i]!.kept)],
        ]),
      ],
      models,
    ),
    'sacreBLEU of greedy translations; _kept_: that of joined lines over that of the same sentences one by one.',
    'Small models on a task with one right answer, with and without attention: [reversing digits](../laboratory/README.md).',
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
    [
      '```sh',
      'attend train translator --config configs/comparison-additive.json --data DATA --pack PACK',
      'npm run compare -- --data DATA --tests tests.json --pack PACK',
      'python scripts/torch/train_comparison.py --data PACK --configs configs/comparison-*.json --runs runs \\',
      '  --rates 0.0015 0.004 --seeds 1 2 --minutes 19 --tests tests.json   # all recurrent ones, on one card',
      'attend train translator --config configs/comparison-transformer.json --data DATA --pack PACK-T',
      'python scripts/torch/train_text.py --data PACK-T --run runs/comparison-transformer   # for each rate and seed; likewise ConvS2S',
      'npm run compare -- --data DATA --runs runs/comparison-* --greedy runs/translations.jsonl',
      '```',
    ].join('\n'),
    '`attend train translator --config configs/comparison-NAME.json --data DATA` trains one of them without a card.',
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

const estimate = ({ high, low, value }: Estimate): string =>
  `${value.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;

const percent = ({ high, low, value }: Estimate): string =>
  `${(100 * value).toFixed(0)} % (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;

/** The validations that all models have. */
function validations(models: readonly Compared[]): number[] {
  const steps = models[0]?.devBleu.map(({ step }) => step) ?? [];
  return steps.filter((step) => models.every(({ devBleu }) => devBleu.some((point) => point.step === step)));
}

/** Who took how many updates; each schedule came to its end with them. */
function describeUpdates(models: readonly Compared[]): string {
  const counts = [...new Set(models.map(({ updates }) => updates))];
  const of = (count: number): Compared[] => models.filter(({ updates }) => updates === count);
  const [most, ...others] = counts.sort((a, b) => of(b).length - of(a).length);
  if (others.length === 0) return `All took ${most} updates.`;
  const exceptions = others.map(
    (count) =>
      `${count} of ${of(count)
        .map(({ config }) => kindOf(config).name)
        .join(', ')}`,
  );
  return `**Updates differ: ${most} of most models, but ${exceptions.join(', and ')};** the rate fell to its end with each.`;
}

function describeRates(models: readonly Compared[]): string {
  const rates = new Set(models.flatMap(({ rates }) => rates.map(({ rate }) => rate)));
  if (rates.size === 1) return `The learning rate is ${[...rates].join()} for all.`;
  const largest = Math.max(...rates);
  const count = models.filter(({ rate }) => rate === largest).length;
  return (
    `Of the learning rates ${[...rates].join(' and ')} each has the one that was better at validation: the largest for ` +
    `${count} of ${models.length}, and a larger one was not tried.`
  );
}

function milliseconds(model: Compared, beam: number): string {
  const { median, q1, q3 } = model.milliseconds[beam]!;
  return `${median.toFixed(0)} (${q1.toFixed(0)}–${q3.toFixed(0)})`;
}

const millions = (count: number): string => (count === 0 ? '0' : `${(count / 1e6).toFixed(2)} M`);
