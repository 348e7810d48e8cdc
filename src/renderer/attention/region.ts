/** A rectangle in the photo; 0 to 1 from its left and top. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much of the attention fell into a region, 0 to 1; cells at its edge count by the part that lies inside. */
export function shareInside(
  weights: readonly number[],
  [rows, columns]: readonly [number, number],
  region: Region,
): number {
  let inside = 0;
  let total = 0;
  for (const [cell, weight] of weights.entries()) {
    const row = Math.floor(cell / columns);
    const column = cell % columns;
    const across = overlap(region.x * columns, (region.x + region.width) * columns, column);
    const down = overlap(region.y * rows, (region.y + region.height) * rows, row);
    inside += weight * across * down;
    total += weight;
  }
  return total > 0 ? Math.min(1, inside / total) : 0;
}

/** Length of what [start, end] has in common with [cell, cell + 1]. */
function overlap(start: number, end: number, cell: number): number {
  return Math.max(0, Math.min(end, cell + 1) - Math.max(start, cell));
}

/** Where in the photo: a row and a column of a three by three division, everywhere, or nowhere. */
export type Place = { readonly row: 0 | 1 | 2; readonly column: 0 | 1 | 2 } | 'everywhere' | 'nowhere';

/** Where less than this part of the attention stands out from an even spread, it was on no place in particular. */
const STANDS_OUT = 0.12;

/** Where attention lay, said roughly: by the centre of what stands out from an even spread. */
export function placeOf(weights: readonly number[], [rows, columns]: readonly [number, number]): Place {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return 'nowhere';
  const even = total / weights.length;
  let out = 0;
  let across = 0;
  let down = 0;
  for (const [cell, weight] of weights.entries()) {
    const more = Math.max(0, weight - even);
    out += more;
    across += more * ((cell % columns) + 0.5);
    down += more * (Math.floor(cell / columns) + 0.5);
  }
  if (out < STANDS_OUT * total) return 'everywhere';
  return { row: third(down / out / rows), column: third(across / out / columns) };
}

/** The middle is a little wider than its neighbours' edges: centres of mass tend to it. */
function third(position: number): 0 | 1 | 2 {
  if (position < 0.41) return 0;
  return position > 0.59 ? 2 : 1;
}

/** The outline of some cells as the segments of an SVG path, in cells. */
export function outlinePath(cells: readonly number[], columns: number): string {
  const inside = new Set(cells);
  const parts: string[] = [];
  for (const cell of cells) {
    const x = cell % columns;
    const y = Math.floor(cell / columns);
    if (!inside.has(cell - columns)) parts.push(`M${x} ${y}h1`);
    if (!inside.has(cell + columns)) parts.push(`M${x} ${y + 1}h1`);
    if (x === 0 || !inside.has(cell - 1)) parts.push(`M${x} ${y}v1`);
    if (x === columns - 1 || !inside.has(cell + 1)) parts.push(`M${x + 1} ${y}v1`);
  }
  return parts.join('');
}
