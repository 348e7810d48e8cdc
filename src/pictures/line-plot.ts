import { FONTS } from './fonts.ts';
import { escapeXml } from '../files/xml.ts';

/** A point of a line, in the units of its axes. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One line. */
export interface Line {
  /** Stands beside its end, unless `isNamed` says otherwise. */
  readonly name: string;
  /** As SVG writes it: `#3b528b`. */
  readonly colour: string;
  readonly points: readonly Point[];
  /** Which of the two scales the points are on (default `left`). */
  readonly side?: 'left' | 'right';
  /** In pixels (default 2). */
  readonly width?: number;
  /** As `stroke-dasharray`: lines that lie on each other can be told apart (default: drawn through). */
  readonly dash?: string;
  /** Whether each point has a dot (default false). */
  readonly dots?: boolean;
  /** Whether the name stands beside the end (default true). */
  readonly isNamed?: boolean;
}

/** A scale. */
interface Axis {
  /** What is on it, with its unit: `validation BLEU`. */
  readonly name: string;
  /** Where it begins and ends; what is left out is as the points need it, rounded to a tick. */
  readonly from?: number;
  readonly to?: number;
  /** Where ticks stand, and what is written there; default: some four to seven round numbers. */
  readonly ticks?: readonly { readonly at: number; readonly label: string }[];
  /** The colour of its numbers and name; default grey. */
  readonly colour?: string;
}

/** A plot of lines. */
export interface LinePlot {
  readonly title?: string;
  /** A sentence under the title. */
  readonly subtitle?: string;
  readonly x: Axis;
  readonly left: Axis;
  readonly right?: Axis;
  readonly lines: readonly Line[];
  /** Upright lines, with what begins there. */
  readonly borders?: readonly { readonly x: number; readonly name: string }[];
}

const WIDTH = 960;
const HEIGHT = 480;
const SIZE = 13;
/** Pixels between the baselines of two names. */
const LEADING = 18;
const INK = '#1f2328';
const GREY = '#59636e';
const GRID = '#e4e7eb';

/**
 * Draws lines over two scales at most. The ground is white and the ink dark, so it can be read on any page.
 * @returns an SVG document of 960 x 480
 */
export function plotLines({ title, subtitle, x: xAxis, left, right, lines, borders = [] }: LinePlot): string {
  const named = lines.filter(({ isNamed, points }) => (isNamed ?? true) && points.length > 0);
  const longest = named.reduce((most, { name }) => Math.max(most, name.length), 0);
  const box: Box = {
    left: 64,
    right: WIDTH - (right ? 64 : 24) - (longest > 0 ? 20 + Math.ceil(longest * SIZE * 0.55) : 0),
    top: 44 + (title ? 28 : 0) + (subtitle ? 20 : 0) + (borders.length > 0 ? 16 : 0),
    bottom: HEIGHT - 56,
  };
  const of = (side: 'left' | 'right'): Point[] =>
    lines.filter((line) => (line.side ?? 'left') === side).flatMap(({ points }) => points);
  const x = scale(
    xAxis,
    lines.flatMap(({ points }) => points).map((point) => point.x),
    [box.left, box.right],
  );
  const y = {
    left: scale(
      left,
      of('left').map((point) => point.y),
      [box.bottom, box.top],
    ),
    right: scale(
      right ?? left,
      of('right').map((point) => point.y),
      [box.bottom, box.top],
    ),
  };

  const parts = [
    ...(title ? [text(24, 32, title, { size: 18, weight: 600, fill: INK })] : []),
    ...(subtitle ? [text(24, 54, subtitle)] : []),
    ...borders.map(
      ({ x: at, name }) =>
        `<path d="M${px(x.at(at))} ${box.top}V${box.bottom}" stroke="#c9d1d9"/>` +
        text(x.at(at) + 4, box.top - 6, name, { size: 12 }),
    ),
    ...y.left.ticks.map(
      ({ at, label }) =>
        `<path d="M${box.left} ${px(y.left.at(at))}H${box.right}" stroke="${GRID}"/>` +
        text(box.left - 10, y.left.at(at) + 4, label, { anchor: 'end', fill: left.colour ?? GREY }),
    ),
    text(24, box.top - (borders.length > 0 ? 30 : 16), left.name, { fill: left.colour ?? GREY }),
    ...(right ? rightAxis(right, y.right, box, borders.length > 0 ? 30 : 16) : []),
    `<path d="M${box.left} ${box.bottom}H${box.right}" stroke="#8c959f"/>`,
    ...x.ticks.map(({ at, label }) => text(x.at(at), box.bottom + 20, label, { anchor: 'middle' })),
    text((box.left + box.right) / 2, HEIGHT - 14, xAxis.name, { anchor: 'middle' }),
    ...lines.map((line) => drawLine(line, x, y[line.side ?? 'left'])),
    ...drawNames(named, x, y, box, right ? 56 : 0),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="${FONTS}" ` +
    `font-size="${SIZE}">${title ? `<title>${escapeXml(title)}</title>` : ''}` +
    `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>${parts.join('')}</svg>\n`
  );
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A scale with its place on the picture. */
interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** @param values that must find room @param place where the scale begins and ends, in pixels */
function scale(axis: Axis, values: readonly number[], [start, end]: readonly [number, number]): Scale {
  let low = axis.from ?? values.reduce((least, value) => Math.min(least, value), Infinity);
  let high = axis.to ?? values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!Number.isFinite(low)) low = Math.min(0, Number.isFinite(high) ? high : 0);
  if (!Number.isFinite(high)) high = low + 1;
  if (low === high) high = low + Math.max(1, Math.abs(low));
  const step = roundStep((high - low) / 5);
  if (axis.from === undefined) low = Math.floor(low / step + 1e-9) * step;
  if (axis.to === undefined) high = Math.ceil(high / step - 1e-9) * step;
  return {
    at: (value) => start + ((value - low) / (high - low)) * (end - start),
    ticks: axis.ticks ?? roundTicks(low, high, step),
  };
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function roundTicks(low: number, high: number, step: number): { at: number; label: string }[] {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const at = (first + i) * step;
    return { at, label: at.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }) };
  });
}

function rightAxis(axis: Axis, { at, ticks }: Scale, box: Box, above: number): string[] {
  const fill = axis.colour ?? GREY;
  return [
    ...ticks.map((tick) => text(box.right + 10, at(tick.at) + 4, tick.label, { fill })),
    text(WIDTH - 24, box.top - above, axis.name, { anchor: 'end', fill }),
  ];
}

function drawLine({ points, colour, width = 2, dash, dots = false }: Line, x: Scale, y: Scale): string {
  const places = points.map((point) => [px(x.at(point.x)), px(y.at(point.y))] as const);
  const path = places.map(([at, height], i) => `${i === 0 ? 'M' : 'L'}${at} ${height}`).join('');
  return (
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"` +
    `${dash ? ` stroke-dasharray="${dash}"` : ''}/>` +
    (dots ? places.map(([at, height]) => `<circle cx="${at}" cy="${height}" r="3.5" fill="${colour}"/>`).join('') : '')
  );
}

