import type { PhotoFormat } from './photo-header.ts';
import type { Resample } from '../engine/published/image-processor.ts';
import { openAndDecode, type PhotoSource } from './open-photo.ts';

export interface ReadPhotoOptions {
  /** The encoder's input as [height, width] in pixels; default 224 x 224. */
  size?: readonly [height: number, width: number];
  /** The filter of the reduction, done as Pillow does it; left out: Lanczos 3, as libvips does it. */
  resample?: Resample;
  /** The most pixels to decode; see DEFAULT_PIXEL_LIMIT. */
  pixelLimit?: number;
  /** What to call the photo in messages; default its path. */
  name?: string;
  /** Aborting gives the photo up at once, with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface Photo {
  /** 8-bit sRGB, row by row, size[0] * size[1] * 3 bytes. */
  readonly pixels: Uint8Array;
  /** Size of the photo as seen upright (after the EXIF orientation), before squashing. */
  readonly width: number;
  readonly height: number;
  readonly format: PhotoFormat;
}

/**
 * Reads a photo for the encoder: the whole photo, upright, squashed (never cropped) to `size`, so that a map over
 * the encoder's grid, stretched back, covers the photo exactly. Resized with an anti-aliased filter, Lanczos 3 where none is asked for;
 * transparency on white; embedded colour profiles converted to sRGB.
 *
 * @throws PhotoError with a message for a person: "cannot read FILE: REASON".
 */
export async function readPhoto(source: PhotoSource, options: ReadPhotoOptions = {}): Promise<Photo> {
  const [height, width] = options.size ?? [224, 224];
  const { header, pixels } = await openAndDecode(source, width, height, options);
  return { pixels, ...header };
}
