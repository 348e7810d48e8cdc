import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of what is built under a name, which goes after all tests; it need not be there yet. */
export function builtFolder(name: string): string {
  return join(inject('builds'), name);
}

/**
 * Runs the build into that folder, once for all test files of a run: the first that asks for it builds, others wait.
 * @param options of scripts/build.mjs
 * @throws Error where the build failed, for whoever asked
 */
export async function buildOnce(name: string, ...options: string[]): Promise<void> {
  const folder = builtFolder(name);
  const outcome = `${folder}.outcome`;
  await mkdir(inject('builds'), { recursive: true });
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const args = ['scripts/build.mjs', `--outdir=${relative(root, folder)}`, ...options];
    const problem = await promisify(execFile)(process.execPath, args, { cwd: root }).then(() => '', String);
    await writeFile(outcome, `${problem}\n`);
  }
  let said = '';
  while (!said.endsWith('\n')) {
    said = await readFile(outcome, 'utf8').catch(() => '');
    if (said === '') await sleep(50);
  }
  if (said !== '\n') throw new Error(said);
}
