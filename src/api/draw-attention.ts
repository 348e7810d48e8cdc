import type { CaptionedPhoto } from '../contract/data/captions.ts';
import { renderAnimation } from '../pictures/animation.ts';
import { renderContactSheet } from '../pictures/contact-sheet.ts';
import type { Explanation } from '../pictures/explanation.ts';
import { renderOverlay } from '../pictures/overlay.ts';
import { renderPage } from '../pictures/page.ts';
import type { PictureStyle } from '../pictures/render-word.ts';
import { renderSvg } from '../pictures/svg.ts';
import { ASKED, check } from './check.ts';
import { checkPhoto, type PhotoInput } from './photo-input.ts';

/**
 * A contact sheet of all words (`png`), the picture of one word (`{ word }`, its index in the caption; PNG), all words as
 * one SVG, an HTML page to hover over, or an animation.
 */
export type AttentionPicture = 'png' | 'svg' | 'html' | 'webp' | 'gif' | { word: number };

/**
 * Draws where the model looked for the words of a caption. SVG and HTML come as UTF-8.
 *
 * @param photo the photo that was captioned
 * @param caption what `Captioner.caption` gave for it
 * @throws PhotoError where the photo cannot be read; RangeError where the caption has no such word; TypeError where there is
 *   no such picture or style; Error where the model has no attention
 */
export async function drawAttention(
  photo: PhotoInput,
  caption: CaptionedPhoto,
  picture: AttentionPicture = 'png',
  style: PictureStyle = {},
): Promise<Buffer> {
  checkPhoto(photo);
  check(ASKED.picture, picture, 'The kind of picture');
  check(ASKED.style, style, 'The style of a picture');
  // What captionAll gives for a photo that failed has no words.
  if (!Array.isArray((caption as Partial<CaptionedPhoto> | undefined)?.words)) {
    throw new TypeError('drawAttention takes a caption as Captioner.caption gives it: this one has no words.');
  }
  if (caption.words.every(({ weights }) => weights.length === 0)) {
    throw new Error(`The model ${caption.model} has no attention: there is nothing to draw.`);
  }
  const explanation: Explanation = {
    photo: typeof photo === 'string' ? photo : photo.bytes,
    caption: caption.caption,
    ...(caption.language !== undefined && { language: caption.language }),
    ...(caption.notSure && { notSure: true }),
    words: caption.words,
    grid: caption.grid,
  };
  if (typeof picture === 'object') return renderOverlay(explanation, picture.word, style);
  if (picture === 'png') return renderContactSheet(explanation, style);
  if (picture === 'svg') return Buffer.from(await renderSvg(explanation, style));
  if (picture === 'html') return Buffer.from(await renderPage(explanation, style));
  return renderAnimation(explanation, { ...style, format: picture });
}
