import { countOperations } from '../../src/engine/models/operations.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import type { Comparison } from './compared.ts';
import { isVariant, kindOf } from './kinds.ts';

/**
 * BLEU by source length: the plot of Bahdanau et al. 2015, figure 2; behind the sentences as they are, neighbours that were
 * joined. @returns an SVG document
 */
export function plotBleuByLength({ bins, joined, models }: Comparison): string {
  const labels = [...bins.map(({ from, to }) => `${from}–${to}`), ...joined.map(({ count }) => `${count} joined`)];
  return plotLines({
    title: 'BLEU by source length',
    subtitle:
      'Multi30k test2016, English to German, greedy; as many sentences in each bin, then all of them, neighbours joined',
    x: { name: 'words of the source', ticks: labels.map((label, at) => ({ at, label })) },
    left: { name: 'BLEU', from: 0 },
    lines: models
      .filter(({ config }) => !isVariant(config))
      .flatMap(({ bleuByLength, config, joined: long }) => [
        {
          ...kindOf(config),
          points: bleuByLength.map(({ value }, i) => ({ x: i, y: value })),
          dots: true,
          isNamed: long.length === 0,
        },
        {
          ...kindOf(config),
          points: long.map(({ bleu }, i) => ({ x: bins.length + i, y: bleu.value })),
          dots: true,
        },
      ]),
  });
}

/** BLEU at validation while they learnt: who had stopped rising, and who had not. @returns an SVG document */
export function plotLearning({ models }: Comparison): string {
  return plotLines({
    title: 'Validation BLEU by updates',
    subtitle:
      'Mean of the seeds at the best of the learning rates; dotted: products that are not scaled, other cells, other decoders',
    x: { name: 'updates', from: 0 },
    left: { name: 'BLEU', from: 0 },
    lines: models.map(({ config, devBleu }) => ({
      ...kindOf(config),
      points: devBleu.map(({ bleu, step }) => ({ x: step, y: bleu })),
    })),
  });
}

/** The longest source of the plot of operations, in tokens: what a long paragraph has. */
const LONGEST = 250;

/** Operations of the attention to the source, by its length. @returns an SVG document */
export function plotOperations({ models }: Comparison): string {
  const lengths = Array.from({ length: LONGEST / 5 + 1 }, (_, i) => Math.max(1, 5 * i));
  return plotLines({
    title: 'Operations of the attention to the source, by its length',
    subtitle: 'Multiply-adds to translate so many tokens into as many: keys, values, queries, scores and weighted sums',
    x: { name: 'tokens of the source', from: 0, to: LONGEST },
    left: { name: 'million multiply-adds', from: 0 },
    lines: models
      .filter(({ config }) => !isVariant(config))
      .map(({ config }) => ({
        ...kindOf(config),
        points: lengths.map((tokens) => ({
          x: tokens,
          y: countOperations(config, tokens, tokens).sourceAttention / 1e6,
        })),
      })),
  });
}
