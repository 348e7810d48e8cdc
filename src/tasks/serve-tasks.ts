import type { MessagePort } from 'node:worker_threads';
import type { FromThread, ToThread } from './protocol.ts';
import type { TaskControl } from './task-control.ts';
import type { TaskErrors } from './task-errors.ts';

type AnyTask = (input: never, control: TaskControl<never>) => Promise<unknown>;

/** In a thread: runs the tasks that arrive at a port and answers there. */
export function serveTasks(port: MessagePort, tasks: object, errors: TaskErrors): void {
  const running = new Map<number, AbortController>();
  const answer = (message: FromThread): void => port.postMessage(message);

  port.on('message', (message: ToThread) => {
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
      .finally(() => running.delete(id));
  });
}
