import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { CannotDecode } from './decoder-pool.ts';
import type { Decoded, DecodeTask } from './protocol.ts';

/** So many photos are remembered; the oldest are forgotten. */
const REMEMBERED = 1000;

/**
 * Remembers photos that were given up, since they would take their seconds and their memory each time somebody asks. A
 * photo is known by its file (another content is another photo) or, where it came as bytes, by their checksum.
 */
export class GivenUp {
  readonly #reasons = new Map<string, CannotDecode>();
  /** Lengths of bytes that were given up: nothing else needs a checksum. */
  readonly #lengths = new Set<number>();

  /** @throws CannotDecode what was thrown of this photo before; whatever `decode` throws */
  async decode(task: DecodeTask, decode: () => Promise<Decoded>): Promise<Decoded> {
    const before = await this.#keyOf(task, false);
    const known = before === undefined ? undefined : this.#reasons.get(before);
    if (known) throw known;
    try {
      return await decode();
    } catch (error) {
      if (error instanceof CannotDecode && error.isLasting) await this.#remember(task, before, error);
      throw error;
    }
  }

  async #remember(task: DecodeTask, before: string | undefined, error: CannotDecode): Promise<void> {
    const key = await this.#keyOf(task, true);
    // A file that was changed meanwhile was not given up as it is now.
    if (key === undefined || ('path' in task.data && key !== before)) return;
    if ('bytes' in task.data) this.#lengths.add(task.data.bytes.length);
    this.#reasons.set(key, error);
    for (const oldest of this.#reasons.keys()) {
      if (this.#reasons.size <= REMEMBERED) break;
      this.#reasons.delete(oldest);
    }
  }

  /** @param always also of bytes of a length that was never given up */
  async #keyOf({ data, size, pixelLimit }: DecodeTask, always: boolean): Promise<string | undefined> {
    const wanted = `${size?.width} ${size?.height} ${pixelLimit}`;
    if ('bytes' in data) {
      if (!always && !this.#lengths.has(data.bytes.length)) return undefined;
      return `${createHash('sha256').update(data.bytes).digest('hex')} ${wanted}`;
    }
    const status = await stat(data.path, { bigint: true }).catch(() => undefined);
    return status && `${status.dev} ${status.ino} ${status.size} ${status.mtimeNs} ${wanted}`;
  }
}
