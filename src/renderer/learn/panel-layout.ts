import type { Row } from './stages.ts';

/** A row of a panel in its place, in pixels. */
export interface Placed {
  readonly row: Row;
  readonly left: number;
  /** Of the strip, below its name. */
  readonly top: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
  /** Whether the locations have their names beside them, or below. */
  readonly labelled: boolean;
}

/** So many locations can be named. */
const MOST_NAMED = 24;
const NAME = 22;
const GAP = 14;
const VECTOR = 18;
const COLUMNS = 84;
const LETTER = 6.2;

/** Rows one below the other. @param width of the panel */
export function layOut(
  rows: readonly Row[],
  labels: readonly string[],
  width: number,
): { placed: Placed[]; height: number } {
  const isNamed = labels.length > 0 && labels.length <= MOST_NAMED;
  const longest = isNamed ? Math.max(...labels.map(({ length }) => length)) : 0;
  const beside = Math.round(Math.min(width / 3, longest * LETTER + 12));
  const below = Math.round(Math.min(70, longest * LETTER * 0.82 + 14));
  let y = 0;
  const placed = rows.map((row): Placed => {
    const top = y + NAME;
    const labelled = isNamed && (row.kind === 'matrix' || row.kind === 'columns');
    const left = labelled && row.kind === 'matrix' ? beside : 0;
    const innerHeight = heightOf(row, isNamed);
    y = top + innerHeight + GAP + (labelled && row.kind === 'columns' ? below : 0);
    return { row, left, top, innerWidth: Math.max(1, width - left), innerHeight, labelled };
  });
  return { placed, height: Math.ceil(y) };
}

function heightOf(row: Row, isNamed: boolean): number {
  if (row.kind === 'columns') return COLUMNS;
  if (row.kind !== 'matrix') return VECTOR;
  return row.values.length * (isNamed ? 14 : row.values.length > 30 ? 4 : 8);
}
