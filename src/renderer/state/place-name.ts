import { placeOf } from '../attention/region.ts';
import { i18n } from '../i18n/i18n.svelte.ts';

/** Where attention lay, in the words of the language in use. */
export function placeName(weights: readonly number[], grid: readonly [number, number]): string {
  const { regions } = i18n.t;
  const place = placeOf(weights, grid);
  if (place === 'everywhere') return regions.everywhere;
  if (place === 'nowhere') return regions.nowhere;
  return regions.names[place.row]?.[place.column] ?? regions.nowhere;
}
