import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../files/package-root.ts';
import { Interruption } from '../terminal/interruption.ts';

/**
 * Runs one of the trainers under scripts/torch in a Python, which prints what it does. Ctrl-C lets it write its state.
 *
 * @param python a program, by its path or its name
 * @returns whether it came to its end; false where Ctrl-C stopped it
 * @throws Error where it cannot be started, has no PyTorch, or fails
 */
export async function runPython(python: string, script: string, args: readonly string[]): Promise<boolean> {
  const file = join(packageRoot(), 'scripts', 'torch', script);
  if (!existsSync(file)) throw new Error(`scripts/torch/${script} is not there: training with PyTorch needs it.`);
  if ((await exitOf(python, ['-c', 'import torch, numpy'], 'ignore')) !== 0) {
    throw new Error(`${python} has no PyTorch: ${python} -m pip install torch numpy`);
  }
  const interruption = new Interruption('Stopping after this step; the same command goes on from here.');
  try {
    const code = await exitOf(python, ['-u', file, ...args], 'inherit', interruption.signal);
    if (interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
    else if (code !== 0) throw new Error(`the trainer ${script} failed with exit status ${code}.`);
    return interruption.exitCode === undefined;
  } finally {
    interruption.dispose();
  }
}

/** @param output of the program: to stderr, or nowhere @param signal aborting sends it SIGTERM */
function exitOf(
  program: string,
  args: readonly string[],
  output: 'inherit' | 'ignore',
  signal?: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sink = output === 'inherit' ? process.stderr : 'ignore';
    // Of its own group: Ctrl-C on the terminal would reach it twice.
    const child = spawn(program, args, { stdio: ['ignore', sink, sink], detached: process.platform !== 'win32' });
    const stop = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', stop);
    child.on('error', (error) => {
      reject(new Error(`cannot run ${program}: ${error.message}`, { cause: error }));
    });
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop);
      resolve(code ?? 1);
    });
  });
}
