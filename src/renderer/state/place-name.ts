import { EVEN_FROM, halfArea } from '../attention/sharpness.ts';
import { placeOf } from '../attention/region.ts';
import { isOnePlace } from '../../maps/one-place.ts';
import { i18n } from '../i18n/i18n.svelte.ts';

/** Where attention lay, in the words of the language in use. */
export function placeName(weights: readonly number[], grid: readonly [number, number]): string {
  const { regions } = i18n.t;
  const place = placeOf(weights, grid);
  if (place === 'everywhere') return regions.everywhere;
  if (place === 'nowhere') return regions.nowhere;
  return regions.names[place.row]?.[place.column] ?? regions.nowhere;
}

/** How sharp a map is: "half on 12% of the photo", or that it is nearly even, or one place alone. */
export function spreadName(weights: readonly number[]): string {
  const { half, nearlyEven, one } = i18n.t.regions;
  if (isOnePlace(weights)) return one;
  const area = halfArea(weights);
  return area >= EVEN_FROM ? nearlyEven : half(i18n.percent(area));
}
