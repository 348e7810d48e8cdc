import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { AttendError } from '../../contract/attend-error.ts';

const LIMIT = 0xffff_fff0;
const MOST_FILES = 0xffff;
/** Names are UTF-8 (APPNOTE 4.4.4, bit 11). */
const UTF8 = 1 << 11;

interface Written {
  name: Buffer;
  crc: number;
  size: number;
  offset: number;
}

/**
 * Writes a zip file, one file after the other, without compression: pictures are compressed already.
 * Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 */
export class ZipWriter {
  readonly #file: FileHandle;
  readonly #written: Written[] = [];
  readonly #time: { date: number; time: number };
  #offset = 0;

  private constructor(file: FileHandle, now: Date) {
    this.#file = file;
    this.#time = dosTime(now);
  }

  static async create(path: string, now = new Date()): Promise<ZipWriter> {
    await mkdir(dirname(path), { recursive: true });
    return new ZipWriter(await open(path, 'wx'), now);
  }

  /** @param name with forward slashes @throws AttendError where the zip gets too large */
  async add(name: string, data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (this.#offset + bytes.length > LIMIT || this.#written.length >= MOST_FILES) {
      throw new AttendError('too-large', 'The files do not fit into one zip of four gigabytes. Export fewer at once.');
    }
    const entry: Written = { name: Buffer.from(name), crc: crc32(bytes), size: bytes.length, offset: this.#offset };
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    this.#common(header, 4, entry);
    await this.#append(header, entry.name, bytes);
    this.#written.push(entry);
  }

  /** Writes the directory. The zip is whole only after this. */
  async end(): Promise<void> {
    const start = this.#offset;
    for (const entry of this.#written) {
      const header = Buffer.alloc(46);
      header.writeUInt32LE(0x02014b50, 0);
      // Made by version 2.0 on Unix, so that the attributes below are a file mode.
      header.writeUInt16LE((3 << 8) | 20, 4);
      this.#common(header, 6, entry);
      header.writeUInt32LE(((0o100644 << 16) >>> 0) >>> 0, 38);
      header.writeUInt32LE(entry.offset, 42);
      await this.#append(header, entry.name);
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#written.length, 8);
    end.writeUInt16LE(this.#written.length, 10);
    end.writeUInt32LE(this.#offset - start, 12);
    end.writeUInt32LE(start, 16);
    await this.#append(end);
    await this.#file.close();
  }

  /** Gives up; the file is left to be removed. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }

  /** What the two headers of a file share, from "version needed" on. */
  #common(header: Buffer, at: number, { name, crc, size }: Written): void {
    header.writeUInt16LE(20, at);
    header.writeUInt16LE(UTF8, at + 2);
    header.writeUInt16LE(this.#time.time, at + 6);
    header.writeUInt16LE(this.#time.date, at + 8);
    header.writeUInt32LE(crc, at + 10);
    header.writeUInt32LE(size, at + 14);
    header.writeUInt32LE(size, at + 18);
    header.writeUInt16LE(name.length, at + 22);
  }

  async #append(...parts: Uint8Array[]): Promise<void> {
    for (const part of parts) {
      await this.#file.writeFile(part);
      this.#offset += part.length;
    }
  }
}

function dosTime(now: Date): { date: number; time: number } {
  return {
    date: ((Math.max(1980, now.getFullYear()) - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(),
    time: (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1),
  };
}
