import { cancelled, toAttendError } from '../service/describe-failure.ts';
import type { InputOf, OutputOf, ReportOf, TaskRunner } from './task-thread.ts';

type AnyTask = (
  input: unknown,
  control: { signal: AbortSignal; report: (report: unknown) => void },
) => Promise<unknown>;

/** Runs tasks beside their caller, in the same thread, with the same errors as a `TaskThread` gives. */
export class LocalTasks<Tasks extends object> implements TaskRunner<Tasks> {
  readonly #tasks: Tasks;

  constructor(tasks: Tasks) {
    this.#tasks = tasks;
  }

  async run<Name extends keyof Tasks & string>(
    task: Name,
    input: InputOf<Tasks[Name]>,
    control: {
      signal?: AbortSignal | undefined;
      onReport?: ((report: ReportOf<Tasks[Name]>) => void) | undefined;
    } = {},
  ): Promise<OutputOf<Tasks[Name]>> {
    const { signal, onReport } = control;
    if (signal?.aborted) throw cancelled();
    const controller = new AbortController();
    const abort = (): void => controller.abort(cancelled());
    signal?.addEventListener('abort', abort);
    try {
      const run = this.#tasks[task] as AnyTask;
      const report = (onReport ?? (() => undefined)) as (report: unknown) => void;
      return (await run(input, { signal: controller.signal, report })) as OutputOf<Tasks[Name]>;
    } catch (error) {
      throw toAttendError(error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
