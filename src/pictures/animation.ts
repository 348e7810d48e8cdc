import sharp from 'sharp';
import { labelOf, MARK, MARK_STYLE, wavyLine, type Label } from './doubt.ts';
import { openExplained, type Explanation } from './explanation.ts';
import { limitedSize, WordRenderer, type PictureStyle } from './render-word.ts';
import { drawText, fitText, measureText, type TextStyle } from './typeface.ts';

export interface AnimationOptions extends PictureStyle {
  /** Default 'webp'. */
  format?: 'webp' | 'gif';
  /** The longest side of the photo in pixels; default 720. */
  longSide?: number;
  /** How long a word stays, in milliseconds; default 900. The last word stays twice as long, before it begins anew. */
  hold?: number;
  /** Frames that cross-fade from one word to the next, 50 ms each; default 0: one frame a word. */
  fadeFrames?: number;
}

const FADE_MILLISECONDS = 50;
const SMALLEST_LONG_SIDE = 480;
const NARROWEST = 320;

/**
 * The caption word by word: each frame shows one word's map over the photo, and beneath it the caption with that
 * word picked out. Repeats for ever.
 *
 * @returns an animated WebP or GIF file.
 * @throws RangeError if the caption has no words.
 */
export async function renderAnimation(explanation: Explanation, options: AnimationOptions = {}): Promise<Buffer> {
  if (explanation.words.length === 0) throw new RangeError('a caption without words cannot be animated');
  const photo = await openExplained(explanation);
  const longSide = options.longSide ?? 720;
  const size = limitedSize(photo, longSide, Math.min(longSide, SMALLEST_LONG_SIDE));
  const renderer = new WordRenderer(await photo.decode(size.width, size.height), explanation, options);
  const width = Math.max(NARROWEST, size.width);
  const strip = new CaptionStrip(explanation.words.map(labelOf), explanation.notSure === true, width);

  const scenes: Uint8Array[] = [];
  for (const [index, word] of explanation.words.entries()) {
    scenes.push(joinRows(centred(renderer.pixels(word), size, width), await strip.pixels(index)));
  }
  const frames: Uint8Array[] = [];
  const delay: number[] = [];
  const hold = options.hold ?? 900;
  for (const [index, scene] of scenes.entries()) {
    const last = index === scenes.length - 1;
    frames.push(scene);
    delay.push(last ? 2 * hold : hold);
    const next = scenes[(index + 1) % scenes.length] as Uint8Array;
    for (const share of fadeShares(scenes.length > 1 ? (options.fadeFrames ?? 0) : 0)) {
      frames.push(crossFade(scene, next, share));
      delay.push(FADE_MILLISECONDS);
    }
  }

  const height = size.height + strip.height;
  const animation = sharp(Buffer.concat(frames), {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
    limitInputPixels: false,
  });
  return options.format === 'gif'
    ? animation.gif({ delay, loop: 0 }).toBuffer()
    : animation.webp({ delay, loop: 0, quality: 82 }).toBuffer();
}

interface Piece {
  readonly text: string;
  readonly width: number;
  readonly unsure: boolean;
  readonly style: TextStyle;
}

/** The caption, wrapped and centred, one word dark and the others pale; behind it the mark of doubt. */
class CaptionStrip {
  readonly height: number;
  readonly #width: number;
  readonly #style: TextStyle;
  readonly #placed: (Piece & { x: number; baseline: number })[];

  constructor(words: readonly Label[], notSure: boolean, width: number) {
    const size = Math.round(Math.min(30, Math.max(18, width * 0.036)));
    // The same weight for every word: nothing moves from frame to frame.
    this.#style = { size, weight: 600, fill: '#111111' };
    const margin = size;
    const space = measureText(' ', this.#style);
    const mark = { ...MARK_STYLE, size: Math.round(size * 0.7) };
    const pieces = words.map(({ text, unsure }) => ({ text, unsure, style: this.#style }));
    const lines: Piece[][] = [[]];
    let used = 0;
    for (const piece of [...pieces, ...(notSure ? [{ text: MARK, unsure: false, style: mark }] : [])]) {
      const text = fitText(piece.text, piece.style, width - 2 * margin);
      const wide = measureText(text, piece.style);
      if (used > 0 && used + space + wide > width - 2 * margin) {
        lines.push([]);
        used = 0;
      }
      used += (used > 0 ? space : 0) + wide;
      lines.at(-1)?.push({ ...piece, text, width: wide });
    }
    const lineHeight = Math.round(size * 1.4);
    this.#placed = lines.flatMap((line, row) => {
      let x = (width - line.reduce((sum, word) => sum + word.width, space * (line.length - 1))) / 2;
      return line.map((word) => {
        const placed = { ...word, x, baseline: margin + row * lineHeight + Math.round(size * 0.88) };
        x += word.width + space;
        return placed;
      });
    });
    this.#width = width;
    this.height = 2 * margin + lines.length * lineHeight - Math.round(size * 0.3);
  }

  async pixels(current: number): Promise<Uint8Array> {
    const words = this.#placed.map(({ baseline, style, text, unsure, width, x }, index) => {
      const isPale = style === this.#style && index !== current;
      const line = unsure ? wavyLine(x, baseline, width, style.size) : '';
      return drawText(text, x, baseline, isPale ? { ...style, fill: '#b8b8b8' } : style) + line;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${this.#width}" height="${this.height}">${words.join('')}</svg>`;
    return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).toColourspace('srgb').raw().toBuffer();
  }
}

/** A photo narrower than its frame, in the middle of a white ground. */
function centred(
  pixels: Uint8Array,
  { width, height }: { width: number; height: number },
  frameWidth: number,
): Uint8Array {
  if (width === frameWidth) return pixels;
  const framed = new Uint8Array(frameWidth * height * 3).fill(255);
  const left = Math.floor((frameWidth - width) / 2);
  for (let row = 0; row < height; row++) {
    framed.set(pixels.subarray(row * width * 3, (row + 1) * width * 3), (row * frameWidth + left) * 3);
  }
  return framed;
}

function joinRows(above: Uint8Array, below: Uint8Array): Uint8Array {
  const joined = new Uint8Array(above.length + below.length);
  joined.set(above);
  joined.set(below, above.length);
  return joined;
}

/** Shares of the next scene in each frame between, slow at both ends. */
function fadeShares(frames: number): number[] {
  return Array.from({ length: frames }, (_, frame) => {
    const t = (frame + 1) / (frames + 1);
    return t * t * (3 - 2 * t);
  });
}

function crossFade(from: Uint8Array, to: Uint8Array, share: number): Uint8Array {
  return from.map((value, index) => Math.round(value + ((to[index] as number) - value) * share));
}
