const WIDTH = 960;
const HEIGHT = 480;
const MARGIN = { left: 56, right: 56, top: 40, bottom: 40 };

/** A point of a curve: `x` counts steps. */
export interface Point {
  x: number;
  y: number;
}

/** What a plot of a training shows. */
export interface CurvePlot {
  /** The training loss of steps, in order, a curve for each part of the training; each is smoothed here. */
  losses: readonly (readonly Point[])[];
  /** The validation scores, on a scale of their own. */
  scores: readonly Point[];
  /** What the scores are: `validation BLEU`. */
  scoreName: string;
  scoreDigits: number;
  steps: number;
  /** Where the parts of the training begin, with their names. */
  borders: readonly { x: number; name: string }[];
}

/** Draws a training: the loss (smoothed) on the left scale, the scores on the right one. @returns an SVG document */
export function plotCurve({ losses, scores, scoreName, scoreDigits, steps, borders }: CurvePlot): string {
  const smooth = losses.map(smoothed);
  const x = scale(0, Math.max(1, steps), MARGIN.left, WIDTH - MARGIN.right);
  const [lossLow, lossHigh] = limits(smooth.flat());
  const [scoreLow, scoreHigh] = limits(scores);
  const left = scale(lossLow, lossHigh, HEIGHT - MARGIN.bottom, MARGIN.top);
  const right = scale(scoreLow, scoreHigh, HEIGHT - MARGIN.bottom, MARGIN.top);
  const path = (points: readonly Point[], y: (value: number) => number): string =>
    points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('');
  const label = (at: number, y: number, anchor: string, fill: string, text: string): string =>
    `<text x="${at.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${escapeXml(text)}</text>`;

  const parts = [
    ...borders.map(({ x: at, name }) => {
      const line = `<path d="M${x(at).toFixed(1)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#ccc"/>`;
      return line + label(x(at) + 4, MARGIN.top - 8, 'start', '#555', name);
    }),
    `<path d="M${MARGIN.left} ${HEIGHT - MARGIN.bottom}H${WIDTH - MARGIN.right}" stroke="#999"/>`,
    `<path d="${smooth.map((curve) => path(curve, left)).join('')}" fill="none" stroke="${LOSS}" stroke-width="1.5"/>`,
    `<path d="${path(scores, right)}" fill="none" stroke="${SCORE}" stroke-width="2"/>`,
    ...scores.map(
      (point) => `<circle cx="${x(point.x).toFixed(1)}" cy="${right(point.y).toFixed(1)}" r="3" fill="${SCORE}"/>`,
    ),
    ...ticks(lossLow, lossHigh).map((value) => label(MARGIN.left - 8, left(value) + 4, 'end', LOSS, value.toFixed(2))),
    ...ticks(scoreLow, scoreHigh).map((value) =>
      label(WIDTH - MARGIN.right + 8, right(value) + 4, 'start', SCORE, value.toFixed(scoreDigits)),
    ),
    label(MARGIN.left, HEIGHT - 12, 'start', LOSS, 'training loss'),
    label(WIDTH - MARGIN.right, HEIGHT - 12, 'end', SCORE, scoreName),
    label(WIDTH / 2, HEIGHT - 12, 'middle', '#555', `${steps} steps`),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`
  );
}

const LOSS = '#3b528b';
const SCORE = '#c4441c';

/** The running mean of a noisy curve. */
function smoothed(points: readonly Point[]): Point[] {
  let mean: number | undefined;
  return points.map(({ x, y }) => {
    mean = mean === undefined ? y : 0.97 * mean + 0.03 * y;
    return { x, y: mean };
  });
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

function limits(points: readonly Point[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { y } of points) [low, high] = [Math.min(low, y), Math.max(high, y)];
  return points.length === 0 ? [0, 1] : [low, high];
}

function ticks(low: number, high: number): number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
