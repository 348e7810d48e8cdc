import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { backendUnderTest } from './backend.ts';
import { buildOnce, builtFolder } from './build-once.ts';

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
  /** Starts a command and leaves the rest to the caller. */
  start: (args: readonly string[], options?: RunOptions) => ChildProcessWithoutNullStreams;
}

/** The command line, built before the tests of the first file that uses it. */
export function useCli(): Cli {
  const folder = builtFolder('cli');
  const script = join(folder, 'cli', 'attend.js');
  beforeAll(() => buildOnce('cli'));

  const start: Cli['start'] = (args, options = {}) => {
    const env = {
      ...process.env,
      ATTEND_BACKEND: backendUnderTest,
      ATTEND_CACHE: join(folder, 'cache'),
      ...options.env,
    };
    return spawn(process.execPath, [script, ...args], { cwd: options.cwd ?? root, env });
  };
  return {
    command: [script],
    start,
    run(args, options = {}) {
      const child = start(args, options);
      // A command that ends before it reads everything is no failure of the test.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.stdin ?? '');
      return finish(child);
    },
  };
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
