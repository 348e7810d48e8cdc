import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import { reasonOf } from '../files/read-file.ts';
import { readWhole } from '../files/read-whole.ts';
import { sha256 } from '../engine/checkpoint/sha256.ts';

/** A file of a model, with what it must be. */
export interface ModelFile {
  file: string;
  bytes: number;
  sha256: string;
}

/** The files that a checkpoint was read from. */
export function checkpointFiles({ files }: Pick<Checkpoint<unknown>, 'files'>): ModelFile[] {
  return files.map(({ name: file, bytes, sha256 }) => ({ file, bytes, sha256 }));
}

/** What tells a model from every other: its files' checksums. */
export const keyOf = (files: readonly ModelFile[]): string =>
  files.map(({ file, sha256 }) => `${file} ${sha256}`).join('\n');

/** The same in 16 hexadecimal digits, for what is kept of a model's work; nothing of a model without files. */
export const checksumOf = (files: readonly ModelFile[]): string | undefined =>
  files.length === 0 ? undefined : createHash('sha256').update(keyOf(files)).digest('hex').slice(0, 16);

/** Reads a file of a model. @throws Error where it is missing, of another length or of another checksum */
export async function readChecked(folder: string, expected: ModelFile): Promise<Uint8Array> {
  const { file } = expected;
  if (file !== basename(file) || file === '..')
    throw new Error(`model.json names the file "${file}", which is not in its folder.`);
  const bytes = await readWhole(join(folder, file)).catch((error: unknown) => {
    const reason = error as NodeJS.ErrnoException;
    throw new Error(reason.code === 'ENOENT' ? `${file} is missing.` : `${file} cannot be read: ${reasonOf(reason)}.`);
  });
  if (bytes.length !== expected.bytes) {
    const problem = bytes.length < expected.bytes ? 'cut off' : 'too long';
    throw new Error(`${file} is ${problem}: it has ${bytes.length} bytes instead of ${expected.bytes}.`);
  }
  if ((await sha256(bytes)) !== expected.sha256) {
    throw new Error(`${file} is damaged: its checksum does not match. Get the model again.`);
  }
  return bytes;
}

/** Runs `load`; what it throws names the folder. */
export async function loadingFrom<T>(folder: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes(folder)) throw error;
    throw new Error(`The model in ${folder} cannot be loaded: ${message}`, { cause: error });
  }
}

/** The randomness of a model whose weights are all given. */
export function refuseDrawing(): number {
  throw new Error('A loaded model draws no weights.');
}
