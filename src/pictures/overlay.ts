import sharp from 'sharp';
import { labelOf, wavyLine, type Label } from './doubt.ts';
import { openExplained, type ExplainedWord, type Explanation } from './explanation.ts';
import { limitedSize, WordRenderer, type PictureStyle } from './render-word.ts';
import { drawText, fitText, measureText, type TextStyle } from './typeface.ts';

export interface OverlayOptions extends PictureStyle {
  /** The longest side of the photo in the picture, in pixels; default 1600. */
  longSide?: number;
}

/** Photos are enlarged to this for the picture's sake, and a label gets at least this much room. */
const SMALLEST_LONG_SIDE = 480;
const NARROWEST = 240;

/**
 * One picture a word: the photo with the word's map over it, and beneath it the word and its probability.
 *
 * @returns PNG files, one for each word, made one at a time as they are asked for.
 */
export async function* renderOverlays(explanation: Explanation, options: OverlayOptions = {}): AsyncGenerator<Buffer> {
  const draw = await overlays(explanation, options);
  for (const word of explanation.words) yield await draw(word);
}

/** The picture of one word alone, as `renderOverlays` has it; PNG. @param index one of the explanation's words */
export async function renderOverlay(
  explanation: Explanation,
  index: number,
  options: OverlayOptions = {},
): Promise<Buffer> {
  const word = explanation.words[index];
  if (!word) throw new RangeError(`The caption has ${explanation.words.length} words; there is no word ${index + 1}.`);
  return (await overlays(explanation, options))(word);
}

async function overlays(
  explanation: Explanation,
  options: OverlayOptions,
): Promise<(word: ExplainedWord) => Promise<Buffer>> {
  const photo = await openExplained(explanation);
  const longSide = options.longSide ?? 1600;
  const size = limitedSize(photo, longSide, Math.min(longSide, SMALLEST_LONG_SIDE));
  const renderer = new WordRenderer(await photo.decode(size.width, size.height), explanation, options);
  const width = Math.max(NARROWEST, size.width);

  return (word) => {
    const label = labelStrip(labelOf(word), width, size);
    const pixels = renderer.pixels(word);
    return sharp({ create: { width, height: size.height + label.height, channels: 3, background: '#ffffff' } })
      .composite([
        {
          input: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length),
          raw: { ...size, channels: 3 },
          left: Math.floor((width - size.width) / 2),
          top: 0,
        },
        { input: Buffer.from(label.svg), left: 0, top: size.height },
      ])
      .removeAlpha()
      .png()
      .toBuffer();
  };
}

function labelStrip({ note, text, unsure }: Label, width: number, photo: { width: number; height: number }) {
  const size = Math.round(Math.min(64, Math.max(22, Math.max(photo.width, photo.height) * 0.036), width * 0.11));
  const height = Math.round(size * 2);
  const margin = Math.round(size * 0.75);
  const baseline = Math.round(height / 2 + size * 0.36);
  const strong: TextStyle = { size, weight: 600, fill: '#111111' };
  const small: TextStyle = { size: Math.round(size * 0.75), weight: 400, fill: '#6b6b6b' };
  const room = width - 2 * margin - measureText(note, small) - margin;
  const word = fitText(text, strong, room);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    drawText(word, margin, baseline, strong) +
    (unsure ? wavyLine(margin, baseline, measureText(word, strong), size) : '') +
    drawText(note, width - margin, baseline, small, 'end') +
    '</svg>';
  return { svg, height };
}
