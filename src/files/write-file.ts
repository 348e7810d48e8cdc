import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cutName } from './cut-name.ts';
import { makeFolder } from './make-folder.ts';

/** A picture that cannot be written; the message is "cannot write FILE: REASON" and what to do. */
export class OutputError extends Error {
  readonly file: string;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`cannot write ${file}: ${reason}`, options);
    this.name = 'OutputError';
    this.file = file;
  }
}

/**
 * Writes a file whole or not at all: beside its place under another name, then renamed over it. Missing folders are
 * made. Whoever reads the file sees its old content or its new content, never a part.
 *
 * @throws OutputError with a message for a person; nothing is left behind.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array): Promise<void> {
  const beside = join(dirname(file), `.${cutName(basename(file), 100)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await makeFolder(dirname(file));
    await writeFile(beside, data, { flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new OutputError(file, reasonFor(error), { cause: error });
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
    case 'ENAMETOOLONG':
      return 'its name is too long.';
    default:
      return `${error instanceof Error ? error.message : String(error)}.`;
  }
}