/** The names beside the ends of their lines, moved apart where they would lie on each other. */
function drawNames(
  lines: readonly Line[],
  x: Scale,
  y: Readonly<Record<'left' | 'right', Scale>>,
  box: Box,
  away: number,
): string[] {
  const ends = lines.map((line) => {
    const last = line.points.at(-1) as Point;
    return { line, from: x.at(last.x), height: y[line.side ?? 'left'].at(last.y) };
  });
  ends.sort((a, b) => a.height - b.height);
  const places = apart(
    ends.map(({ height }) => height),
    LEADING,
    box.top,
    box.bottom,
  );
  return ends.map(({ line, from, height }, i) => {
    const place = places[i] as number;
    const begin = box.right + away;
    const lead = `M${px(from + 6)} ${px(height)}L${px(begin + 14)} ${px(place)}`;
    return (
      `<path d="${lead}" stroke="${line.colour}" stroke-width="1" stroke-opacity="0.5" fill="none"/>` +
      text(begin + 18, place + 4, line.name, { fill: line.colour, weight: 600 })
    );
  });
}

/**
 * Places that are at least `gap` apart, in the same order, as near to the wanted ones as it goes, between two ends.
 * @param wanted rising
 */
function apart(wanted: readonly number[], gap: number, from: number, to: number): number[] {
  // Groups of names that touch, each around the mean of what its names want.
  const groups: { sum: number; count: number }[] = [];
  const first = ({ sum, count }: { sum: number; count: number }): number => {
    const height = (count - 1) * gap;
    return Math.max(from, Math.min(sum / count - height / 2, to - height));
  };
  for (const place of wanted) {
    let group = { sum: place, count: 1 };
    for (;;) {
      const before = groups.at(-1);
      if (!before || first(before) + before.count * gap <= first(group)) break;
      groups.pop();
      group = { sum: before.sum + group.sum, count: before.count + group.count };
    }
    groups.push(group);
  }
  return groups.flatMap((group) => Array.from({ length: group.count }, (_, i) => first(group) + i * gap));
}

interface TextStyle {
  size?: number;
  weight?: number;
  fill?: string;
  anchor?: 'start' | 'middle' | 'end';
}

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', fill = GREY, size = SIZE, weight = 400 } = style;
  return (
    `<text x="${px(x)}" y="${px(y)}" fill="${fill}"` +
    (anchor === 'start' ? '' : ` text-anchor="${anchor}"`) +
    (size === SIZE ? '' : ` font-size="${size}"`) +
    (weight === 400 ? '' : ` font-weight="${weight}"`) +
    `>${escapeXml(content)}</text>`
  );
}

const px = (value: number): string => String(Number(value.toFixed(1)));
