import { trainingCurve } from '../curve-plot.ts';
import type { TrainingEvent } from './captioner-run.ts';

/** Draws a run with the validation CIDEr-D of every epoch; see `trainingCurve`. @returns an SVG document */
export function captionerCurve(events: readonly TrainingEvent[]): string {
  return trainingCurve({
    events,
    // Self-critical losses hover about 0 and would flatten the others: those stages show their scores alone.
    step: (event) =>
      event.kind === 'step' ? { ...event, loss: event.reward === undefined ? event.loss : undefined } : undefined,
    score: (event) => (event.kind === 'epoch' ? { stage: event.stage, score: event.ciderD } : undefined),
    scoreName: 'validation CIDEr-D',
  });
}
