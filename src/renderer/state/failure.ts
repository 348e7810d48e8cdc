import { ERROR_CODES, type ErrorCode } from '../../contract/constants/error-codes.ts';
import { i18n } from '../i18n/i18n.svelte.ts';

/** The code of an `AttendError`, from whichever side of a door it comes. */
export function codeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return ERROR_CODES.find((one) => one === code);
}

/** Whether a failure is that of the way to the service, and not of what was asked. */
export function isOfConnection(code: ErrorCode | undefined): boolean {
  return code === 'connection-lost' || code === 'unauthorized' || code === 'forbidden';
}

/** What a person is told, in the language in use. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error) || error.message === '') return i18n.t.notices.failed;
  const code = codeOf(error);
  return code === undefined ? error.message : i18n.failure({ code, message: error.message });
}
