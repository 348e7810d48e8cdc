import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJsonLines } from '../files/json-lines.ts';
import { underLock } from '../files/system-lock.ts';
import { OutputError, reasonFor, writeFileAtomically } from '../files/write-file.ts';

/** Its name. */
export const LIST = 'attend.jsonl';
const LOCK = '.attend.lock';

/**
 * The list of an output folder, which several processes may keep at once: each reads and writes it under one lock, and
 * reads what the others have added before it adds something.
 */
export class OutputList {
  readonly directory: string;
  readonly #path: string;
  /** Up to where it was read, and which file that was: one that was written anew is another one. */
  #position = 0;
  #inode: number | undefined;

  constructor(directory: string) {
    this.directory = directory;
    this.#path = join(directory, LIST);
  }

  /**
   * Does something while no other process does: everything below, and whatever looks at a name before it takes it. Not
   * within itself.
   */
  alone<T>(action: () => Promise<T>): Promise<T> {
    return underLock(this.directory, LOCK, action).catch((error: unknown) => {
      if (error instanceof OutputError || !(error instanceof Error)) throw error;
      throw 'syscall' in error ? new OutputError(this.#path, reasonFor(error), { cause: error }) : error;
    });
  }

  /** All lines. @throws Error with the number of one that is damaged */
  readAll(): Promise<Record<string, unknown>[]> {
    this.#inode = undefined;
    return this.readNews();
  }

  /** The lines that others have added since it was read or written; all of them where another process wrote it anew. */
  async readNews(): Promise<Record<string, unknown>[]> {
    const handle = await openOrNothing(this.#path);
    if (!handle) {
      this.#inode = undefined;
      this.#position = 0;
      return [];
    }
    try {
      const { ino, size } = await handle.stat();
      if (ino !== this.#inode || size < this.#position) this.#position = 0;
      this.#inode = ino;
      const bytes = Buffer.alloc(size - this.#position);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.#position);
      const text = bytes.toString('utf8', 0, bytesRead);
      const lines = parseJsonLines(text, this.#path);
      // A line that was torn, by a process that was ended, is no part of the list.
      this.#position += bytes.lastIndexOf(0x0a, bytesRead - 1) + 1;
      return lines;
    } finally {
      await handle.close();
    }
  }

  /** Adds a line, which is on the disk when the promise is kept. Call `readNews` first. */
  async append(line: object): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    // Not as an addition: what was torn is written over.
    const handle = (await openOrNothing(this.#path, 'r+')) ?? (await open(this.#path, 'wx'));
    try {
      await handle.truncate(this.#position);
      await handle.write(bytes, 0, bytes.length, this.#position);
      await handle.datasync();
      this.#inode = (await handle.stat()).ino;
      this.#position += bytes.length;
    } finally {
      await handle.close();
    }
  }

  /** Replaces all lines. */
  async rewrite(lines: readonly object[]): Promise<void> {
    await writeFileAtomically(this.#path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await this.readAll();
  }
}

async function openOrNothing(path: string, flags = 'r'): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
