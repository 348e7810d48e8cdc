import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MOST_FILE_BYTES } from './decoders/budget.ts';
import { tooLargeFile } from './decoders/sentences.ts';
import { CannotDecode } from './decoders/decoder-pool.ts';
import { decode } from './decoders/decoders.ts';
import type { Resample } from '../engine/published/image-processor.ts';
import type { Decoded, DecodeTask } from './decoders/protocol.ts';
import { PhotoError } from './photo-error.ts';
import type { PhotoFormat } from './photo-header.ts';

/** Where a photo comes from: a path, or the bytes of its file. */
export type PhotoSource = string | Uint8Array;

/**
 * The most pixels (width times height, of one frame) that are decoded unless the caller says otherwise:
 * 250 million, more than a 12,000 x 9,000 photo (108 million), less than what exhausts a small machine.
 */
const DEFAULT_PIXEL_LIMIT = 250_000_000;

export interface OpenPhotoOptions {
  /** The filter of a reduction, done as Pillow does it; left out: Lanczos 3, as libvips does it. */
  resample?: Resample;
  /** The most pixels to decode; default {@link DEFAULT_PIXEL_LIMIT}. */
  pixelLimit?: number;
  /** What to call the photo in messages; default the path, or "the photo" for bytes. */
  name?: string;
  /** Aborting gives the photo up at once: what runs then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Pixels in memory: 8-bit sRGB, row by row, three bytes a pixel. */
export interface RgbImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A photo whose header was read; pixels are decoded on demand, at the size that is needed. */
export interface OpenPhoto {
  /** What messages call it. */
  readonly name: string;
  /** Its path, where it came from one. */
  readonly path: string | undefined;
  /** Size as seen upright, after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly format: PhotoFormat;
  /** When it was taken, in milliseconds since 1970; undefined where it does not say. */
  readonly taken?: number | undefined;
  /**
   * The whole photo, upright, stretched to exactly `width` x `height`, as 8-bit sRGB on a white ground.
   * @throws PhotoError if the pixels are damaged or cut short.
   */
  decode(width: number, height: number): Promise<RgbImage>;
}

/**
 * Opens a photo and reads its header.
 *
 * The format is told from the content, never from the name. A file that ends too early is refused (a caption of a
 * half-grey photo would be wrong without a sign of it); small faults that every viewer forgives, such as stray
 * bytes between JPEG markers, are forgiven. What takes too much time or memory is given up (see `DecoderPool`).
 *
 * @throws PhotoError with a message for a person.
 */
export async function openPhoto(source: PhotoSource, options: OpenPhotoOptions = {}): Promise<OpenPhoto> {
  const name = nameOf(source, options);
  const { header } = await ask(source, options);
  return {
    name,
    path: typeof source === 'string' ? source : undefined,
    ...header,
    async decode(width, height) {
      const { pixels } = await ask(source, options, { width, height });
      return { pixels: pixels as Uint8Array, width, height };
    },
  };
}

/** A photo's header and its pixels at one size, in one go; see `openPhoto`. @throws PhotoError */
export async function openAndDecode(
  source: PhotoSource,
  width: number,
  height: number,
  options: OpenPhotoOptions = {},
): Promise<{ header: Decoded['header']; pixels: Uint8Array }> {
  const { header, pixels } = await ask(source, options, { width, height });
  return { header, pixels: pixels as Uint8Array };
}

async function ask(source: PhotoSource, options: OpenPhotoOptions, size?: DecodeTask['size']): Promise<Decoded> {
  const name = nameOf(source, options);
  if (typeof source === 'string') await checkFile(source, name);
  else refuseTooLarge(source.length, name);
  const task: DecodeTask = {
    data: typeof source === 'string' ? { path: resolve(source) } : { bytes: source },
    pixelLimit: options.pixelLimit ?? DEFAULT_PIXEL_LIMIT,
    ...(size && { size }),
    ...(options.resample && { resample: options.resample }),
  };
  try {
    return await decode(task, options.signal);
  } catch (error) {
    if (error instanceof CannotDecode) throw new PhotoError(error.code, name, error.reason, { cause: error });
    throw error;
  }
}

function nameOf(source: PhotoSource, { name }: OpenPhotoOptions): string {
  return name ?? (typeof source === 'string' ? source : 'the photo');
}

async function checkFile(path: string, name: string): Promise<void> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) {
      throw new PhotoError('is-directory', name, 'it is a folder, not a photo. Name a photo inside it.');
    }
    if (!status.isFile()) throw new PhotoError('unreadable', name, 'it is not a regular file.');
    refuseTooLarge(status.size, name);
    await access(path, constants.R_OK);
  } catch (error) {
    if (error instanceof PhotoError) throw error;
    throw fileError(error, path, name);
  }
}

/** Before anything of it is read, or handed on. */
function refuseTooLarge(bytes: number, name: string): void {
  if (bytes > MOST_FILE_BYTES) throw new PhotoError('too-large', name, tooLargeFile(bytes));
}

function fileError(error: unknown, path: string, name: string): PhotoError {
  const cause = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      // What is no UTF-8 comes with this in its place, and names nothing any more.
      if (path.includes('\ufffd')) {
        return new PhotoError(
          'not-found',
          name,
          'its name holds bytes that are no UTF-8. Give the file another name.',
          cause,
        );
      }
      return new PhotoError('not-found', name, 'there is no such file. Check the spelling of its path.', cause);
    case 'EACCES':
    case 'EPERM':
      return new PhotoError('not-permitted', name, 'permission denied. Change its permissions or copy it.', cause);
    case 'ELOOP':
      return new PhotoError('not-found', name, 'it is a link that leads back to itself.', cause);
    case 'ENAMETOOLONG':
    case 'ERR_INVALID_ARG_VALUE':
      return new PhotoError('not-found', name.slice(0, 80), 'this is not a valid path.', cause);
    default:
      return new PhotoError('unreadable', name, `${error instanceof Error ? error.message : String(error)}.`, cause);
  }
}
