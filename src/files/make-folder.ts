import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it that are missing; one that is there is fine.
 *
 * Node's own `mkdir(…, { recursive: true })` never comes back where a folder that exists takes no other and says that
 * there is no such file, as Linux's /proc does (Node 20 and 24): it goes up and down between the two.
 *
 * @param mode of those that are made
 * @throws Error as `mkdir` does, or with a message to put behind "cannot write FILE: "
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const missing: string[] = [];
  let folder = resolve(path);
  while (!(await isFolder(folder))) {
    missing.unshift(folder);
    folder = dirname(folder);
  }
  for (const next of missing) {
    try {
      await mkdir(next, mode);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else was faster.
      if (code === 'EEXIST' && (await isFolder(next))) continue;
      throw code === 'ENOENT' ? noneIn(dirname(next), error) : error;
    }
  }
}

/** `makeFolder` that is done when it returns. */
export function makeFolderSync(path: string): void {
  const missing: string[] = [];
  let folder = resolve(path);
  while (!isFolderSync(folder)) {
    missing.unshift(folder);
    folder = dirname(folder);
  }
  for (const next of missing) {
    try {
      mkdirSync(next);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && isFolderSync(next)) continue;
      throw code === 'ENOENT' ? noneIn(dirname(next), error) : error;
    }
  }
}

const noneIn = (folder: string, cause: unknown): Error =>
  new Error(`no folder can be made in ${folder}. Choose another`, { cause });

/** @throws Error where a part of the path is a file, or may not be looked into */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() || isRoot(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return isRoot(path);
  }
}

/** `isFolder` at once. */
function isFolderSync(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true || isRoot(path);
}

/** Nothing is above it, also where it is not there (a drive of Windows without a disk): making folders says why. */
const isRoot = (path: string): boolean => dirname(path) === path;
