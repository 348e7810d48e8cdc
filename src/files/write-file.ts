import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { copyFile, open, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { partName, removeAbandonedParts } from './abandoned-parts.ts';
import { copyAttributes } from './copy-attributes.ts';
import { makeFolder, makeFolderSync } from './make-folder.ts';
import { endOfLinks } from './place-of.ts';

/** A file that cannot be written; the message is "cannot write FILE: REASON" and what to do. */
export class OutputError extends Error {
  readonly file: string;
  readonly reason: string;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`cannot write ${file}: ${reason}`, options);
    this.name = 'OutputError';
    this.file = file;
    this.reason = reason;
  }
}

/**
 * Writes a file whole or not at all: beside its place under another name, flushed to the disk, then renamed over it.
 * Missing folders are made. Whoever reads the file sees its old content or its new content, never a part, also after the
 * machine went off. A link stays one: what it leads to is written. Permissions stay; a device or a pipe is written to.
 *
 * @param sameFile somebody's file, which keeps what it has beside its bytes: extended attributes, where the system has a
 *   means; and its names, where it has several (hard links): its bytes are then replaced where they are, while the whole
 *   file lies beside it
 * @throws OutputError with a message for a person; nothing is left behind.
 */
export async function writeFileAtomically(
  file: string,
  data: string | Uint8Array,
  { sameFile = false }: { sameFile?: boolean } = {},
): Promise<void> {
  if (isStream(file)) {
    await writeFile(file, data, { flag: 'a' }).catch((error: unknown) => {
      throw new OutputError(file, reasonFor(error), { cause: error });
    });
    return;
  }
  await replace(file, (beside) => writeFlushed(beside, data), sameFile);
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
async function replace(file: string, write: (beside: string) => Promise<void>, sameFile = false): Promise<void> {
  let beside: string | undefined;
  let failure: Error | undefined;
  try {
    const { before, place } = placeToWrite(file);
    if (place === file) await makeFolder(dirname(place));
    await removeAbandonedParts(dirname(place));
    beside = partName(place);
    // Node's copies have the attributes on other systems.
    if (before && sameFile && process.platform !== 'linux') await copyFile(place, beside).catch(() => undefined);
    await write(beside).catch((error: unknown) => {
      if (error instanceof Error && !('syscall' in error)) failure = error;
      throw error;
    });
    if (before) copyRights(before, beside);
    if (before && sameFile && before.nlink > 1) {
      await overwrite(place, await readFile(beside));
      await rm(beside);
    } else {
      const now = new Date();
      if (before && sameFile && (await copyAttributes(place, beside))) await utimes(beside, now, now);
      await rename(beside, place);
      await flushFolder(dirname(place));
    }
  } catch (error) {
    if (beside !== undefined) await rm(beside, { force: true }).catch(() => undefined);
    // What went wrong in what is written, and not in writing it, is told as it is.
    throw failure ?? new OutputError(file, reasonFor(error), { cause: error });
  }
}

/** `writeFileAtomically` that is done when it returns. */
export function writeFileAtomicallySync(file: string, data: string | Uint8Array): void {
  let beside: string | undefined;
  try {
    const { before, place } = placeToWrite(file);
    if (place === file) makeFolderSync(dirname(place));
    beside = partName(place);
    const handle = openSync(beside, 'wx');
    try {
      writeFileSync(handle, data);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (before) copyRights(before, beside);
    renameSync(beside, place);
    flushFolderSync(dirname(place));
  } catch (error) {
    if (error instanceof OutputError) throw error;
    try {
      if (beside !== undefined) rmSync(beside, { force: true });
    } catch {
      // Why it could not be written says more.
    }
    throw new OutputError(file, reasonFor(error), { cause: error });
  }
}

/** What is no file is not replaced by one. */
export function noFile(file: string): OutputError {
  return new OutputError(file, 'it is a device, a pipe or a socket, not a file. Move it away.');
}

/** Whether it is something to write to, at its end, and not to be replaced: no file, or one that a shell holds open. */
export function isStream(file: string): boolean {
  if (OPEN.test(resolve(file))) return true;
  try {
    return isNoFile(statSync(file));
  } catch {
    return false;
  }
}

/** What leads to an open file of the process. */
const OPEN = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** Whether something has content that cannot be replaced: a device, a pipe, a socket. */
export function isNoFile(status: Stats): boolean {
  return !status.isFile() && !status.isDirectory();
}

/**
 * Where the new content goes, and what is there: links are followed, but no folders made for them.
 * @throws OutputError where it must not be replaced
 */
function placeToWrite(file: string): { place: string; before: Stats | undefined } {
  const place = endOfLinks(file);
  const before = statSync(place, { throwIfNoEntry: false });
  if (before && isNoFile(before)) throw noFile(file);
  // Before anything is written that may take hours.
  if (before?.isDirectory()) throw new OutputError(file, reasonFor({ code: 'EISDIR' }));
  // The superuser may write it all the same, and a file that takes its place needs no permission; neither was meant.
  if (before?.isFile() && (before.mode & 0o222) === 0) {
    throw new OutputError(file, 'it is write-protected. Allow writing.');
  }
  if (place !== file && !statSync(dirname(place), { throwIfNoEntry: false })) {
    throw new OutputError(file, `it is a link to ${place}, whose folder does not exist.`);
  }
  return { place, before };
}

/** Permissions, and the owner where that may be said. */
function copyRights({ gid, mode, uid }: Stats, to: string): void {
  if (process.platform === 'win32') return;
  try {
    const own = statSync(to);
    if (own.uid !== uid || own.gid !== gid) chownSync(to, uid, gid);
  } catch {
    // Only the superuser gives files away.
  }
  chmodSync(to, mode & 0o7777);
}

/** Replaces the bytes of a file where they are: all its names show the new ones. */
export async function overwrite(file: string, bytes: Uint8Array): Promise<void> {
  await fill(file, constants.O_RDWR, bytes);
}

/**
 * Writes a file where nobody looks for it yet, and has it on the disk: what is renamed afterwards is whole. What the file
 * had beside its bytes stays.
 */
export async function writeFlushed(path: string, data: string | Uint8Array): Promise<void> {
  await fill(path, constants.O_WRONLY | constants.O_CREAT, typeof data === 'string' ? Buffer.from(data) : data);
}

async function fill(file: string, flags: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(bytes);
    await handle.truncate(bytes.length);
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
  if (error instanceof OutputError) return error.reason;
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
    case 'EFBIG':
      return 'it would be larger than this disk, or a limit of this session, allows.';
    default:
      return `${error instanceof Error ? error.message : String(error)}.`;
  }
}
