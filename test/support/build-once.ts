import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what test files build and share. */
    builds: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of what is built under a name, which goes after all tests; it need not be there yet. */
export function builtFolder(name: string): string {
  return join(inject('builds'), name);
}

/**
 * Builds into that folder, once for all test files of a run: the first that asks for it builds, others wait.
 * @throws Error where the build failed, for whoever asked
 */
export async function buildOnce(name: string, build: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = builtFolder(name);
  const outcome = `${folder}.outcome`;
  await mkdir(inject('builds'), { recursive: true });
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const problem = await build(folder).then(() => '', String);
    await writeFile(outcome, `${problem}\n`);
  }
  let said = '';
  while (!said.endsWith('\n')) {
    said = await readFile(outcome, 'utf8').catch(() => '');
    if (said === '') await sleep(50);
  }
  if (said !== '\n') throw new Error(said);
}

/** Runs scripts/build.mjs with an output folder. */
export function runBuild(folder: string, ...options: string[]): Promise<unknown> {
  const args = ['scripts/build.mjs', `--outdir=${relative(root, folder)}`, ...options];
  return promisify(execFile)(process.execPath, args, { cwd: root });
}
