/** How those who run tasks want to be told what went wrong. */
export interface TaskErrors {
  /** What a task rejects with that was cancelled. */
  cancelled(): Error;
  /** An error of a task, or of its thread, as its caller gets it. */
  describe(error: unknown): Error;
  /** A described error as plain data, which goes from thread to thread. */
  pack(error: unknown): unknown;
  /** The error again. */
  unpack(packed: unknown): Error;
}
