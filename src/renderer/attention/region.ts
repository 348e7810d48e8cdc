/** A rectangle in the photo; 0 to 1 from its left and top. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much of the attention fell into a region, 0 to 1; cells at its edge count by the part that lies inside. */
export function shareInside(weights: readonly number[], [rows, columns]: readonly [number, number], region: Region): number {
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

/** Attention on more than this part of the cells is on no place in particular. */
const EVERYWHERE = 0.6;

/** Where attention lay, said roughly: by its centre of mass, unless it is spread over most of the photo. */
export function placeOf(weights: readonly number[], [rows, columns]: readonly [number, number]): Place {
  let total = 0;
  let across = 0;
  let down = 0;
  for (const [cell, weight] of weights.entries()) {
    total += weight;
    across += weight * ((cell % columns) + 0.5);
    down += weight * (Math.floor(cell / columns) + 0.5);
  }
  if (!(total > 0)) return 'nowhere';
  // The exponential of the entropy: on how many cells, as it were, the attention lay evenly.
  const entropy = -weights.reduce((sum, weight) => (weight > 0 ? sum + (weight / total) * Math.log(weight / total) : sum), 0);
  if (Math.exp(entropy) > EVERYWHERE * rows * columns) return 'everywhere';
  return { row: third(down / total / rows), column: third(across / total / columns) };
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
