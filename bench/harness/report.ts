import type { Agreement, Benchmark, Cell, Ratio, Row, Section } from './benchmark.ts';
import type { Summary } from './statistics.ts';

/** A benchmark's results as text for a terminal. */
export function describeSection({ title }: Benchmark, section: Section): string {
  const { agreements = [], columns, notes = [], ratios = [], rows } = section;
  return [
    title,
    '='.repeat(title.length),
    ...table([
      ['', ...columns],
      ...rows.map((row) => [row.what, ...columns.map((column) => describeCell(row, column))]),
    ]),
    ...(ratios.length > 0 ? ['', ...table(ratios.map(describeRatio))] : []),
    ...(agreements.length > 0 ? ['', ...table(agreements.map(({ what, result }) => [what, result]))] : []),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
}

function describeCell({ cells, unit }: Row, column: string): string {
  const cell = cells[column];
  if (cell === undefined) return '-';
  return typeof cell === 'number' ? `${digits(cell)} ${unit}` : `${digits(cell.median)} ${unit}${spread(cell)}`;
}

function describeRatio({ what, ours, against, ratio, goal }: Ratio): string[] {
  const verdict =
    goal === undefined ? '' : `goal: at most ${goal}, ${ratio.median <= goal ? 'reached' : 'NOT reached'}`;
  return [what, `${ours} / ${against}`, `${digits(ratio.median)} x${spread(ratio)}`, verdict];
}

const spread = ({ q1, q3, repeats }: Summary): string => (repeats > 1 ? ` (${digits(q1)}-${digits(q3)})` : '');

/** Three digits: more would be noise. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Columns of equal width, the first to the left and the others to the right. */
function table(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const line of lines) line.forEach((text, i) => (widths[i] = Math.max(widths[i] ?? 0, text.length)));
  return lines.map((line) =>
    line
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('   ')
      .trimEnd(),
  );
}

/** A benchmark's results as data. */
export function sectionToJson({ name, title }: Benchmark, section: Section, seconds: number): object {
  const { agreements = [], notes = [], ratios = [], rows } = section;
  return {
    name,
    title,
    seconds: Math.round(seconds),
    rows: rows.map(({ cells, unit, what }) => ({
      what,
      unit,
      results: Object.fromEntries(Object.entries(cells).map(([column, cell]) => [column, cellToJson(cell)])),
    })),
    ratios: ratios.map(({ ratio, ...rest }) => ({ ...rest, ...summaryToJson(ratio) })),
    agreements: agreements.map(({ what, result }: Agreement) => ({ what, result })),
    notes: notes.map((text) => ({ text })),
  };
}

const cellToJson = (cell: Cell): object | number => (typeof cell === 'number' ? rounded(cell) : summaryToJson(cell));

const summaryToJson = ({ median, q1, q3, repeats }: Summary): object => ({
  median: rounded(median),
  q1: rounded(q1),
  q3: rounded(q3),
  repeats,
});

const rounded = (value: number): number => Number(value.toPrecision(4));
