/** To a thread: a task, that one is not wanted any more, or that it is to end. */
export type ToThread = { id: number; task: string; input: unknown } | { id: number; cancel: true } | { close: true };

/** From a thread: how far a task is, and how it ended. */
export type FromThread =
  { id: number; report: unknown } | { id: number; output: unknown } | { id: number; failure: unknown };
