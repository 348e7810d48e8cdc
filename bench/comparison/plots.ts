import { countOperations } from '../../src/engine/models/operations.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import type { Comparison } from './compared.ts';
import { kindOf } from './kinds.ts';

/** BLEU by source length: the plot of Bahdanau et al. 2015, figure 2. @returns an SVG document */
export function plotBleuByLength({ bins, models }: Comparison): string {
  return plotLines({
    title: 'BLEU by source length',
    subtitle: 'Multi30k test2016, English to German; sentences of like length together',
    x: {
      name: 'words of the source sentence (number of sentences)',
      ticks: bins.map(({ from, mean, sentences, to }) => ({ at: mean, label: `${from}–${to} (${sentences})` })),
    },
    left: { name: 'BLEU', from: 0 },
    lines: models.map(({ bleuByLength, config }) => ({
      ...kindOf(config),
      points: bleuByLength.map((y, i) => ({ x: bins[i]!.mean, y })),
      dots: true,
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
    lines: models.map(({ config }) => ({
      ...kindOf(config),
      points: lengths.map((tokens) => ({
        x: tokens,
        y: countOperations(config, tokens, tokens).sourceAttention / 1e6,
      })),
    })),
  });
}
