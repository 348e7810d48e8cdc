import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from './write-file.ts';

/**
 * A cache of records of one size on disk: pixels or features of thousands of photos, read a few at a
 * time in any order, so that they need not fit into memory.
 */
export class RecordFile {
  /** The file: the records one behind the other, nothing else. */
  readonly path: string;
  readonly #file: number;
  readonly #recordBytes: number;
  readonly records: number;
  /** Of the key: what is computed from the records depends on it. */
  readonly digest: string;

  private constructor(path: string, recordBytes: number, digest: string) {
    this.path = path;
    this.digest = digest;
    this.#file = openSync(path, 'r');
    this.#recordBytes = recordBytes;
    this.records = statSync(path).size / recordBytes;
  }

  /**
   * Opens the cache of `key` in `folder`, or makes it first: `fill` is given a function that appends
   * bytes. It is written beside and renamed, so a half-made cache is never taken for a whole one.
   * @param key whatever the content depends on
   */
  static async open(
    folder: string,
    key: unknown,
    recordBytes: number,
    records: number,
    fill: (append: (bytes: Uint8Array) => void) => Promise<void>,
  ): Promise<RecordFile> {
    const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 20);
    const path = join(folder, `${digest}.bin`);
    if (!existsSync(path) || statSync(path).size !== recordBytes * records) {
      await replaceFile(path, async (beside) => {
        const file = openSync(beside, 'w');
        try {
          await fill((bytes) => {
            for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
          });
        } finally {
          closeSync(file);
        }
        if (statSync(beside).size !== recordBytes * records)
          throw new Error(`The cache ${path} did not come out whole.`);
      });
    }
    return new RecordFile(path, recordBytes, digest);
  }

  /** The records at some places, one after the other. */
  read(indices: readonly number[]): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(indices.length * this.#recordBytes);
    for (const [position, index] of indices.entries()) {
      const target = bytes.subarray(position * this.#recordBytes, (position + 1) * this.#recordBytes);
      if (readSync(this.#file, target, 0, this.#recordBytes, index * this.#recordBytes) !== this.#recordBytes) {
        throw new RangeError(`The cache has no record ${index}.`);
      }
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }
}
