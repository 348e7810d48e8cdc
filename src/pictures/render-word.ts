import type { MapStyle } from '../contract/data/settings.ts';
import { blend, largest } from '../maps/blend.ts';
import type { Explanation, ExplainedWord } from './explanation.ts';
import type { RgbImage } from '../photos/open-photo.ts';
import { methodOf } from '../maps/one-place.ts';
import { upsample } from '../maps/upsample.ts';

/** How maps are drawn over the photo; the same for every picture. What is left out: heat in cividis, smooth, by word. */
export type PictureStyle = Partial<MapStyle>;

/** Draws words of an explanation over its photo, decoded at some size. */
export class WordRenderer {
  readonly #photo: RgbImage;
  readonly #explanation: Explanation;
  readonly #style: PictureStyle;
  readonly #peak: number | undefined;

  constructor(photo: RgbImage, explanation: Explanation, style: PictureStyle = {}) {
    this.#photo = photo;
    this.#explanation = explanation;
    this.#style = style;
    if (style.range === 'caption')
      this.#peak = Math.max(0, ...explanation.words.map((word) => largest(this.map(word))));
  }

  /** The word's map at the photo's size; it sums to what the weights sum to. */
  map(word: ExplainedWord): Float32Array {
    const { height, width } = this.#photo;
    const method = methodOf(word.weights, this.#style.shape);
    return upsample(word.weights, this.#explanation.grid, [height, width], { method });
  }

  /** The photo's pixels with the word's map over them. */
  pixels(word: ExplainedWord): Uint8Array {
    const { mode, colourMap, strength } = this.#style;
    return blend(this.#photo.pixels, this.map(word), {
      mode,
      colourMap,
      alpha: strength ?? undefined,
      peak: this.#peak,
    });
  }
}

/**
 * Width and height of a photo whose long side is limited; small photos are enlarged to `atLeast`, so that a map over
 * a thumbnail is still a picture. Neither side falls below one pixel.
 */
export function limitedSize(
  photo: { width: number; height: number },
  atMost: number,
  atLeast: number,
): { width: number; height: number } {
  const long = Math.max(photo.width, photo.height);
  const scale = Math.min(atMost, Math.max(atLeast, long)) / long;
  return { width: Math.max(1, Math.round(photo.width * scale)), height: Math.max(1, Math.round(photo.height * scale)) };
}
