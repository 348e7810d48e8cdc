import { EXIT } from '../exit.ts';

/** Ctrl-C (or SIGTERM): the first stops gently, the second at once. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #exitCode: number | undefined;

  /** @param message printed at the first Ctrl-C: what will be finished */
  constructor(message: string) {
    const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
    for (const [signal, code] of Object.entries(codes) as [NodeJS.Signals, number][]) {
      const listener = (): void => {
        if (this.#exitCode !== undefined) process.exit(code);
        this.#exitCode = code;
        process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[2K' : ''}${message}\n`);
        this.#controller.abort();
      };
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to exit with; nothing where nobody interrupted. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Signals do what they always do again. */
  dispose(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}
