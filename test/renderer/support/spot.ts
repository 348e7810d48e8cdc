/** All attention on one cell of a grid of 7 by 7. */
export function spot(row: number, column: number): number[] {
  return Array.from({ length: 49 }, (_, cell) => (cell === row * 7 + column ? 1 : 0));
}
