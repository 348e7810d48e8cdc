import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { partName, removeAbandonedParts } from './abandoned-parts.ts';
import { makeFolder } from './make-folder.ts';

/** A file that cannot be written; the message is "cannot write FILE: REASON" and what to do. */
export class OutputError extends Error {
  readonly file: string;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`cannot write ${file}: ${reason}`, options);
    this.name = 'OutputError';
    this.file = file;
  }
}

/**
 * Writes a file whole or not at all: beside its place under another name, flushed to the disk, then renamed over it.
 * Missing folders are made. Whoever reads the file sees its old content or its new content, never a part, also after the
 * machine went off.
 *
 * @throws OutputError with a message for a person; nothing is left behind.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array): Promise<void> {
  await replace(file, (beside) => writeFlushed(beside, data));
}

/**
 * The same for what is written piece by piece, or by somebody else.
 * @param write is given a path beside the file, with the same ending; what stands there when it is done takes the place
 * @throws OutputError; what `write` throws of its own, as it is
 */
export async function replaceFile(file: string, write: (beside: string) => Promise<void>): Promise<void> {
  await replace(file, async (beside) => {
    await write(beside);
    await flush(beside);
  });
}

/** @param write leaves it flushed */
async function replace(file: string, write: (beside: string) => Promise<void>): Promise<void> {
  const beside = partName(file);
  let failure: Error | undefined;
  try {
    await makeFolder(dirname(file));
    await removeAbandonedParts(dirname(file));
    await write(beside).catch((error: unknown) => {
      if (error instanceof Error && !('syscall' in error)) failure = error;
      throw error;
    });
    await rename(beside, file);
    await flushFolder(dirname(file));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    // What went wrong in what is written, and not in writing it, is told as it is.
    throw failure ?? new OutputError(file, reasonFor(error), { cause: error });
  }
}

/** `writeFileAtomically` that is done when it returns. */
export function writeFileAtomicallySync(file: string, data: string | Uint8Array): void {
  const beside = partName(file);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(beside, 'wx');
    try {
      writeFileSync(handle, data);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
    flushFolderSync(dirname(file));
  } catch (error) {
    try {
      rmSync(beside, { force: true });
    } catch {
      // Why it could not be written says more.
    }
    throw new OutputError(file, reasonFor(error), { cause: error });
  }
}

/** Writes a file where nobody looks for it yet, and has it on the disk: what is renamed afterwards is whole. */
export async function writeFlushed(path: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the renames in a folder durable. Windows and some network folders have no such thing and do without. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!cannotFlush(error)) throw error;
  }
}

function flushFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!cannotFlush(error)) throw error;
  }
}

/** A folder that may be written but not listed, or a file system without the call. */
function cannotFlush(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a file cannot be written, and what to do: the end of a sentence for a person. */
export function reasonFor(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Free some space or choose another folder.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission denied. Choose a folder that you may write to.';
    case 'ENOENT':
      return 'its folder does not exist.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is a file, not a folder. Choose another folder.';
    case 'EISDIR':
      return 'there is a folder of that name. Move it or choose another folder.';
    case 'ELOOP':
      return 'it is a link that leads back to itself.';
    case 'ENAMETOOLONG':
      return 'its name is too long.';
    default:
      return `${error instanceof Error ? error.message : String(error)}.`;
  }
}
