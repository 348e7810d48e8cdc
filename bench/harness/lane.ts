import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a lane can be asked: each operation takes one plain object and answers with one. */
export type Operations<Self> = { [Name in keyof Self]: (argument: never) => unknown };

type Answer = { answer: unknown } | { progress: string } | { error: string };

/**
 * A process of its own that answers requests, a line of JSON each (see `serve`).
 *
 * The two backends cannot share a process, and peers should not share one either. Several lanes that are asked in
 * turns are measured at the same time, as far as the machine's other business goes.
 */
export class Lane<Ops extends Operations<Ops>> {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<never>;
  #receive: ((answer: Answer) => void) | undefined;
  #stderr = '';

  /** Starts the process; whether that worked shows at the first request. */
  constructor(name: string, program: string, args: readonly string[], env: Record<string, string> = {}) {
    this.name = name;
    this.#child = spawn(program, args, { env: { ...process.env, ...env } });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) this.#receive?.(JSON.parse(line) as Answer);
    });
    this.#ended = new Promise((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        reject(new Error(`${name} ended with ${code}.\n${this.#stderr.trim()}`));
      });
    });
    // It is nobody's business how a lane ends that is asked nothing.
    this.#ended.catch(() => undefined);
  }

  /** One request at a time. @throws Error where the lane says so or is gone */
  async ask<Name extends keyof Ops & string>(
    operation: Name,
    argument: Parameters<Ops[Name]>[0],
    onProgress?: (what: string) => void,
  ): Promise<Awaited<ReturnType<Ops[Name]>>> {
    if (this.#receive) throw new Error(`${this.name} is still busy.`);
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#receive = (answer) => {
        if ('progress' in answer) onProgress?.(answer.progress);
        else if ('error' in answer) reject(new Error(`${this.name}: ${answer.error}`));
        else resolve(answer.answer);
      };
    });
    this.#child.stdin.write(`${JSON.stringify({ operation, argument })}\n`);
    try {
      return (await Promise.race([answered, this.#ended])) as Awaited<ReturnType<Ops[Name]>>;
    } finally {
      this.#receive = undefined;
    }
  }

  /** Ends the process and waits for it. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended.catch(() => undefined);
  }
}

/** Lets the threads of whoever was measured last come to rest: OpenMP's and others' spin for a while. */
export function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 40));
}
