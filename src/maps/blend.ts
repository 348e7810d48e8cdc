import type { BlendMode, ColourMapName } from '../contract/constants/map-styles.ts';
import { colourTable } from './colour-map.ts';

export interface BlendOptions {
  /** Default 'heat'. */
  mode?: BlendMode;
  /** Default 'cividis'. Not used by `dim`. */
  colourMap?: ColourMapName;
  /** How much the map covers the photo at most, 0 to 1; default 0.6 for `heat`, 0.75 for `tint`, 0.85 for `dim`. */
  alpha?: number;
  /** The map's value that counts as full; default the map's largest value. Give one for maps to be compared. */
  peak?: number;
}

/** How much the map covers the photo at most, unless the caller says. */
export const DEFAULT_ALPHA: Record<BlendMode, number> = { heat: 0.6, tint: 0.75, dim: 0.85 };

/**
 * Lays a map over a photo of the same size.
 *
 * Pure arithmetic: runs in Node and in a browser.
 *
 * @param pixels 8-bit RGB, three bytes a pixel.
 * @param map one non-negative value a pixel, as from `upsample`.
 * @returns new 8-bit RGB pixels; the arguments are left as they are.
 * @throws RangeError if photo and map differ in size or alpha is not between 0 and 1.
 */
export function blend(pixels: Uint8Array, map: ArrayLike<number>, options: BlendOptions = {}): Uint8Array {
  const mode = options.mode ?? 'heat';
  const alpha = options.alpha ?? DEFAULT_ALPHA[mode];
  if (pixels.length !== map.length * 3) {
    throw new RangeError(`the photo has ${pixels.length / 3} pixels, the map ${map.length}`);
  }
  if (!(alpha >= 0 && alpha <= 1)) throw new RangeError(`alpha must be between 0 and 1, not ${alpha}`);
  const peak = options.peak ?? largest(map);
  const scale = peak > 0 ? 1 / peak : 0;
  const colours = colourTable(options.colourMap ?? 'cividis');

  const blended = new Uint8Array(pixels.length);
  for (let pixel = 0, offset = 0; pixel < map.length; pixel++, offset += 3) {
    const attention = Math.min(1, (map[pixel] as number) * scale);
    const red = pixels[offset] as number;
    const green = pixels[offset + 1] as number;
    const blue = pixels[offset + 2] as number;
    if (mode === 'dim') {
      const light = 1 - alpha * (1 - attention);
      blended[offset] = Math.round(red * light);
      blended[offset + 1] = Math.round(green * light);
      blended[offset + 2] = Math.round(blue * light);
      continue;
    }
    const colour = Math.round(attention * 255) * 3;
    const cover = mode === 'heat' ? alpha : alpha * attention;
    // Rec. 709 luma; under `heat` the photo gives light and shade only.
    const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    blended[offset] = mix(mode === 'heat' ? luma : red, colours[colour] as number, cover);
    blended[offset + 1] = mix(mode === 'heat' ? luma : green, colours[colour + 1] as number, cover);
    blended[offset + 2] = mix(mode === 'heat' ? luma : blue, colours[colour + 2] as number, cover);
  }
  return blended;
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share);
}

/** The largest value of a map, 0 for an empty one. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) most = Math.max(most, values[index] as number);
  return most;
}
