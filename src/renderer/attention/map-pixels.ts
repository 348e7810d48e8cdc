import type { MapStyle } from '../../contract/data/settings.ts';
import { DEFAULT_ALPHA, largest } from '../../maps/blend.ts';
import { colourAt, colourTable } from '../../maps/colour-map.ts';
import { isOnePlace, methodOf } from '../../maps/one-place.ts';
import { upsample } from '../../maps/upsample.ts';

/** Smooth maps are drawn on so many pixels a side, and stretched over the photo by the compositor. */
const SMOOTH_SIDE = 96;

/** A map ready to be coloured. */
export interface Field {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Whether its pixels have edges, which are to stay when it is made larger. */
  readonly hasEdges: boolean;
}

/** Attention weights as the map that lies over a photo: smooth, or the cells as they are; one place alone is always a cell. */
export function fieldOf(weights: ArrayLike<number>, grid: readonly [number, number], shape: MapStyle['shape']): Field {
  const [rows, columns] = grid;
  if (shape === 'cells') return { values: Float32Array.from(weights), width: columns, height: rows, hasEdges: true };
  const values = upsample(weights, grid, [SMOOTH_SIDE, SMOOTH_SIDE], { method: methodOf(weights, shape) });
  return { values, width: SMOOTH_SIDE, height: SMOOTH_SIDE, hasEdges: isOnePlace(weights) };
}

/** What counts as full attention in each map of a caption, for `range: 'caption'`. */
export function sharedPeak(
  words: readonly { weights: readonly number[] }[],
  grid: readonly [number, number],
  shape: MapStyle['shape'],
): number {
  let peak = 0;
  for (const { weights } of words) {
    if (weights.length > 0) peak = Math.max(peak, largest(fieldOf(weights, grid, shape).values));
  }
  return peak;
}

/**
 * The map as translucent pixels that, laid over the photo, give what `blend` gives; for `heat` over the photo in grey.
 *
 * @param peak the value that counts as full; default the field's largest
 * @param visible 0 to 1: how far the map is faded in
 * @param pixels width * height RGBA, written to
 */
export function paintField(
  field: Field,
  style: Pick<MapStyle, 'mode' | 'colourMap' | 'strength'>,
  pixels: Uint8ClampedArray,
  { peak = largest(field.values), visible = 1 }: { peak?: number; visible?: number } = {},
): void {
  const strength = (style.strength ?? DEFAULT_ALPHA[style.mode]) * visible * 255;
  const scale = peak > 0 ? 1 / peak : 0;
  const colours = colourTable(style.colourMap);
  for (let pixel = 0, offset = 0; pixel < field.values.length; pixel++, offset += 4) {
    const attention = Math.min(1, (field.values[pixel] as number) * scale);
    if (style.mode === 'dim') {
      pixels[offset] = pixels[offset + 1] = pixels[offset + 2] = 0;
      pixels[offset + 3] = strength * (1 - attention);
      continue;
    }
    const colour = Math.round(attention * 255) * 3;
    pixels[offset] = colours[colour] as number;
    pixels[offset + 1] = colours[colour + 1] as number;
    pixels[offset + 2] = colours[colour + 2] as number;
    pixels[offset + 3] = style.mode === 'heat' ? strength : strength * attention;
  }
}

/** The scale of the maps as a CSS gradient, for the legend and the words' bars. */
export function scaleGradient(style: Pick<MapStyle, 'mode' | 'colourMap'>): string {
  const stops = Array.from({ length: 9 }, (_, stop) => {
    if (style.mode === 'dim') {
      const light = Math.round(40 + (stop / 8) * 205);
      return `rgb(${light} ${light} ${light})`;
    }
    return `rgb(${colourAt(style.colourMap, stop / 8).join(' ')})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
