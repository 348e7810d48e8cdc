import { plotLines, type Point } from '../pictures/line-plot.ts';

/** What a curve reads of a training's log: steps, and events that have a score. */
interface CurveEvents<Event> {
  events: readonly Event[];
  step: (event: Event) => { stage: string; step: number; loss: number | undefined } | undefined;
  /** The stage and the score of a validation, after the last step that the log has before it. */
  score: (event: Event) => { stage: string; score: number } | undefined;
  /** `validation BLEU`. */
  scoreName: string;
}

/**
 * Draws a run from its log: the training loss (smoothed) on the left scale, the validation scores on the right one, stages
 * parted by lines where there are several. Steps that were repeated after an interruption count once.
 * @returns an SVG document
 */
export function trainingCurve<Event>({ events, score, scoreName, step }: CurveEvents<Event>): string {
  const stages = [...new Set(events.flatMap((event) => step(event)?.stage ?? []))];
  const losses: Point[][] = [];
  const scores: Point[] = [];
  const borders: { x: number; name: string }[] = [];
  let first = 0;
  for (const stage of stages) {
    borders.push({ x: first, name: stage });
    const own = new Map<number, number>();
    const found = new Map<number, number>();
    let last = 0;
    for (const event of events) {
      const stepped = step(event);
      const validated = score(event);
      if (stepped?.stage === stage) {
        if (stepped.loss !== undefined) own.set(stepped.step, stepped.loss);
        last = Math.max(last, stepped.step);
      } else if (validated?.stage === stage) {
        found.set(last, validated.score);
      }
    }
    const points = (values: ReadonlyMap<number, number>): Point[] =>
      [...values].sort(([a], [b]) => a - b).map(([x, y]) => ({ x: first + x, y }));
    losses.push(points(own));
    scores.push(...points(found));
    first += last;
  }
  return plotCurve({ losses, scores, scoreName, steps: first, borders: stages.length > 1 ? borders : [] });
}

/** What a plot of a training shows. */
interface CurvePlot {
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

/** `x` of all points counts steps. */
function plotCurve({ losses, scores, scoreName, steps, borders }: CurvePlot): string {
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
