import type { Point } from '../../pictures/line-plot.ts';
import type { TrainingEvent } from './captioner-run.ts';
import { plotCurve } from '../curve-plot.ts';

/**
 * Draws a run: the training loss (smoothed) on the left scale, the validation CIDEr-D of every epoch on the right one,
 * stages parted by lines. Steps that were repeated after an interruption count once.
 * @returns an SVG document
 */
export function captionerCurve(events: readonly TrainingEvent[]): string {
  const stages = [...new Set(events.flatMap((event) => (event.kind === 'step' ? [event.stage] : [])))];
  const losses: Point[][] = [];
  const scores: Point[] = [];
  const borders: { x: number; name: string }[] = [];
  let first = 0;
  for (const stage of stages) {
    borders.push({ x: first, name: stage });
    // Self-critical losses hover about 0 and would flatten the others: those stages show their scores alone.
    const steps = new Map<number, number>();
    let last = 0;
    for (const event of events) {
      if (event.kind === 'step' && event.stage === stage) {
        if (event.reward === undefined) steps.set(event.step, event.loss);
        last = Math.max(last, event.step);
      } else if (event.kind === 'epoch' && event.stage === stage) {
        scores.push({ x: first + last, y: event.ciderD });
      }
    }
    losses.push([...steps].sort(([a], [b]) => a - b).map(([step, loss]) => ({ x: first + step, y: loss })));
    first += last;
  }

  return plotCurve({
    losses,
    scores,
    scoreName: 'validation CIDEr-D',
    steps: first,
    borders,
  });
}
