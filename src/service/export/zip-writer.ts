import { createWriteStream, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { makeFolder } from '../../files/make-folder.ts';
import { OutputError, reasonFor } from '../../files/write-file.ts';

/** The first and the last day of a zip's calendar. */
const [FIRST, LAST] = [Date.UTC(1980, 0, 2), Date.UTC(2107, 11, 30)];
/** So many bytes may wait for the disk. */
const WAITING = 32_000_000;

/**
 * Writes a zip file, one file after the other, without compression: pictures are compressed already. Of any size and any
 * number of files (zip64 where it takes that).
 */
export class ZipWriter {
  readonly #zip = new ZipFile();
  readonly #file: WriteStream;
  readonly #now: Date;
  readonly #whole: Promise<void>;
  #failure: Error | undefined;

  private constructor(path: string, now: Date) {
    // A zip knows no other years, and what writes it stands still where a clock that is wrong says one.
    this.#now = new Date(Math.min(Math.max(now.getTime(), FIRST), LAST));
    this.#file = createWriteStream(path, { flags: 'wx' });
    this.#zip.outputStream.pipe(this.#file);
    this.#whole = finished(this.#file);
    // Told by the next `add`, or by `end`.
    this.#whole.catch((error: unknown) => {
      this.#failure = new OutputError(path, reasonFor(error), { cause: error });
    });
  }

  static async create(path: string, now = new Date()): Promise<ZipWriter> {
    await makeFolder(dirname(path));
    return new ZipWriter(path, now);
  }

  /** @param name with forward slashes @throws OutputError where the zip cannot be written */
  async add(name: string, data: Uint8Array | string): Promise<void> {
    if (this.#failure) throw this.#failure;
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length);
    this.#zip.addBuffer(bytes, name, { compress: false, mtime: this.#now, mode: 0o100644 });
    while (this.#waiting() > WAITING && !this.#hasFailed()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Writes the directory. The zip is whole only after this. @throws OutputError */
  async end(): Promise<void> {
    this.#zip.end();
    await this.#whole.catch(() => undefined);
    if (this.#failure) throw this.#failure;
  }

  /** Gives up; the file is left to be removed. */
  async abandon(): Promise<void> {
    this.#file.destroy();
    await this.#whole.catch(() => undefined);
  }

  #waiting(): number {
    return (
      (this.#zip.outputStream as NodeJS.ReadableStream & { readableLength: number }).readableLength +
      this.#file.writableLength
    );
  }

  #hasFailed(): boolean {
    return this.#failure !== undefined;
  }
}
