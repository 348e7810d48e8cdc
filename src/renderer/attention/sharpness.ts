import { largest } from '../../maps/blend.ts';

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

/** From here on a map says next to nothing about where: an even one is at 0.5. */
export const EVEN_FROM = 0.36;

/** A cell counts as full from so many times its even share on; else a nearly even map would look as sure as a sharp one. */
const FULL_FROM = 3;

/**
 * The value that is drawn as full: the map's largest, unless it hardly stands out from an even map.
 * @param values of a map that sums to 1, in cells or made larger (which keeps the sum and makes each value smaller)
 */
export function fullValue(values: ArrayLike<number>): number {
  return Math.max(largest(values), Math.min(1, FULL_FROM / values.length));
}
