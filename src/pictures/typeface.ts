import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { outlineToPath, WoffFont, type Glyph } from './woff.ts';
import { escapeXml } from '../files/xml.ts';

/**
 * Text drawn as outlines of one typeface that comes with the package (Inter, SIL Open Font License), so that labels
 * are legible and alike on every machine: where no fonts are installed, as on many servers, text left to the SVG
 * renderer comes out as empty boxes. Characters beyond Inter's scripts are left to the renderer's own fonts.
 */

export interface TextStyle {
  /** Font size in pixels. */
  readonly size: number;
  readonly weight: 400 | 600;
  /** CSS colour. */
  readonly fill: string;
}

// Each subset is its own small file, read when a character first asks for it.
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];
const fonts = new Map<string, WoffFont>();

function font(subset: string, weight: number): WoffFont {
  const file = `@fontsource/inter/files/inter-${subset}-${weight}-normal.woff`;
  let loaded = fonts.get(file);
  if (!loaded) {
    loaded = new WoffFont(readFileSync(createRequire(import.meta.url).resolve(file)));
    fonts.set(file, loaded);
  }
  return loaded;
}

interface PlacedCharacter {
  readonly character: string;
  readonly x: number;
  readonly width: number;
  /** Undefined where Inter has none. */
  readonly glyph: Glyph | undefined;
  readonly scale: number;
}

function place(text: string, style: TextStyle): PlacedCharacter[] {
  let x = 0;
  const line = text.normalize('NFC').replace(/\s/gu, ' ').replace(UNWRITABLE, '\ufffd');
  return Array.from(line, (character) => {
    const found = findGlyph(character, style);
    const width = found ? found.glyph.advance * found.scale : estimatedWidth(character) * style.size;
    const placed = { character, x, width, glyph: found?.glyph, scale: found?.scale ?? 0 };
    x += width;
    return placed;
  });
}

/** What no font has and XML cannot hold: drawn as U+FFFD, it takes the room of that. */
const UNWRITABLE = /[\p{Control}\p{Surrogate}\ufffe\uffff]/gu;

function findGlyph(character: string, style: TextStyle): { glyph: Glyph; scale: number } | undefined {
  for (const subset of SUBSETS) {
    const from = font(subset, style.weight);
    const glyph = from.glyph(character.codePointAt(0) ?? 0);
    if (glyph) return { glyph, scale: style.size / from.unitsPerEm };
  }
  return undefined;
}

/** Ems taken by a character of another font: nothing for combining marks, one for ideographs, emoji and U+FFFD. */
function estimatedWidth(character: string): number {
  if (/\p{Mark}|\p{Format}/u.test(character)) return 0;
  if (
    /[\ufffd\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
      character,
    )
  ) {
    return 1;
  }
  return /\p{Script=Han}/u.test(character) ? 1 : 0.6;
}

/** Width of a line of text in pixels. */
export function measureText(text: string, style: TextStyle): number {
  const last = place(text, style).at(-1);
  return last ? last.x + last.width : 0;
}

/** A line of text as SVG elements, its baseline starting (or, for 'end', ending) at (x, y). */
export function drawText(
  text: string,
  x: number,
  y: number,
  style: TextStyle,
  anchor: 'start' | 'end' = 'start',
): string {
  const placed = place(text, style);
  const left = anchor === 'start' ? x : x - measureText(text, style);
  let path = '';
  let foreign = '';
  for (let index = 0; index < placed.length; index++) {
    const { glyph, scale, x: offset } = placed[index] as PlacedCharacter;
    if (glyph) {
      path += outlineToPath(glyph, left + offset, y, scale);
      continue;
    }
    // A run of characters that Inter lacks stays together, for scripts whose letters join.
    const end = placed.findIndex((other, later) => later > index && other.glyph);
    const run = placed.slice(index, end < 0 ? undefined : end);
    index += run.length - 1;
    const content = escapeXml(run.map(({ character }) => character).join(''));
    foreign +=
      `<text x="${(left + offset).toFixed(2)}" y="${y}" font-family="sans-serif" font-size="${style.size}" ` +
      `font-weight="${style.weight}" fill="${style.fill}">${content}</text>`;
  }
  return (path && `<path fill="${style.fill}" d="${path}"/>`) + foreign;
}

/** The text itself if it is no wider than `width`, otherwise its beginning and "…". */
export function fitText(text: string, style: TextStyle, width: number): string {
  if (measureText(text, style) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && measureText(`${characters.join('').trimEnd()}…`, style) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** Breaks text between words into lines no wider than `width`; a single word that is wider is cut short. */
export function wrapText(text: string, style: TextStyle, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const extended = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && measureText(extended, style) <= width) lines[lines.length - 1] = extended;
    else lines.push(fitText(word, style, width));
  }
  return lines;
}
