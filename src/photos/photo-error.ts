import type { PhotoFailure } from '../contract/constants/error-codes.ts';

/**
 * Why a photo cannot be read; callers branch on this, people read the message. `not-found` is what the library, which
 * has seen its photos before, calls `file-gone`.
 */
export type PhotoErrorCode = Exclude<PhotoFailure, 'file-gone'> | 'not-found';

/**
 * A photo that cannot be read. The message is one sentence for a person:
 * "cannot read FILE: REASON", followed by what to do where something can be done.
 */
export class PhotoError extends Error {
  readonly code: PhotoErrorCode;
  /** The photo as the caller named it. */
  readonly file: string;

  constructor(code: PhotoErrorCode, file: string, reason: string, options?: ErrorOptions) {
    super(`cannot read ${file}: ${reason}`, options);
    this.name = 'PhotoError';
    this.code = code;
    this.file = file;
  }
}
