import { plotLines, type Point } from '../pictures/line-plot.ts';

/** What a plot of a training shows. */
export interface CurvePlot {
  /** The training loss of steps, in order, a curve for each part of the training; each is smoothed here. */
  losses: readonly (readonly Point[])[];
  /** The validation scores, on a scale of their own. */
  scores: readonly Point[];
  /** What the scores are: `validation BLEU`. */
  scoreName: string;
  steps: number;
  /** Where the parts of the training begin, with their names. */
  borders: readonly { x: number; name: string }[];
}

const LOSS = '#3b528b';
const SCORE = '#c4441c';

/**
 * Draws a training: the loss (smoothed) on the left scale, the scores on the right one. `x` of all points counts steps.
 * @returns an SVG document
 */
export function plotCurve({ losses, scores, scoreName, steps, borders }: CurvePlot): string {
  return plotLines({
    x: { name: `${steps} steps`, from: 0, to: Math.max(1, steps) },
    left: { name: 'training loss', colour: LOSS },
    right: { name: scoreName, colour: SCORE },
    lines: [
      ...losses.map((loss) => ({ name: 'loss', colour: LOSS, points: smoothed(loss), width: 1.5, isNamed: false })),
      { name: 'score', colour: SCORE, points: scores, side: 'right', dots: true, isNamed: false },
    ],
    borders,
  });
}

/** The running mean of a noisy curve. */
function smoothed(points: readonly Point[]): Point[] {
  let mean: number | undefined;
  return points.map(({ x, y }) => {
    mean = mean === undefined ? y : 0.97 * mean + 0.03 * y;
    return { x, y: mean };
  });
}
