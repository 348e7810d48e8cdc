import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built app: main process, preload, pages and threads. */
export interface BuiltApp {
  /** The folder that everything is in. */
  readonly folder: string;
  /** The script of the main process. */
  readonly main: string;
}

/** Builds the app before the tests of the file, into a folder of its own that goes afterwards. */
export function useBuiltApp(): BuiltApp {
  const outdir = `.cache/app-${randomBytes(4).toString('hex')}`;
  const folder = join(root, outdir);
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.mjs', `--outdir=${outdir}`, '--app'], { cwd: root });
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return { folder, main: join(folder, 'main', 'index.js') };
}
