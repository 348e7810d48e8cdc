/** A photo to caption: a path, the bytes of its file under a name, or one that could not even be found. */
export type PhotoToCaption = string | { name: string; bytes: Uint8Array } | FailedPhoto;

/** A photo that could not be found, read or captioned. */
export interface FailedPhoto {
  /** The photo as the caller named it. */
  file: string;
  /** One sentence for a person. */
  error: string;
}
