import { FONTS } from './fonts.ts';
import { escapeXml } from '../files/xml.ts';

/** A figure with its interval. */
export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Drawn in the accent colour: what the others are compared with. */
  readonly isMain?: boolean;
}

/** A plot of figures below each other. */
export interface IntervalPlot {
  readonly title: string;
  /** What the scale is, with its unit: `nats`. */
  readonly scale: string;
  readonly rows: readonly IntervalRow[];
  /** Digits after the point of what is written beside each (default 2). */
  readonly digits?: number;
}

const WIDTH = 720;
const ROW = 34;
const TOP = 64;
const INK = '#1f2328';
const GREY = '#59636e';
const LINE = '#3b528b';
const ACCENT = '#c4441c';

/**
 * Draws figures as dots, their intervals as lines, on a scale that has 0 on it. The ground is white and the ink dark, so
 * it can be read on any page.
 * @returns an SVG document
 */
export function plotIntervals({ digits = 2, rows, scale, title }: IntervalPlot): string {
  const height = TOP + rows.length * ROW + 44;
  const [left, right] = [170, WIDTH - 150];
  const least = Math.min(0, ...rows.map(({ low }) => low));
  const most = Math.max(0, ...rows.map(({ high }) => high));
  const span = most - least || 1;
  const x = (value: number): string => (left + ((value - least) / span) * (right - left)).toFixed(1);
  const parts = rows.map(({ high, isMain, low, name, value }, i) => {
    const y = TOP + (i + 0.5) * ROW;
    const colour = isMain ? ACCENT : LINE;
    const label = `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
    return (
      `<text x="${left - 12}" y="${y + 4}" text-anchor="end" fill="${INK}">${escapeXml(name)}</text>` +
      `<path d="M${x(low)} ${y}H${x(high)}" stroke="${colour}" stroke-width="2.5"/>` +
      `<circle cx="${x(value)}" cy="${y}" r="5" fill="${colour}"/>` +
      `<text x="${right + 12}" y="${y + 4}" fill="${GREY}">${label}</text>`
    );
  });
  const bottom = TOP + rows.length * ROW;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="${FONTS}" font-size="13">` +
    `<title>${escapeXml(title)}</title><rect width="${WIDTH}" height="${height}" fill="#fff"/>` +
    `<text x="24" y="34" font-size="17" font-weight="600" fill="${INK}">${escapeXml(title)}</text>` +
    `<path d="M${x(0)} ${TOP - 8}V${bottom}" stroke="#8c959f"/>${parts.join('')}` +
    `<text x="${x(0)}" y="${bottom + 18}" text-anchor="middle" fill="${GREY}">0</text>` +
    `<text x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle" fill="${GREY}">${escapeXml(scale)}</text></svg>\n`
  );
}
