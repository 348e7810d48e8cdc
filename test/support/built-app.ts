import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { buildOnce, builtFolder, runBuild } from './build-once.ts';

/** The built app: main process, preload, pages and threads. */
export interface BuiltApp {
  /** The folder that everything is in. */
  readonly folder: string;
  /** The script of the main process. */
  readonly main: string;
}

/** The app, built before the tests of the first file that uses it. */
export function useBuiltApp(): BuiltApp {
  const folder = builtFolder('app');
  beforeAll(() => buildOnce('app', (into) => runBuild(into, '--app')));
  return { folder, main: join(folder, 'main', 'index.js') };
}
