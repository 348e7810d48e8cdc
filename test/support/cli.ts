import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { backendUnderTest } from './backend.ts';

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

/** Builds the command line before the tests of the file, into a folder of its own that goes afterwards. */
export function useCli(): Cli {
  const outdir = `.cache/cli-${randomBytes(4).toString('hex')}`;
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.mjs', `--outdir=${outdir}`], { cwd: root });
  });
  afterAll(() => rm(`${root}/${outdir}`, { recursive: true, force: true }));

  const start: Cli['start'] = (args, options = {}) => {
    const env = {
      ...process.env,
      ATTEND_BACKEND: backendUnderTest,
      ATTEND_CACHE: `${root}/${outdir}/cache`,
      ...options.env,
    };
    return spawn(process.execPath, [`${root}/${outdir}/cli/attend.js`, ...args], { cwd: options.cwd ?? root, env });
  };
  return {
    command: [`${root}/${outdir}/cli/attend.js`],
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
