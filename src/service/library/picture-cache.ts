import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/write-file.ts';

/** A picture that somebody waits for. */
interface Making {
  readonly picture: Promise<Buffer>;
  readonly control: AbortController;
  askers: number;
}

/**
 * Pictures that can be made again, in a folder with a size limit: what was used last stays, what was not goes.
 * A folder that cannot be written is no error: pictures are then made each time.
 */
export class PictureCache {
  readonly #folder: string;
  readonly #limit: number;
  readonly #making = new Map<string, Making>();
  /** In bytes; measured once, and counted on from there. */
  #size: Promise<{ bytes: number }> | undefined;
  #trimming: Promise<void> = Promise.resolve();

  /** @param limit in bytes */
  constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /**
   * The picture of a key, made where it is not there. Those who ask at the same time wait for the same one; when the last
   * of them does not want it any more, it is given up.
   * @param key all that the picture depends on
   * @throws the signal's reason when it is aborted, at once; whatever `make` throws
   */
  async get(
    key: readonly (string | number)[],
    make: (signal: AbortSignal) => Promise<Buffer>,
    signal?: AbortSignal,
  ): Promise<Buffer> {
    signal?.throwIfAborted();
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 40);
    const making = this.#making.get(name) ?? this.#begin(name, make);
    making.askers++;
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => (leave = () => reject(signal?.reason as Error)));
    signal?.addEventListener('abort', leave);
    try {
      return await Promise.race([making.picture, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      making.askers--;
      if (making.askers === 0) {
        making.control.abort();
        if (this.#making.get(name) === making) this.#making.delete(name);
      }
    }
  }

  #begin(name: string, make: (signal: AbortSignal) => Promise<Buffer>): Making {
    const control = new AbortController();
    const picture = this.#getOrMake(name, () => make(control.signal));
    // Nobody may be waiting for it any more.
    picture.catch(() => undefined);
    const making = { picture, control, askers: 0 };
    this.#making.set(name, making);
    return making;
  }

  /** What the pictures take on the disk. */
  async bytes(): Promise<number> {
    return (await this.#measure()).bytes;
  }

  /** Removes all of them. They are made again when they are asked for. */
  async clear(): Promise<void> {
    await Promise.all((await this.#files()).map(({ path }) => rm(path, { force: true }).catch(() => undefined)));
    this.#size = undefined;
  }

  async #getOrMake(name: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const file = join(this.#folder, name);
    try {
      const bytes = await readFile(file);
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return bytes;
    } catch {
      // Not there.
    }
    const bytes = await make();
    try {
      const size = await (this.#size ??= this.#measure());
      await writeFileAtomically(file, bytes);
      // Others may have written meanwhile: what is added is added to what there is now.
      size.bytes += bytes.length;
      if (size.bytes > this.#limit) this.#trimming = this.#trimming.then(() => this.#trim(size));
    } catch {
      // Made anew next time.
    }
    return bytes;
  }

  async #measure(): Promise<{ bytes: number }> {
    return { bytes: (await this.#files()).reduce((sum, { size }) => sum + size, 0) };
  }

  /** Removes the pictures that were not used for longest, down to nine tenths of the limit. */
  async #trim(size: { bytes: number }): Promise<void> {
    // Pictures that were made one after the other may each have asked for this.
    if (size.bytes <= this.#limit) return;
    for (const file of (await this.#files()).sort((a, b) => a.used - b.used)) {
      if (size.bytes <= 0.9 * this.#limit) break;
      await rm(file.path, { force: true }).catch(() => undefined);
      size.bytes -= file.size;
    }
  }

  async #files(): Promise<{ path: string; size: number; used: number }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.map(async (name) => {
      const path = join(this.#folder, name);
      const status = await stat(path).catch(() => undefined);
      return status?.isFile() ? [{ path, size: status.size, used: status.mtimeMs }] : [];
    });
    return (await Promise.all(files)).flat();
  }
}
