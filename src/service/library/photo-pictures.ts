import { join } from 'node:path';
import sharp from 'sharp';
import { limitedSize } from '../../pictures/render-word.ts';
import { openPhoto } from '../../photos/open-photo.ts';
import type { Library } from './library.ts';
import type { Entry } from './entry.ts';
import { PictureCache } from './picture-cache.ts';

/** The pictures of a photo that pages show. */
const PICTURES = {
  thumbnail: { longSide: 320, quality: 78 },
  picture: { longSide: 2560, quality: 88 },
} as const;
export type PictureKind = keyof typeof PICTURES;

const CACHE_BYTES = 400_000_000;
/** Decoding a photo of twelve megapixels takes fifty megabytes and a processor. */
const AT_ONCE = 2;

/** Thumbnails and display-sized pictures: upright sRGB JPEGs, made once and kept. */
export class PhotoPictures {
  readonly #library: Library;
  /** What was made, and can be made again. */
  readonly cache: PictureCache;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(library: Library, cacheFolder: string, limit = CACHE_BYTES) {
    this.#library = library;
    this.cache = new PictureCache(join(cacheFolder, 'pictures'), limit);
  }

  /** @throws AttendError, PhotoError; the signal's reason when it is aborted: whoever asked has gone */
  async get(id: string, kind: PictureKind, signal?: AbortSignal): Promise<{ bytes: Buffer; contentType: string }> {
    const entry = this.#library.get(id);
    const file = this.#library.fileOf(entry);
    const { longSide, quality } = PICTURES[kind];
    // A thumbnail that was made before is looked at without its photo.
    if (kind === 'picture') await this.#library.hasSent(id);
    const bytes = await this.cache.get(
      [file, entry.changed, longSide, quality],
      async (wanted) => {
        await this.#library.hasSent(id);
        return this.#limited(() => make(entry, file, { longSide, quality, signal: wanted }), wanted);
      },
      signal,
    );
    return { bytes, contentType: 'image/jpeg' };
  }

  async #limited<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      // It may have waited for long.
      signal.throwIfAborted();
      return await action();
    } finally {
      this.#running--;
      // Who asked last looks at it now; who asked first has perhaps scrolled on.
      this.#waiting.pop()?.();
    }
  }
}

async function make(
  entry: Entry,
  file: string,
  { longSide, quality, signal }: { longSide: number; quality: number; signal: AbortSignal },
): Promise<Buffer> {
  const photo = await openPhoto(file, { name: entry.name, signal });
  const size = limitedSize(photo, longSide, 1);
  const { pixels } = await photo.decode(size.width, size.height);
  return sharp(pixels, { raw: { ...size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}
