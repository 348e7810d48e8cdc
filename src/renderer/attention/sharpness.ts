/**
 * How sharp a map is: the least part of the photo that holds half of its attention. Half for an even map, towards 0 the
 * sharper it is; in steps of a cell.
 */
export function halfArea(weights: readonly number[]): number {
  const sorted = [...weights].sort((a, b) => b - a);
  const total = sorted.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return 0.5;
  let held = 0;
  const cells = sorted.findIndex((weight) => (held += weight) >= total / 2 - 1e-9) + 1;
  return cells / weights.length;
}
