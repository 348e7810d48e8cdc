import { readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type SharpOptions } from 'sharp';
import { PhotoError } from './photo-error.ts';
import { hasPhotoSignature, sniffForeignFormat, type ForeignFormat } from './sniff-format.ts';

/** Where a photo comes from: a path, or the bytes of its file. */
export type PhotoSource = string | Uint8Array;

/** The formats that can be read. Of an animated file the first frame counts. */
export const PHOTO_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'svg'] as const;
export type PhotoFormat = (typeof PHOTO_FORMATS)[number];

/**
 * The most pixels (width times height, of one frame) that are decoded unless the caller says otherwise:
 * 250 million, more than a 12,000 x 9,000 photo (108 million), less than what exhausts a small machine.
 */
export const DEFAULT_PIXEL_LIMIT = 250_000_000;

const READABLE = 'JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG';

export interface OpenPhotoOptions {
  /** The most pixels to decode; default {@link DEFAULT_PIXEL_LIMIT}. */
  pixelLimit?: number;
  /** What to call the photo in messages; default the path, or "the photo" for bytes. */
  name?: string;
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
 * bytes between JPEG markers, are forgiven.
 *
 * @throws PhotoError with a message for a person.
 */
export async function openPhoto(source: PhotoSource, options: OpenPhotoOptions = {}): Promise<OpenPhoto> {
  const name = options.name ?? (typeof source === 'string' ? source : 'the photo');
  const pixelLimit = options.pixelLimit ?? DEFAULT_PIXEL_LIMIT;
  const bytes = typeof source === 'string' ? await readPhotoFile(source, name) : source;
  if (bytes.length === 0) {
    throw new PhotoError('empty', name, 'the file is empty. Copy or download it again.');
  }
  const foreign = sniffForeignFormat(bytes);
  if (foreign) throw new PhotoError('unsupported', name, adviceFor(foreign));

  const metadata = await readMetadata(bytes, name);
  const format = photoFormat(metadata);
  if (!format) {
    throw new PhotoError(
      'unsupported',
      name,
      `the format ${metadata.format} is not supported. Save it as JPEG or PNG.`,
    );
  }
  if (metadata.width * metadata.height > pixelLimit) {
    throw new PhotoError(
      'too-large',
      name,
      `it has ${metadata.width} x ${metadata.height} pixels, more than the limit of ` +
        `${megapixels(pixelLimit)} million. Save a smaller copy of it.`,
    );
  }

  return {
    name,
    path: typeof source === 'string' ? source : undefined,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    format,
    decode: (width, height) => decode(bytes, width, height, name),
  };
}

async function readPhotoFile(path: string, name: string): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) {
      throw new PhotoError('is-directory', name, 'it is a folder, not a photo. Name a photo inside it.');
    }
    if (!status.isFile()) throw new PhotoError('unreadable', name, 'it is not a regular file.');
    return await readFile(path);
  } catch (error) {
    if (error instanceof PhotoError) throw error;
    throw fileError(error, name);
  }
}

function fileError(error: unknown, name: string): PhotoError {
  const cause = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new PhotoError('not-found', name, 'there is no such file. Check the spelling of its path.', cause);
    case 'EACCES':
    case 'EPERM':
      return new PhotoError('not-permitted', name, 'permission denied. Change its permissions or copy it.', cause);
    case 'ERR_FS_FILE_TOO_LARGE':
      return new PhotoError('too-large', name, 'the file is larger than 2 GB. Save a smaller copy of it.', cause);
    case 'ENAMETOOLONG':
    case 'ERR_INVALID_ARG_VALUE':
      return new PhotoError('not-found', name.slice(0, 80), 'this is not a valid path.', cause);
    default:
      return new PhotoError('unreadable', name, `${firstLine(error)}.`, cause);
  }
}

/** Options for every decoder run. The pixel limit is ours (see openPhoto), with a message of its own. */
const DECODER: SharpOptions = {
  failOn: 'truncated',
  limitInputPixels: false,
  // Only the first frame of an animation, the first page of a TIFF.
  pages: 1,
};

async function readMetadata(bytes: Uint8Array, name: string): Promise<Metadata> {
  try {
    return await sharp(bytes, DECODER).metadata();
  } catch (error) {
    throw decoderError(error, name, bytes);
  }
}

async function decode(bytes: Uint8Array, width: number, height: number, name: string): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(bytes, DECODER)
      .autoOrient()
      // Lanczos 3, its window widened with the reduction, so that large photos are low-passed and not point-sampled.
      // Before it, JPEG and WebP decoders shrink on load; without the "fast" form they stop at twice the target
      // size and leave the last step, where aliasing would come from, to the Lanczos window.
      .resize(width, height, { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: false })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.channels === 3 ? new Uint8Array(data.buffer, data.byteOffset, data.length) : grey(data, info);
    return { pixels, width, height };
  } catch (error) {
    throw decoderError(error, name, bytes);
  }
}

/** A grey photo comes with one channel, which stands for all three. */
function grey(data: Uint8Array, { channels, width, height }: { channels: number; width: number; height: number }) {
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    pixels.fill(data[pixel * channels] ?? 0, pixel * 3, pixel * 3 + 3);
  }
  return pixels;
}

function decoderError(error: unknown, name: string, bytes: Uint8Array): PhotoError {
  const message = firstLine(error);
  const cause = { cause: error };
  if (/unsupported image format/i.test(message) && !hasPhotoSignature(bytes)) {
    return new PhotoError('unsupported', name, `it is not a ${READABLE} file. Save it as JPEG or PNG.`, cause);
  }
  if (/svgload.*bad dimensions/i.test(message)) {
    return new PhotoError('unreadable', name, 'the drawing has no size. Give it a width and a height.', cause);
  }
  if (/premature end|truncated|unexpected end|end of (file|stream|input)|not enough data/i.test(message)) {
    return new PhotoError('truncated', name, 'the file is cut short. Copy or download it again.', cause);
  }
  const detail = message.replace(/^Input (buffer|file) (has corrupt header: |contains )?/i, '');
  const reason = `the file is damaged or cut short (${detail}). Copy or download it again.`;
  return new PhotoError('unreadable', name, reason, cause);
}

function photoFormat(metadata: Metadata): PhotoFormat | undefined {
  if (metadata.format === 'heif') return metadata.compression === 'av1' ? 'avif' : undefined;
  return PHOTO_FORMATS.find((format) => format === metadata.format);
}

function adviceFor(format: ForeignFormat): string {
  switch (format) {
    case 'HEIC':
      return (
        'HEIC photos are not supported. Convert it to JPEG: in Photos on a Mac choose File > Export and JPEG, ' +
        'in Photos on Windows choose Save as, on an iPhone set Camera > Formats to Most Compatible.'
      );
    case 'video':
      return `it is a video. Take a still from it and save that as JPEG or PNG.`;
    case 'camera raw':
      return 'camera raw files are not supported. Export it as JPEG from your photo editor.';
    default:
      return `${format} files are not supported. Save it as ${READABLE}.`;
  }
}

/** The first line of a decoder's message, without its full stop. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? message).trim().replace(/\.$/, '');
}

function megapixels(pixels: number): string {
  return String(Number((pixels / 1e6).toPrecision(3)));
}
