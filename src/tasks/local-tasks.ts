import type { TaskErrors } from './task-errors.ts';
import type { InputOf, OutputOf, RunControl, TaskRunner } from './task-thread.ts';

type AnyTask = (
  input: unknown,
  control: { signal: AbortSignal; report: (report: unknown) => void },
) => Promise<unknown>;

/** Runs tasks beside their caller, in the same thread, with the same errors as a `TaskThread` gives. */
export class LocalTasks<Tasks extends object> implements TaskRunner<Tasks> {
  readonly #tasks: Tasks;
  readonly #errors: TaskErrors;

  constructor(tasks: Tasks, errors: TaskErrors) {
    this.#tasks = tasks;
    this.#errors = errors;
  }

  async run<Name extends keyof Tasks & string>(
    task: Name,
    input: InputOf<Tasks[Name]>,
    { onReport, signal }: RunControl<Tasks[Name]> = {},
  ): Promise<OutputOf<Tasks[Name]>> {
    if (signal?.aborted) throw this.#errors.cancelled();
    const controller = new AbortController();
    const abort = (): void => controller.abort(this.#errors.cancelled());
    signal?.addEventListener('abort', abort);
    try {
      const run = this.#tasks[task] as AnyTask;
      const report = (onReport ?? (() => undefined)) as (report: unknown) => void;
      return (await run(input, { signal: controller.signal, report })) as OutputOf<Tasks[Name]>;
    } catch (error) {
      throw this.#errors.describe(error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
