import { plotCurve } from '../curve-plot.ts';
import type { TranslatorEvent } from './translator-run.ts';

/**
 * Draws a run: the training loss, and the validation BLEU. Steps that were repeated after an interruption count once.
 * @returns an SVG document
 */
export function translatorCurve(events: readonly TranslatorEvent[]): string {
  const losses = new Map<number, number>();
  const scores = new Map<number, number>();
  for (const event of events) {
    if (event.kind === 'step') losses.set(event.step, event.loss);
    if (event.kind === 'validation') scores.set(event.step, event.bleu);
  }
  const points = (values: ReadonlyMap<number, number>): { x: number; y: number }[] =>
    [...values].sort(([a], [b]) => a - b).map(([x, y]) => ({ x, y }));
  return plotCurve({
    losses: [points(losses)],
    scores: points(scores),
    scoreName: 'validation BLEU',
    steps: points(losses).at(-1)?.x ?? 0,
    borders: [],
  });
}
