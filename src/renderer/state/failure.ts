import type { ErrorCode } from '../../contract/contract.ts';
import { i18n } from '../i18n/i18n.svelte.ts';

/** The code of an `AttendError`, from whichever side of a door it comes. */
export function codeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
  return error instanceof Error && 'code' in error ? (error.code as ErrorCode) : undefined;
}

/** What a person is told. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : i18n.t.notices.failed;
}
