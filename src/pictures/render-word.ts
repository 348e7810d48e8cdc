import type { BlendMode } from '../contract/constants/map-styles.ts';
import { blend, largest } from '../maps/blend.ts';
import type { ColourMapName } from '../contract/constants/map-styles.ts';
import type { Explanation, ExplainedWord } from './explanation.ts';
import type { RgbImage } from '../photos/open-photo.ts';
import { upsample, type UpsampleMethod } from '../maps/upsample.ts';

/** How maps are drawn over the photo; the same for every picture. */
export interface MapStyle {
  /** Default 'heat'. */
  mode?: BlendMode;
  /** Default 'cividis'. */
  colourMap?: ColourMapName;
  /** How much the map covers the photo, 0 to 1; the default depends on the mode. */
  alpha?: number;
  /** Default 'gaussian'. */
  upsample?: UpsampleMethod;
  /** The Gaussian's standard deviation as a fraction of the photo's side; default as in the paper's figures. */
  sigma?: number;
  /**
   * What counts as full attention: the largest value of each word's own map (default, as in the paper's figures),
   * or of all the caption's maps, so that words can be compared.
   */
  range?: 'word' | 'caption';
}

/** Draws words of an explanation over its photo, decoded at some size. */
export class WordRenderer {
  readonly #photo: RgbImage;
  readonly #explanation: Explanation;
  readonly #style: MapStyle;
  readonly #peak: number | undefined;

  constructor(photo: RgbImage, explanation: Explanation, style: MapStyle = {}) {
    this.#photo = photo;
    this.#explanation = explanation;
    this.#style = style;
    if (style.range === 'caption')
      this.#peak = Math.max(0, ...explanation.words.map((word) => largest(this.map(word))));
  }

  /** The word's map at the photo's size; it sums to what the weights sum to. */
  map(word: ExplainedWord): Float32Array {
    const { upsample: method, sigma } = this.#style;
    return upsample(word.weights, this.#explanation.grid, [this.#photo.height, this.#photo.width], { method, sigma });
  }

  /** The photo's pixels with the word's map over them. */
  pixels(word: ExplainedWord): Uint8Array {
    const { mode, colourMap, alpha } = this.#style;
    return blend(this.#photo.pixels, this.map(word), { mode, colourMap, alpha, peak: this.#peak });
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
