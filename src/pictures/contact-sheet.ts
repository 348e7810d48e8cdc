import sharp, { type OverlayOptions as Layer } from 'sharp';
import { colourKey } from './colour-key.ts';
import { labelOf, MARK_STYLE, wavyLine } from './doubt.ts';
import { openExplained, type Explanation } from './explanation.ts';
import { WordRenderer, type PictureStyle } from './render-word.ts';
import { LABEL, layoutSheet, SMALL, TITLE, type Box, type SheetLayout } from './sheet-layout.ts';
import { drawText, measureText } from './typeface.ts';

export interface ContactSheetOptions extends PictureStyle {
  /** Enlarges the whole sheet, for print or dense screens; default 1 (tiles of about 330 x 250 pixels). */
  scale?: number;
}

/**
 * A sheet like the figures of Xu et al. 2015: the caption, the photo, then one tile a word with the word's map over
 * the photo, read from left to right and from top to bottom.
 *
 * @returns a PNG file.
 */
export async function renderContactSheet(explanation: Explanation, options: ContactSheetOptions = {}): Promise<Buffer> {
  const photo = await openExplained(explanation);
  const scale = options.scale ?? 1;
  const { caption, notSure, words } = explanation;
  const layout = layoutSheet(photo, caption, words.map(labelOf), notSure);

  const first = (layout.tiles[0] as SheetLayout['tiles'][number]).box;
  const size = { width: scaled(first.width, scale), height: scaled(first.height, scale) };
  const image = await photo.decode(size.width, size.height);
  const renderer = new WordRenderer(image, explanation, options);
  const layers = layout.tiles.map(({ box }, index): Layer => {
    const word = index === 0 ? undefined : explanation.words[index - 1];
    const pixels = word ? renderer.pixels(word) : image.pixels;
    return {
      input: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length),
      raw: { ...size, channels: 3 },
      left: Math.round(box.x * scale),
      top: Math.round(box.y * scale),
    };
  });
  const width = Math.round(layout.width * scale);
  const height = Math.round(layout.height * scale);
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([
      ...layers,
      { input: Buffer.from(lettering(layout, width, height, options, explanation)), left: 0, top: 0 },
    ])
    .removeAlpha()
    .png()
    .toBuffer();
}

/** Everything that is not a photo: title, labels, key, and white over the tiles' corners to round them. */
function lettering(
  layout: SheetLayout,
  width: number,
  height: number,
  style: PictureStyle,
  explanation: Explanation,
): string {
  const titles = layout.title.map(({ text, x, baseline }) => drawText(text, x, baseline, TITLE));
  const mark = layout.mark ? drawText(layout.mark.text, layout.mark.x, layout.mark.baseline, MARK_STYLE) : '';
  const labels = layout.tiles.map(
    ({ label, note, unsure }) =>
      (label ? drawText(label.text, label.x, label.baseline, LABEL) : '') +
      (label && unsure ? wavyLine(label.x, label.baseline, measureText(label.text, LABEL), LABEL.size) : '') +
      (note ? drawText(note.text, note.x, note.baseline, SMALL, 'end') : ''),
  );
  const corners = layout.tiles.map(({ box }) => `<path fill="#ffffff" fill-rule="evenodd" d="${aroundCorners(box)}"/>`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${layout.width} ${layout.height}">` +
    [...titles, mark, ...labels, ...corners].join('') +
    (layout.tiles.length > 1 ? colourKey(layout.key, style, explanation, drawText) : '') +
    '</svg>'
  );
}

/** The four corners between a box and the same box with round corners. */
function aroundCorners({ x, y, width, height }: Box): string {
  const radius = Math.min(5, width / 2, height / 2);
  const right = x + width;
  const bottom = y + height;
  // The outer edge lies half a pixel outside, lest a fringe of the photo shows.
  return (
    `M${x - 0.5} ${y - 0.5}H${right + 0.5}V${bottom + 0.5}H${x - 0.5}Z` +
    `M${x + radius} ${y}H${right - radius}Q${right} ${y} ${right} ${y + radius}V${bottom - radius}` +
    `Q${right} ${bottom} ${right - radius} ${bottom}H${x + radius}Q${x} ${bottom} ${x} ${bottom - radius}` +
    `V${y + radius}Q${x} ${y} ${x + radius} ${y}Z`
  );
}

function scaled(length: number, scale: number): number {
  return Math.max(1, Math.round(length * scale));
}
