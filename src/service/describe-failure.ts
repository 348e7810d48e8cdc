import { AttendError } from '../contract/attend-error.ts';
import type { ErrorCode } from '../contract/constants/error-codes.ts';
import { PhotoError } from '../photos/photo-error.ts';
import { SameLanguageError, UnknownLanguageError } from '../translation/languages.ts';
import { OutputError } from '../files/write-file.ts';

/** Any error as one with a code. Photos that are missing are `file-gone`: whoever asks has seen them before. */
export function toAttendError(error: unknown): AttendError {
  if (error instanceof AttendError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AttendError(codeOf(error), message, { cause: error });
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof PhotoError) return error.code === 'not-found' ? 'file-gone' : error.code;
  if (error instanceof OutputError) return 'cannot-write';
  if (error instanceof UnknownLanguageError) return 'unknown-language';
  if (error instanceof RangeError || error instanceof SameLanguageError) return 'bad-request';
  if (error instanceof Error && error.name === 'AbortError') return 'cancelled';
  return 'internal';
}

/** What an aborted request rejects with. */
export function cancelled(): AttendError {
  return new AttendError('cancelled', 'Cancelled.');
}
