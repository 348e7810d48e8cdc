import { colourAt, hexColour } from '../maps/colour-map.ts';
import type { Explanation } from './explanation.ts';
import type { PictureStyle } from './render-word.ts';
import { SMALL, type Box } from './sheet-layout.ts';
import type { TextStyle } from './typeface.ts';

type DrawText = (text: string, x: number, y: number, style: TextStyle, anchor: 'end') => string;

/**
 * SVG elements for a strip of the map's colours between "less" and "more attention", or "mattered more"; `draw` sets the words.
 */
export function colourKey(
  { x, y, width, height }: Box,
  style: PictureStyle,
  maps: Explanation['maps'],
  draw: DrawText,
): string {
  const colour = (t: number) =>
    hexColour(style.mode === 'dim' ? [255 * t, 255 * t, 255 * t] : colourAt(style.colourMap ?? 'cividis', t));
  const stops = Array.from({ length: 17 }, (_, stop) => {
    const opacity = style.mode === 'tint' ? ` stop-opacity="${stop / 16}"` : '';
    return `<stop offset="${stop / 16}" stop-color="${colour(stop / 16)}"${opacity}/>`;
  });
  const print = { ...SMALL, size: 13 };
  return (
    `<linearGradient id="key">${stops.join('')}</linearGradient>` +
    `<rect x="${x - 106}" y="${y}" width="${width}" height="${height}" rx="4" fill="url(#key)"/>` +
    draw('less', x - 116, y + 8, print, 'end') +
    draw(maps === 'mattered' ? 'mattered more' : 'more attention', x + width, y + 8, print, 'end')
  );
}
