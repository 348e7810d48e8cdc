import { open, readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type OutputInfo, type Sharp, type SharpOptions } from 'sharp';
import { memoryFor, MOST_MEMORY } from './decoders/budget.ts';
import { tooMuchMemory } from './decoders/sentences.ts';
import type { Decoded, DecodeTask, PhotoData, Reason } from './decoders/protocol.ts';
import { PHOTO_FORMATS, type PhotoFormat, type PhotoHeader } from './photo-header.ts';
import {
  hasPhotoSignature,
  isAvifSequence,
  isDrawing,
  jpegFrame,
  sniffForeignFormat,
  type ForeignFormat,
} from './sniff-format.ts';
import { reduce } from './reduce.ts';
import { takenAt } from './taken-at.ts';
import { isTiff, isTiffProblem, readTiff, type TiffLayout } from './tiff.ts';
import { shrinkOnLoad, turnedFirst } from './turned-first.ts';
import { missingOf } from './whole-drawing.ts';

const READABLE = 'JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG';
/** Pixels along the longer side of a drawing that is larger. */
const MOST_DRAWN = 1024;
const DAMAGED = 'Copy or download it again.';

/** A photo that cannot be read. */
export class DecodeFailure extends Error implements Reason {
  readonly code: Reason['code'];
  readonly reason: string;

  constructor(code: Reason['code'], reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.code = code;
    this.reason = reason;
  }
}

/** More memory is needed than may be taken; nothing was decoded. */
export class NeedsMemory extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`It needs ${bytes} bytes.`);
    this.bytes = bytes;
  }
}

/**
 * Reads a photo's header and, where a size is asked for, its pixels: the whole photo, upright, stretched to that size,
 * as 8-bit sRGB on a white ground.
 *
 * It runs in a process of its own (see `DecoderPool`): a file may be made so that a decoder never ends.
 *
 * @param allowance bytes of memory that may be taken
 * @param onHeader hears how many pixels there are before any is decoded
 * @throws DecodeFailure, NeedsMemory
 */
export async function decodePhoto(
  { data, size, pixelLimit, resample }: DecodeTask,
  allowance: number,
  onHeader: (pixels: number) => void = () => undefined,
): Promise<Decoded> {
  if (!size) {
    const quick = await quickHeader(data, pixelLimit);
    if (quick) return { header: quick, pixels: undefined };
  }
  const bytes = await bytesOf(data, allowance);
  if (bytes.length === 0) throw new DecodeFailure('empty', 'the file is empty. Copy or download it again.');
  const foreign = sniffForeignFormat(bytes);
  if (foreign) throw new DecodeFailure('unsupported', adviceFor(foreign));
  const tiff = isTiff(bytes) ? tiffLayout(bytes) : undefined;
  const options = optionsFor(tiff);
  const metadata = await readMetadata(bytes, options);
  const header = headerOf(metadata, pixelLimit);
  if (!size) return { header, pixels: undefined };

  onHeader(header.format === 'svg' ? 0 : metadata.width * metadata.height);
  const frame = header.format === 'jpeg' ? jpegFrame(bytes) : undefined;
  // While it shrinks, the decoder loses three quarters of a lossless JPEG; a sample beyond the colours it would take
  // for transparency. Both are decoded whole.
  const isWhole = frame?.isLossless === true || (tiff?.alpha !== undefined && tiff.alpha !== 0);
  const shrink = header.format === 'jpeg' ? shrinkOnLoad(header, size) : 1;
  const most = { metadata, size, fileBytes: bytes.length, isWhole: isWhole || resample !== undefined };
  const turned = memoryFor({ ...most, turnedAt: 1 / shrink });
  // What is too large for that is turned once it is reduced, which needs no memory.
  const isTurned = !most.isWhole && (metadata.orientation ?? 1) > 1 && turned <= MOST_MEMORY;
  const needed = isTurned ? turned : memoryFor(most);
  if (needed > MOST_MEMORY) throw new DecodeFailure('too-large', tooMuchMemory());
  if (needed > allowance) throw new NeedsMemory(needed);
  try {
    const photo =
      header.format === 'svg'
        ? await drawn(bytes, header, size)
        : isWhole
          ? await whole(bytes, options, tiff)
          : isTurned
            ? await turnedFirst(data, bytes, { options, header, shrink })
            : sharp(bytes, options).autoOrient();
    if (resample) {
      const { data: raw, info } = await eightBits(photo);
      const from = [info.width, info.height] as const;
      return { header, pixels: reduce(threeChannels(raw, info.channels), from, [size.width, size.height], resample) };
    }
    const reduced = photo
      // Lanczos 3, its window widened with the reduction, so that large photos are low-passed and not point-sampled.
      // Before it, JPEG and WebP decoders shrink on load; without the "fast" form they stop at twice the target
      // size and leave the last step, where aliasing would come from, to the Lanczos window.
      .resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: false });
    const { data: raw, info } = await eightBits(reduced);
    if (metadata.hasAlpha && !tiff && header.format !== 'svg' && raw.every((value) => value === 255)) {
      await refuseInvisible(bytes, options);
    }
    return { header, pixels: threeChannels(raw, info.channels) };
  } catch (error) {
    throw error instanceof DecodeFailure ? error : decoderError(error, bytes);
  }
}

