import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpackedRoot } from './package-root.ts';

/** The built script of a thread or process: beside the script that asks where that is built, else in the package's `dist`. */
export function workerFile(name: 'models' | 'pictures' | 'photos' | 'adding' | 'content-words'): URL | string {
  const beside = new URL(`../workers/${name}.js`, import.meta.url);
  return existsSync(beside) ? beside : join(unpackedRoot(), 'dist', 'workers', `${name}.js`);
}
