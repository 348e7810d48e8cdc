/**
 * Square regions of a grid, for "does it matter where a word looked?". Cells are numbered row by row from the top left.
 */
export type Grid = readonly [rows: number, columns: number];

/** Cells of a region's side. */
export const WINDOW = 3;

/** Of a region of a grid: on a very small one it is all of it. */
export function regionSide(grid: Grid): number {
  return Math.min(WINDOW, ...grid);
}

/** All windows of a size, each as its cells. */
export function windowsOf([rows, columns]: Grid, size: number): number[][] {
  const windows: number[][] = [];
  for (let top = 0; top + size <= rows; top++) {
    for (let left = 0; left + size <= columns; left++) {
      windows.push(
        Array.from({ length: size * size }, (_, i) => (top + Math.floor(i / size)) * columns + left + (i % size)),
      );
    }
  }
  return windows;
}

/** The number of the window with the most attention, or with the least; of equals, the first. */
export function attendedWindow(
  windows: readonly number[][],
  weights: ArrayLike<number>,
  which: 'most' | 'least',
): number {
  const sums = windows.map((cells) => cells.reduce((sum, cell) => sum + (weights[cell] as number), 0));
  const best = which === 'most' ? Math.max(...sums) : Math.min(...sums);
  return sums.indexOf(best);
}

/** The number of the window in the middle. */
export function centreWindow([rows, columns]: Grid, size: number): number {
  return Math.floor((rows - size) / 2) * (columns - size + 1) + Math.floor((columns - size) / 2);
}