/** The header of a plain photo, which is a few kilobytes of a file; nothing where it needs a full look. */
async function quickHeader(data: PhotoData, pixelLimit: number): Promise<PhotoHeader | undefined> {
  if (!('path' in data)) return undefined;
  try {
    const file = await open(data.path);
    let start: Uint8Array;
    try {
      start = (await file.read(new Uint8Array(64), 0, 64, 0)).buffer;
    } finally {
      await file.close();
    }
    // A drawing is never opened by its path: it could name files beside it.
    const isPlain = hasPhotoSignature(start) && !isTiff(start) && !isAvifSequence(start);
    if (!isPlain || sniffForeignFormat(start)) return undefined;
    return headerOf(await sharp(data.path, DECODER).metadata(), pixelLimit);
  } catch {
    // The full look says why.
    return undefined;
  }
}

async function bytesOf(data: PhotoData, allowance: number): Promise<Uint8Array> {
  if ('bytes' in data) return withStillBrand(data.bytes);
  try {
    const { size } = await stat(data.path);
    if (size > MOST_MEMORY) throw new DecodeFailure('too-large', tooMuchMemory());
    if (size > allowance) throw new NeedsMemory(size * 1.2);
    return withStillBrand(await readFile(data.path));
  } catch (error) {
    if (error instanceof DecodeFailure || error instanceof NeedsMemory) throw error;
    throw new DecodeFailure('unreadable', `${firstLine(error)}.`, { cause: error });
  }
}

/** A sequence in AVIF holds a still picture too, its first: named as such, the decoder reads it. */
function withStillBrand(bytes: Uint8Array): Uint8Array {
  if (!isAvifSequence(bytes)) return bytes;
  const copy = Uint8Array.from(bytes);
  copy.set(Buffer.from('avif'), 8);
  return copy;
}

/** Options for every decoder run. The pixel limit is ours, with a message of its own. */
const DECODER: SharpOptions = {
  failOn: 'truncated',
  limitInputPixels: false,
  // Only the first frame of an animation.
  pages: 1,
};

function optionsFor(tiff: TiffLayout | undefined): SharpOptions {
  // Where a part of a TIFF cannot be decoded, only the stricter form says so; otherwise it stays black.
  return tiff ? { ...DECODER, failOn: 'error', page: tiff.page } : DECODER;
}

function tiffLayout(bytes: Uint8Array): TiffLayout {
  const found = readTiff(bytes);
  if (isTiffProblem(found)) throw new DecodeFailure(found.code, found.reason);
  return found;
}

async function readMetadata(bytes: Uint8Array, options: SharpOptions): Promise<Metadata> {
  try {
    return await sharp(bytes, options).metadata();
  } catch (error) {
    throw decoderError(error, bytes);
  }
}

function headerOf(metadata: Metadata, pixelLimit: number): PhotoHeader {
  const format = photoFormat(metadata);
  if (!format) {
    throw new DecodeFailure('unsupported', `the format ${metadata.format} is not supported. Save it as JPEG or PNG.`);
  }
  if (metadata.width * metadata.height > pixelLimit) {
    throw new DecodeFailure(
      'too-large',
      `it has ${metadata.width} x ${metadata.height} pixels, more than the limit of ` +
        `${megapixels(pixelLimit)} million. Save a smaller copy of it.`,
    );
  }
  const taken = takenAt(metadata.exif);
  const { width, height } = metadata.autoOrient;
  return { width, height, format, ...(taken !== undefined && { taken }) };
}

function photoFormat(metadata: Metadata): PhotoFormat | undefined {
  if (metadata.format === 'heif') return metadata.compression === 'av1' ? 'avif' : undefined;
  return PHOTO_FORMATS.find((format) => format === metadata.format);
}

/** The upright photo at its own size, with its colours and, where it has some, its transparency. */
async function whole(bytes: Uint8Array, options: SharpOptions, tiff: TiffLayout | undefined): Promise<Sharp> {
  const { data, info } = await sharp(bytes, options)
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  // CMYK comes as three colours, grey as one or three; what follows them is what followed them in the file.
  const alpha = tiff?.alpha ?? -1;
  const colours = tiff ? Math.min(channels, tiff.colours === 1 ? 1 : 3) : channels;
  const wanted = alpha < 0 || colours + alpha >= channels ? colours : colours + 1;
  if (wanted === channels) return sharp(data, { raw: { width, height, channels } });
  const pixels = new Uint8Array(width * height * wanted);
  for (let from = 0, to = 0; to < pixels.length; from += channels, to += wanted) {
    for (let sample = 0; sample < colours; sample++) pixels[to + sample] = data[from + sample] as number;
    if (wanted > colours) pixels[to + colours] = data[from + colours + alpha] as number;
  }
  return sharp(pixels, { raw: { width, height, channels: wanted as 1 | 2 | 3 | 4 } });
}

