import { ERROR_CODES, type ErrorCode } from './constants/error-codes.ts';
import type { Failure } from './data/failure.ts';

/** A request that failed, thrown on the asking side as well as inside the service. */
export class AttendError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AttendError';
    this.code = code;
  }

  toJSON(): Failure {
    return { code: this.code, message: this.message };
  }
}

/** Whether something that was sent is a failure: what the schema says, for a page that has no validator. */
export function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return false;
  return typeof value.message === 'string' && (ERROR_CODES as readonly unknown[]).includes(value.code);
}
