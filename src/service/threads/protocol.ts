import type { ErrorCode } from '../../contract/contract.ts';
import { ERROR_CODES } from '../../contract/contract.ts';

/** To a thread: a task, or that one is not wanted any more. */
export type ToThread = { id: number; task: string; input: unknown } | { id: number; cancel: true };

/** From a thread: how far a task is, and how it ended. */
export type FromThread =
  | { id: number; report: unknown }
  | { id: number; output: unknown }
  | { id: number; failure: { code: ErrorCode; message: string; stack?: string | undefined } };

export function isErrorCode(code: unknown): code is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(code);
}
