import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { CheckpointError } from '../engine/checkpoint/checkpoint-error.ts';
import { MANIFEST, SHARD_NAME, type CheckpointStore } from '../engine/checkpoint/store.ts';
import { reasonOf } from '../files/read-file.ts';
import { readWhole } from '../files/read-whole.ts';
import { flushFolder, reasonFor, writeFlushed } from '../files/write-file.ts';

const PARTIAL = '.partial';

/**
 * A checkpoint in a folder, which may hold other files too (a model card, a log).
 *
 * Writing: every file is written beside under a name of its own and flushed; the shards are renamed
 * (their names follow their content, so none replaces a different one); the manifest is renamed last,
 * and that one step makes the new checkpoint the current one; then old shards go. A crash at any
 * moment leaves the old checkpoint or the new one, and at most some files that the next writing
 * removes. One process may write to a folder at a time.
 */
export class DirectoryStore implements CheckpointStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** @throws CheckpointError where the file is missing or cannot be read */
  async read(name: string): Promise<Uint8Array> {
    try {
      return await readWhole(join(this.directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new CheckpointError(
          `${join(this.directory, name)} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`,
          {
            cause: error,
          },
        );
      }
      const message =
        name === MANIFEST
          ? `There is no model in ${this.directory}: ${MANIFEST} is missing.`
          : `The model in ${this.directory} is incomplete: ${name} is missing.`;
      throw new CheckpointError(message, { cause: error });
    }
  }

  /**
   * @throws CheckpointError where the folder cannot be written. It then holds the old checkpoint;
   *   where only the clearing up failed, the new one
   */
  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const shards = [...files.keys()].filter((name) => name !== MANIFEST);
    try {
      await makeFolder(this.directory);
      await this.#remove(isPartial);
      for (const [name, bytes] of files) await writeFlushed(this.#path(name + PARTIAL), bytes);
      for (const name of shards) await rename(this.#path(name + PARTIAL), this.#path(name));
      // What the manifest relies on must be on the disk before it is.
      await flushFolder(this.directory);
      await rename(this.#path(MANIFEST + PARTIAL), this.#path(MANIFEST));
      await flushFolder(this.directory);
      await this.#remove((name) => SHARD_NAME.test(name) && !files.has(name));
    } catch (error) {
      // A full disk should not stay full; where even this fails, the next writing does it.
      await this.#remove(isPartial).catch(() => undefined);
      throw new CheckpointError(`The model cannot be saved to ${this.directory}: ${reasonFor(error)}`, {
        cause: error,
      });
    }
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  async #remove(which: (name: string) => boolean): Promise<void> {
    for (const name of await readdir(this.directory)) if (which(name)) await rm(this.#path(name), { force: true });
  }
}

function isPartial(name: string): boolean {
  if (!name.endsWith(PARTIAL)) return false;
  const whole = name.slice(0, -PARTIAL.length);
  return whole === MANIFEST || SHARD_NAME.test(whole);
}
