export type Priority = 'foreground' | 'background';

interface Job {
  run(): Promise<void>;
}

/**
 * One job after the other, those in the foreground first. A job that is cancelled rejects at once: one that waits is
 * forgotten, one that runs is told to stop, and the next begins when it has.
 */
export class JobQueue {
  readonly #cancelled: () => Error;
  readonly #waiting: Record<Priority, Job[]> = { foreground: [], background: [] };
  #isRunning = false;

  /** @param cancelled makes what a cancelled job rejects with */
  constructor(cancelled: () => Error) {
    this.#cancelled = cancelled;
  }

  /** How many jobs wait; the one that runs not counted. */
  get waiting(): number {
    return this.#waiting.foreground.length + this.#waiting.background.length;
  }

  /** @throws what `cancelled` makes when `signal` aborts; else what the job throws */
  add<Result>(
    job: (signal: AbortSignal) => Promise<Result>,
    { priority = 'foreground', signal }: { priority?: Priority; signal?: AbortSignal | undefined } = {},
  ): Promise<Result> {
    if (signal?.aborted) return Promise.reject(this.#cancelled());
    return new Promise((resolve, reject) => {
      const lane = this.#waiting[priority];
      const controller = new AbortController();
      const abort = (): void => {
        const place = lane.indexOf(entry);
        if (place >= 0) lane.splice(place, 1);
        controller.abort(this.#cancelled());
        reject(this.#cancelled());
      };
      const entry: Job = {
        async run() {
          try {
            resolve(await job(controller.signal));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          } finally {
            signal?.removeEventListener('abort', abort);
          }
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      lane.push(entry);
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (;;) {
        const job = this.#waiting.foreground.shift() ?? this.#waiting.background.shift();
        if (!job) return;
        await job.run();
      }
    } finally {
      this.#isRunning = false;
    }
  }
}
