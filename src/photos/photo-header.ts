/** The formats that can be read. Of an animated file the first frame counts. */
export const PHOTO_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'svg'] as const;
export type PhotoFormat = (typeof PHOTO_FORMATS)[number];

/** What the header of a photo says. */
export interface PhotoHeader {
  /** Size in pixels as seen upright, after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly format: PhotoFormat;
  /** When it was taken, in milliseconds since 1970, see `takenAt`; left out where it does not say, and of TIFFs. */
  readonly taken?: number | undefined;
}
