import type { Metadata } from 'sharp';

/** Bytes that all decodes together may take at once, beside what an idle decoder takes. */
export const ALL_MEMORY = 1_000_000_000;
/** Bytes that a single photo may take. */
export const MOST_MEMORY = 900_000_000;
/** Bytes that a photo's file may have: 250 million pixels without compression are 750. */
export const MOST_FILE_BYTES = 800_000_000;
/** Bytes that a photo may take of which nothing is known yet; enough for an ordinary one of 24 megapixels. */
export const LEAST_MEMORY = 100_000_000;

/** Seconds of computing that a photo may take, before its size is known and for each million of its pixels. */
export const LEAST_SECONDS = 5;
export const SECONDS_PER_MEGAPIXEL = 0.15;
/** Milliseconds after which a photo is given up even if nothing is computed: a disk or network that does not answer. */
export const MOST_MILLISECONDS = 120_000;

export interface Decoding {
  readonly metadata: Metadata;
  /** In pixels. */
  readonly size: { readonly width: number; readonly height: number };
  readonly fileBytes: number;
  /** Whether the photo is first decoded whole, at its own size. */
  readonly isWhole: boolean;
  /** Where it is turned before it is reduced: the scale at which that is done, 1 for its own size. */
  readonly turnedAt?: number;
}

/**
 * Bytes that decoding a photo takes at most, by its header: measured with libvips 8.18 and rounded up. Formats that are
 * decoded row by row need next to nothing.
 */
export function memoryFor({ metadata, size, fileBytes, isWhole, turnedAt = 0 }: Decoding): number {
  const pixels = metadata.width * metadata.height;
  const sampleBytes = metadata.channels * (metadata.depth === 'ushort' ? 2 : 1);
  const whole = isWhole ? 2.5 * (sampleBytes + 1) * pixels : 0;
  const turned = 1.2 * sampleBytes * pixels * turnedAt ** 2;
  return fileBytes + 6 * size.width * size.height + whole + turned + bytesPerPixel(metadata, sampleBytes) * pixels;
}

function bytesPerPixel({ format, isProgressive }: Metadata, sampleBytes: number): number {
  switch (format) {
    case 'jpeg':
      return isProgressive ? 6.5 : 0.2;
    case 'png':
      return isProgressive ? 1.4 * sampleBytes : 0.2;
    case 'gif':
      return 5.6;
    case 'tiff':
      return sampleBytes;
    case 'webp':
      return 8.6;
    case 'heif':
      return 19;
    default:
      return 0;
  }
}
