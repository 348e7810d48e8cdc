import sharp from 'sharp';
import { DEFAULT_ALPHA, largest } from '../maps/blend.ts';
import { wordSaid } from '../contract/word-said.ts';
import { colourKey } from './colour-key.ts';
import { colourAt, hexColour } from '../maps/colour-map.ts';
import { labelOf, MARK_STYLE } from './doubt.ts';
import { openExplained, percent, type ExplainedWord, type Explanation } from './explanation.ts';
import { FONTS } from './fonts.ts';
import { limitedSize, type PictureStyle } from './render-word.ts';
import { LABEL, layoutSheet, SMALL, TITLE, type Box, type Line } from './sheet-layout.ts';
import { measureText, type TextStyle } from './typeface.ts';
import { escapeXml } from '../files/xml.ts';

export interface SvgOptions extends Pick<PictureStyle, 'mode' | 'colourMap' | 'strength' | 'range'> {
  /** The longest side of the embedded photo in pixels; default 960. */
  longSide?: number;
}

/**
 * The contact sheet as one self-contained SVG file: the photo embedded once as JPEG, every grid cell a vector
 * rectangle whose colour or opacity is its weight (relative to the largest), labels as text that can be selected and
 * searched. Words that leave a line too little room in the reader's font are set narrower, as `textLength` asks.
 */
export async function renderSvg(explanation: Explanation, options: SvgOptions = {}): Promise<string> {
  const photo = await openExplained(explanation);
  const longSide = options.longSide ?? 960;
  const size = limitedSize(photo, longSide, 1);
  const { pixels } = await photo.decode(size.width, size.height);
  const jpeg = await sharp(pixels, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 85, mozjpeg: true })
    .toBuffer();

  const { caption, notSure, words } = explanation;
  const layout = layoutSheet(photo, caption, words.map(labelOf), notSure);
  const box = (layout.tiles[0] as (typeof layout.tiles)[number]).box;
  const peak = options.range === 'caption' ? Math.max(...words.map(({ weights }) => largest(weights))) : undefined;

  const tiles = layout.tiles.map((tile, index) => {
    const word = index === 0 ? undefined : words[index - 1];
    const image = (effect: string) => `<use href="#photo" x="${tile.box.x}" y="${tile.box.y}"${effect}/>`;
    if (!word) return `<g>${image('')}</g>`;
    return (
      `<g><title>${escapeXml(wordSaid(word))} ${percent(word.probability).replace('<', '&lt;')}${tile.unsure ? ', not sure' : ''}</title>` +
      image((options.mode ?? 'heat') === 'heat' ? ' filter="url(#grey)"' : '') +
      cells(word, explanation.grid, tile.box, options, peak) +
      (tile.label ? text(tile.label, LABEL, 'start', tile.unsure) : '') +
      (tile.note ? text(tile.note, SMALL, 'end') : '') +
      '</g>'
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${layout.height}" ` +
      `viewBox="0 0 ${layout.width} ${layout.height}" role="img" font-family="${FONTS}">`,
    `<title>${escapeXml(caption)}</title>`,
    `<defs><image id="photo" width="${box.width}" height="${box.height}" preserveAspectRatio="none" ` +
      `href="data:image/jpeg;base64,${jpeg.toString('base64')}"/>` +
      '<filter id="grey" color-interpolation-filters="sRGB" x="0" y="0" width="100%" height="100%">' +
      '<feColorMatrix type="saturate" values="0"/></filter></defs>',
    `<rect width="${layout.width}" height="${layout.height}" fill="#ffffff"/>`,
    ...layout.title.map((line) => text(line, TITLE)),
    layout.mark ? text(layout.mark, MARK_STYLE) : '',
    ...tiles,
    words.length > 0
      ? colourKey(layout.key, options, explanation, (content, x, y, ...rest) =>
          text({ text: content, x, baseline: y }, ...rest),
        )
      : '',
    '</svg>',
    '',
  ].join('\n');
}

function cells(
  { weights }: ExplainedWord,
  [rows, cols]: readonly [number, number],
  box: Box,
  options: SvgOptions,
  captionPeak: number | undefined,
): string {
  if (weights.length !== rows * cols) {
    throw new RangeError(`a ${rows} x ${cols} grid needs ${rows * cols} weights, not ${weights.length}`);
  }
  const peak = captionPeak ?? largest(weights);
  const mode = options.mode ?? 'heat';
  const strength = options.strength ?? DEFAULT_ALPHA[mode];
  let rectangles = '';
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const share = peak > 0 ? Math.min(1, (weights[row * cols + col] as number) / peak) : 0;
      const opacity = strength * { heat: 1, tint: share, dim: 1 - share }[mode];
      const colour = mode === 'dim' ? '#000000' : hexColour(colourAt(options.colourMap ?? 'cividis', share));
      rectangles +=
        `<rect x="${decimal(box.x + (col * box.width) / cols)}" y="${decimal(box.y + (row * box.height) / rows)}" ` +
        `width="${decimal(box.width / cols)}" height="${decimal(box.height / rows)}" ` +
        `fill="${colour}" fill-opacity="${decimal(opacity)}"/>`;
    }
  }
  // Neighbouring cells must neither overlap nor leave hairlines.
  return `<g shape-rendering="crispEdges">${rectangles}</g>`;
}

function text(
  { text: content, x, baseline }: Line,
  style: TextStyle,
  anchor: 'start' | 'end' = 'start',
  unsure = false,
): string {
  return (
    `<text x="${x}" y="${baseline}" font-size="${style.size}" font-weight="${style.weight}" fill="${style.fill}"` +
    (anchor === 'end' ? ' text-anchor="end"' : '') +
    // Its width is the reader's font's: the line under it is left to the reader's program, too.
    (unsure ? ` text-decoration="underline" style="text-decoration:underline wavy ${MARK_STYLE.fill}"` : '') +
    (style === TITLE ? ` textLength="${decimal(measureText(content, style))}" lengthAdjust="spacingAndGlyphs"` : '') +
    `>${escapeXml(content)}</text>`
  );
}

function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}