/**
 * A drawing at its own size, of which a moderate one is made where it is too large, and never less than is wanted: drawn
 * small, what is finer than a pixel (the tiles of a pattern) would not be there at all, without a word of the decoder.
 * @throws DecodeFailure where nothing is drawn, or a part is missing
 */
async function drawn(bytes: Uint8Array, header: PhotoHeader, size: { width: number; height: number }): Promise<Sharp> {
  const wanted = Math.max(size.width, size.height);
  const own = Math.max(header.width, header.height);
  const scale = Math.max(wanted, Math.min(own, MOST_DRAWN)) / own;
  const width = Math.max(1, Math.round(header.width * scale));
  const height = Math.max(1, Math.round(header.height * scale));
  const draw = (drawing: Uint8Array): Promise<Buffer> =>
    sharp(drawing, DECODER)
      .resize(width, height, { fit: 'fill' })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer();
  const data = await draw(bytes);
  const channels = data.length === 2 * width * height ? 2 : 4;
  let last = channels - 1;
  while (last < data.length && data[last] === 0) last += channels;
  if (last >= data.length) {
    throw new DecodeFailure('unreadable', `nothing of the drawing can be drawn: it is empty, or ${ASKS_MUCH}`);
  }
  const missing = await missingOf(bytes, data, draw);
  if (missing !== undefined) throw new DecodeFailure('unsupported', `the drawing ${missing} Save it as PNG.`);
  return sharp(data, { raw: { width, height, channels } });
}

/** @throws DecodeFailure where nothing of a photo can be seen: white is only what it lies on */
async function refuseInvisible(bytes: Uint8Array, options: SharpOptions): Promise<void> {
  const { channels } = await sharp(bytes, options).stats();
  if (channels.at(-1)?.max === 0)
    throw new DecodeFailure('unreadable', 'it is transparent throughout: nothing is to be seen.');
}

/** On a white ground, in sRGB, as bytes. */
function eightBits(photo: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  return photo
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

/** A grey photo comes with one channel, which stands for all three. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = new Uint8Array((data.length / channels) * 3);
  for (let from = 0, to = 0; to < pixels.length; from += channels, to += 3) {
    pixels.fill(data[from] as number, to, to + 3);
  }
  return pixels;
}

function decoderError(error: unknown, bytes: Uint8Array): DecodeFailure {
  const message = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  const frame = bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegFrame(bytes) : undefined;
  if (frame && frame.bits !== 8) {
    return new DecodeFailure('unsupported', `${frame.bits} bits for a colour are ${NOT_SUPPORTED}`, cause);
  }
  if (/unsupported image format/i.test(message)) {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const told = 'it is packed, and holds no drawing that can be read. Unpack it first.';
      return new DecodeFailure('unsupported', told, cause);
    }
    if (isDrawing(bytes) && bytes.subarray(0, 256).includes(0)) {
      return new DecodeFailure('unsupported', 'drawings in UTF-16 are not supported. Save it as UTF-8 or PNG.', cause);
    }
    if (!hasPhotoSignature(bytes)) {
      return new DecodeFailure('unsupported', `it is not a ${READABLE} file. Save it as JPEG or PNG.`, cause);
    }
    return new DecodeFailure('unreadable', `the file is damaged. ${DAMAGED}`, cause);
  }
  if (/svg rendering failed|excessive depth in document/i.test(message)) {
    return new DecodeFailure('unsupported', `the drawing ${ASKS_MUCH}`, cause);
  }
  if (/svgload.*bad dimensions/i.test(message)) {
    return new DecodeFailure('unreadable', 'the drawing has no size. Give it a width and a height.', cause);
  }
  if (/not supported|unsupported|not configured|not implemented/i.test(message)) {
    return new DecodeFailure('unsupported', `the way in which its pixels are stored is ${NOT_SUPPORTED}`, cause);
  }
  if (
    /premature end|truncated|unexpected end|end of (file|stream|input)|not enough data|read error|read past/i.test(
      message,
    )
  ) {
    return new DecodeFailure('truncated', `the file is cut short. ${DAMAGED}`, cause);
  }
  const detail = firstLine(error)
    .replace(/^Input (buffer|file) (has corrupt header|contains )?:?\s*/i, '')
    .trim();
  const told = detail === '' || /^(unknown error|is missing.*)$/i.test(detail) ? '' : ` (${detail})`;
  return new DecodeFailure('unreadable', `the file is damaged or cut short${told}. ${DAMAGED}`, cause);
}

const ASKS_MUCH = 'asks for more than the decoder can do. Save it as PNG.';
const NOT_SUPPORTED = 'not supported. Save it as JPEG or PNG.';

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

/** The first line of a decoder's message that says something, without its full stop. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n').find((one) => one.trim() !== '') ?? '';
  return line.trim().replace(/\.$/, '');
}

function megapixels(pixels: number): string {
  return String(Number((pixels / 1e6).toPrecision(3)));
}
