import { trainingCurve } from '../curve-plot.ts';
import type { TranslatorEvent } from './translator-run.ts';

/** Draws a run with the validation BLEU; see `trainingCurve`. @returns an SVG document */
export function translatorCurve(events: readonly TranslatorEvent[]): string {
  return trainingCurve({
    events,
    step: (event) => (event.kind === 'step' ? event : undefined),
    score: (event) => (event.kind === 'validation' ? { stage: event.stage, score: event.bleu } : undefined),
    scoreName: 'validation BLEU',
  });
}
