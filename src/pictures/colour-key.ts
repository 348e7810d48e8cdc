import type { MapKind } from '../contract/constants/map-kinds.ts';
import { colourAt, hexColour } from '../maps/colour-map.ts';
import { areOnePlaces } from '../maps/one-place.ts';
import type { Explanation } from './explanation.ts';
import type { PictureStyle } from './render-word.ts';
import { SMALL, type Box } from './sheet-layout.ts';
import { measureText, type TextStyle } from './typeface.ts';

/** What the map's strongest colour says. */
const MOST: Record<MapKind, string> = {
  looked: 'more attention',
  posterior: 'seen here, given the word',
  mattered: 'mattered more',
};

/** Pixels between the strip and its words. */
const GAP = 16;

type DrawText = (text: string, x: number, y: number, style: TextStyle, anchor: 'end') => string;

/**
 * SVG elements for a strip of the map's colours between "less" and what there is more of; where each word looked at one place,
 * for the colour of that. `draw` sets the words.
 */
export function colourKey(
  { x, y, width, height }: Box,
  style: PictureStyle,
  { maps = 'looked', words }: Pick<Explanation, 'maps' | 'words'>,
  draw: DrawText,
): string {
  const colour = (t: number) =>
    hexColour(style.mode === 'dim' ? [255 * t, 255 * t, 255 * t] : colourAt(style.colourMap ?? 'cividis', t));
  const print = { ...SMALL, size: 13 };
  if (maps === 'looked' && areOnePlaces(words.map(({ weights }) => weights))) {
    const text = 'the place that it looked at';
    const left = x + width - Math.ceil(measureText(text, print)) - 24;
    return (
      `<rect x="${left}" y="${y - 3}" width="14" height="14" fill="${colour(1)}" stroke="#6b6b6b"/>` +
      draw(text, x + width, y + 8, print, 'end')
    );
  }
  const stops = Array.from({ length: 17 }, (_, stop) => {
    const opacity = style.mode === 'tint' ? ` stop-opacity="${stop / 16}"` : '';
    return `<stop offset="${stop / 16}" stop-color="${colour(stop / 16)}"${opacity}/>`;
  });
  const left = x - Math.ceil(measureText(MOST[maps], print)) - GAP;
  return (
    `<linearGradient id="key">${stops.join('')}</linearGradient>` +
    `<rect x="${left}" y="${y}" width="${width}" height="${height}" rx="4" fill="url(#key)"/>` +
    draw('less', left - 10, y + 8, print, 'end') +
    draw(MOST[maps], x + width, y + 8, print, 'end')
  );
}
