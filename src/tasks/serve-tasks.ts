import type { MessagePort } from 'node:worker_threads';
import type { FromThread, ToThread } from './protocol.ts';
import type { TaskControl } from './task-control.ts';
import type { TaskErrors } from './task-errors.ts';

type AnyTask = (input: never, control: TaskControl<never>) => Promise<unknown>;

/** A thread that is to end gives its tasks so many milliseconds to stop. */
const PATIENCE = 1000;

/**
 * In a thread: runs the tasks that arrive at a port and answers there, until it is told to end.
 *
 * It ends itself: what is ended from outside in the middle of a library's computation (ONNX Runtime's) has no JavaScript
 * any more when that wants to hand over its result, and takes the whole process with it (SIGABRT).
 *
 * @param end ends the thread
 */
export function serveTasks(
  port: MessagePort,
  tasks: object,
  errors: TaskErrors,
  end: () => void = () => process.exit(),
): void {
  const running = new Map<number, AbortController>();
  let isEnding = false;
  const answer = (message: FromThread): void => port.postMessage(message);

  port.on('message', (message: ToThread) => {
    if (isEnding) return;
    if ('close' in message) {
      isEnding = true;
      for (const controller of running.values()) controller.abort(errors.cancelled());
      if (running.size === 0) end();
      else setTimeout(end, PATIENCE);
      return;
    }
    if ('cancel' in message) {
      running.get(message.id)?.abort(errors.cancelled());
      return;
    }
    const { id, task, input } = message;
    const controller = new AbortController();
    running.set(id, controller);
    const run = (tasks as Record<string, AnyTask>)[task];
    const control = { signal: controller.signal, report: (report: unknown) => answer({ id, report }) };
    Promise.resolve()
      .then(() => {
        if (!run) throw new Error(`There is no task "${task}".`);
        return run(input as never, control);
      })
      .then((output) => answer({ id, output }))
      .catch((error: unknown) => answer({ id, failure: errors.pack(error) }))
      .finally(() => {
        running.delete(id);
        if (isEnding && running.size === 0) end();
      });
  });
}
