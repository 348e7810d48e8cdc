import type { Resample } from '../engine/published/image-processor.ts';
import type { Photo } from './read-photo.ts';

/**
 * A photo to caption: a path, perhaps with what was read there beforehand; the bytes of its file under a name; or one that
 * could not even be found.
 */
export type PhotoToCaption =
  | string
  | { path: string; read: PhotoRead }
  | { name: string; bytes: Uint8Array; read?: PhotoRead | undefined }
  | FailedPhoto;

/** A photo that was read beforehand, as a model wants it. */
export interface PhotoRead {
  photo: Photo;
  /** The filter that it was reduced with. */
  resample: Resample | undefined;
  milliseconds: number;
}

/** Whether a photo was read as a model with inputs of this size wants it: there may be another model by now. */
export function isReadFor(
  read: PhotoRead | null | undefined,
  { encoder, resample }: { encoder: { inputSize: number }; resample?: Resample | undefined },
): read is PhotoRead {
  return read?.photo.pixels.length === encoder.inputSize ** 2 * 3 && read.resample === resample;
}

/** A photo that could not be found, read or captioned. */
export interface FailedPhoto {
  /** The photo as the caller named it. */
  file: string;
  /** One sentence for a person. */
  error: string;
}
