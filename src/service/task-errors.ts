import { AttendError } from '../contract/attend-error.ts';
import type { ErrorCode } from '../contract/constants/error-codes.ts';
import type { TaskErrors } from '../tasks/task-errors.ts';
import { cancelled, toAttendError } from './describe-failure.ts';

interface Packed {
  code: ErrorCode;
  message: string;
  stack?: string | undefined;
}

/** Tasks of the service fail with an `AttendError`. */
export const TASK_ERRORS: TaskErrors = {
  cancelled,
  describe: toAttendError,
  pack(error): Packed {
    const { code, message, cause } = toAttendError(error);
    return { code, message, stack: cause instanceof Error ? cause.stack : undefined };
  },
  unpack(packed) {
    const { code, message, stack } = packed as Packed;
    return new AttendError(code, message, stack === undefined ? {} : { cause: new Error(stack) });
  },
};
