import { fork, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { backendUnderTest } from './backend.ts';
import { buildOnce, builtFolder, runBuild } from './build-once.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a command printed and answered. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  /** What arrives on standard input, which is then closed. */
  stdin?: string;
  env?: Record<string, string>;
}

/** The built command line. */
export interface Cli {
  /** What Node is to be given to run it. */
  readonly command: readonly string[];
  run(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /**
   * The same in a process that stays, for what is not about the process: its start, its end, its environment, signals. One
   * command at a time; without `--threads`, which would stay as well.
   */
  ask: (args: readonly string[], options?: Omit<RunOptions, 'env'>) => Promise<CommandResult>;
  /** Starts a command and leaves the rest to the caller. */
  start: (args: readonly string[], options?: RunOptions) => ChildProcessWithoutNullStreams;
}

/** The command line, built before the tests of the first file that uses it. */
export function useCli(): Cli {
  const folder = builtFolder('cli');
  const script = join(folder, 'cli', 'attend.js');
  beforeAll(() => buildOnce('cli', runBuild));

  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ATTEND_BACKEND: backendUnderTest,
    ATTEND_CACHE: join(folder, 'cache'),
  });
  const start: Cli['start'] = (args, options = {}) =>
    spawn(process.execPath, [script, ...args], {
      cwd: options.cwd ?? root,
      env: { ...environment(), ...options.env },
    });

  let kept: KeptCli | undefined;
  afterAll(() => kept?.end());
  return {
    command: [script],
    start,
    ask(args, options = {}) {
      kept ??= new KeptCli(join(folder, 'cli', 'whole.cjs'), environment());
      return kept.ask(args, options);
    },
    run(args, options = {}) {
      const child = start(args, options);
      // A command that ends before it reads everything is no failure of the test.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.stdin ?? '');
      return finish(child);
    },
  };
}

/** A process with the command line in it, which runs one command after the other. */
class KeptCli {
  readonly #child: ChildProcess;
  #before: Promise<unknown>;

  constructor(whole: string, env: NodeJS.ProcessEnv) {
    this.#child = fork(join(import.meta.dirname, 'kept-cli.mjs'), [whole], { env, execArgv: [] });
    this.#before = this.#next();
  }

  ask(args: readonly string[], { cwd = root, stdin = '' }: RunOptions): Promise<CommandResult> {
    const answer = this.#before.then(() => {
      this.#child.send({ args, cwd, stdin });
      return this.#next() as Promise<CommandResult>;
    });
    this.#before = answer.catch(() => undefined);
    return answer;
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** What it sends next. @throws Error where it ends instead */
  #next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`The command line ended: ${code}.`));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        resolve(message);
      });
    });
  }
}

/** Waits for the end of a command. */
export function finish(child: ChildProcessWithoutNullStreams): Promise<CommandResult> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
