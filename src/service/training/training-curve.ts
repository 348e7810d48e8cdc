import { readFileSync } from 'node:fs';
import type { TrainingEvent } from './captioner-run.ts';

const WIDTH = 960;
const HEIGHT = 480;
const MARGIN = { left: 56, right: 56, top: 40, bottom: 40 };

interface Point {
  x: number;
  y: number;
}

/**
 * Draws a run from its log: the training loss (smoothed) on the left scale, the validation CIDEr-D of
 * every epoch on the right one, stages parted by lines.
 * @param logFile JSON lines of `TrainingEvent`s; steps that were repeated after an interruption count once
 * @returns an SVG document
 */
export function trainingCurve(logFile: string): string {
  const events = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrainingEvent);
  return drawCurve(events);
}

/** `trainingCurve` of events at hand. */
export function drawCurve(events: readonly TrainingEvent[]): string {
  const stages = [...new Set(events.flatMap((event) => (event.kind === 'step' ? [event.stage] : [])))];
  const losses: Point[] = [];
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
    let smooth: number | undefined;
    for (const [step, loss] of [...steps].sort(([a], [b]) => a - b)) {
      smooth = smooth === undefined ? loss : 0.97 * smooth + 0.03 * loss;
      losses.push({ x: first + step, y: smooth });
    }
    first += last;
  }

  const x = scale(0, Math.max(1, first), MARGIN.left, WIDTH - MARGIN.right);
  const [lossLow, lossHigh] = limits(losses);
  const [scoreLow, scoreHigh] = limits(scores);
  const left = scale(lossLow, lossHigh, HEIGHT - MARGIN.bottom, MARGIN.top);
  const right = scale(scoreLow, scoreHigh, HEIGHT - MARGIN.bottom, MARGIN.top);
  const path = (points: Point[], y: (value: number) => number): string =>
    points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('');
  const label = (at: number, y: number, anchor: string, fill: string, text: string): string =>
    `<text x="${at.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${escapeXml(text)}</text>`;

  const parts = [
    ...borders.map(({ x: at, name }) => {
      const line = `<path d="M${x(at).toFixed(1)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#ccc"/>`;
      return line + label(x(at) + 4, MARGIN.top - 8, 'start', '#555', name);
    }),
    `<path d="M${MARGIN.left} ${HEIGHT - MARGIN.bottom}H${WIDTH - MARGIN.right}" stroke="#999"/>`,
    `<path d="${path(losses, left)}" fill="none" stroke="${LOSS}" stroke-width="1.5"/>`,
    `<path d="${path(scores, right)}" fill="none" stroke="${SCORE}" stroke-width="2"/>`,
    ...scores.map(
      (point) => `<circle cx="${x(point.x).toFixed(1)}" cy="${right(point.y).toFixed(1)}" r="3" fill="${SCORE}"/>`,
    ),
    ...ticks(lossLow, lossHigh).map((value) => label(MARGIN.left - 8, left(value) + 4, 'end', LOSS, value.toFixed(2))),
    ...ticks(scoreLow, scoreHigh).map((value) =>
      label(WIDTH - MARGIN.right + 8, right(value) + 4, 'start', SCORE, value.toFixed(3)),
    ),
    label(MARGIN.left, HEIGHT - 12, 'start', LOSS, 'training loss'),
    label(WIDTH - MARGIN.right, HEIGHT - 12, 'end', SCORE, 'validation CIDEr-D'),
    label(WIDTH / 2, HEIGHT - 12, 'middle', '#555', `${first} steps`),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`
  );
}

const LOSS = '#3b528b';
const SCORE = '#c4441c';

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
