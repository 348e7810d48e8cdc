/** What the command line answers with. An interruption answers with 128 + the signal's number, as shells expect. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** The options contradict each other or something like it: the person has to type another command. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Standard output was closed from outside (`attend … | head`): nothing is wrong, and nothing more is wanted. */
export class ClosedOutput extends Error {}
