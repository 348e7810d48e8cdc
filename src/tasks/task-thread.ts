import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './protocol.ts';
import type { TaskErrors } from './task-errors.ts';

/** Runs tasks somewhere else. `Tasks` is an interface of `(input, control) => Promise<output>`. */
export interface TaskRunner<Tasks> {
  run<Name extends keyof Tasks & string>(
    task: Name,
    input: InputOf<Tasks[Name]>,
    control?: RunControl<Tasks[Name]>,
  ): Promise<OutputOf<Tasks[Name]>>;
  close(): Promise<void>;
}

/** How a running task can be stopped and watched. */
export interface RunControl<Task> {
  signal?: AbortSignal | undefined;
  onReport?: ((report: ReportOf<Task>) => void) | undefined;
}

export type InputOf<Task> = Task extends (input: infer Input, ...rest: never[]) => unknown ? Input : never;
export type OutputOf<Task> = Task extends (...parameters: never[]) => Promise<infer Output> ? Output : never;
export type ReportOf<Task> = Task extends (
  input: never,
  control: { signal: AbortSignal; report: (report: infer Report) => void },
) => unknown
  ? Report
  : never;

const ENDED = 'The service has ended.';
/** A thread that does not end in so many milliseconds computes something endless, and is ended. */
const PATIENCE = 30_000;

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
  onReport: ((report: unknown) => void) | undefined;
}

/**
 * A worker thread that runs tasks (see `serveTasks`). It starts with the first task; where it dies, what ran in it
 * fails, and the next task starts a new one.
 */
export class TaskThread<Tasks> implements TaskRunner<Tasks> {
  readonly #file: string | URL;
  readonly #errors: TaskErrors;
  readonly #name: string;
  readonly #data: unknown;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;

  /**
   * @param file the script of the thread
   * @param name what a message calls that which stops where the thread dies, as in "The models"
   * @param data its `workerData`
   */
  constructor(file: string | URL, { errors, name, data }: { errors: TaskErrors; name: string; data?: unknown }) {
    this.#file = file;
    this.#errors = errors;
    this.#name = name;
    this.#data = data;
  }

  run<Name extends keyof Tasks & string>(
    task: Name,
    input: InputOf<Tasks[Name]>,
    { onReport, signal }: RunControl<Tasks[Name]> = {},
  ): Promise<OutputOf<Tasks[Name]>> {
    if (this.#isClosed) return Promise.reject(this.#errors.describe(new Error(ENDED)));
    if (signal?.aborted) return Promise.reject(this.#errors.cancelled());
    const id = this.#nextId++;
    const worker = (this.#worker ??= this.#start());
    return new Promise<OutputOf<Tasks[Name]>>((resolve, reject) => {
      const cancel = (): void => this.#send(worker, { id, cancel: true });
      signal?.addEventListener('abort', cancel);
      const end = (): void => {
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
        // A thread without work must not keep the process alive.
        if (this.#pending.size === 0) worker.unref();
      };
      this.#pending.set(id, {
        resolve(output) {
          end();
          resolve(output as OutputOf<Tasks[Name]>);
        },
        reject(error) {
          end();
          reject(error);
        },
        onReport: onReport as ((report: unknown) => void) | undefined,
      });
      worker.ref();
      try {
        this.#send(worker, { id, task, input });
      } catch (error) {
        this.#pending.get(id)?.reject(error as Error);
      }
    });
  }

  /** Fails what runs, and lets the thread end: by itself, once what it computes in one go is done (see `serveTasks`). */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#failAll(ENDED);
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.ref();
    this.#send(worker, { close: true });
    const late = setTimeout(() => void worker.terminate(), PATIENCE);
    await ended;
    clearTimeout(late);
  }

  #send(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  #start(): Worker {
    // What a thread sets in a copy of the environment is not seen by libraries in C (TensorFlow reads how much to log).
    const worker = new Worker(this.#file, { workerData: this.#data, env: SHARE_ENV });
    worker.on('message', (message: FromThread) => {
      const pending = this.#pending.get(message.id);
      if (!pending) return;
      if ('report' in message) pending.onReport?.(message.report);
      else if ('output' in message) pending.resolve(message.output);
      else pending.reject(this.#errors.unpack(message.failure));
    });
    const fail = (reason: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#failAll(reason);
    };
    worker.on('error', (error: Error) => fail(`${this.#name} stopped: ${error.message}. Try again.`));
    worker.on('exit', (code) => fail(`${this.#name} stopped (exit code ${code}). Try again.`));
    return worker;
  }

  #failAll(reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(this.#errors.describe(new Error(reason)));
  }
}
