import type { MapStyle } from '../contract/data/settings.ts';

/**
 * Whether all weight lies at one place, as hard attention's does (Xu et al. 2015, section 4.1). Such a map is drawn as the cell
 * that it is, in either shape: a smooth one would show what lies beside the cell, which was not looked at.
 */
export function isOnePlace(weights: ArrayLike<number>): boolean {
  let count = 0;
  for (let cell = 0; cell < weights.length && count < 2; cell++) if ((weights[cell] as number) > 0) count++;
  return count === 1;
}

/** Whether each of several maps lies at one place; there is at least one, and empty ones do not count. */
export function areOnePlaces(maps: readonly ArrayLike<number>[]): boolean {
  const known = maps.filter(({ length }) => length > 0);
  return known.length > 0 && known.every(isOnePlace);
}

/** How `upsample` is to make a map of weights. @param shape that is wished for; smooth unless said */
export function methodOf(weights: ArrayLike<number>, shape: MapStyle['shape'] | undefined): 'gaussian' | 'cells' {
  return shape === 'cells' || isOnePlace(weights) ? 'cells' : 'gaussian';
}
