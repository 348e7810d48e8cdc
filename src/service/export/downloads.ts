import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AttendError } from '../../contract/attend-error.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { newId } from '../library/entry.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/jsonl',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webp: 'image/webp',
  xmp: 'application/rdf+xml',
  zip: 'application/zip',
};

/** How many files wait to be fetched; the oldest go. */
const KEPT = 20;

/** A file that can be fetched. */
export interface Download {
  name: string;
  contentType: string;
  bytes: number;
  open(): Readable;
}

/** Files that were made for a page to fetch, in a folder that is emptied at the end. */
export class Downloads {
  readonly #folder: string;
  readonly #names = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns the address */
  async add(name: string, bytes: Uint8Array | string): Promise<string> {
    const { address, path } = this.reserve(name);
    await writeFileAtomically(path, bytes);
    return address;
  }

  /** A place to write a file to before its address is given away. */
  reserve(name: string): { address: string; path: string } {
    const id = newId() + newId();
    this.#names.set(id, name);
    for (const old of this.#names.keys()) {
      if (this.#names.size <= KEPT) break;
      this.#names.delete(old);
      void rm(join(this.#folder, old), { force: true });
    }
    return { address: `/downloads/${id}`, path: join(this.#folder, id) };
  }

  /** @throws AttendError `not-found` */
  async get(id: string): Promise<Download> {
    const name = this.#names.get(id);
    const path = join(this.#folder, id);
    const status = name === undefined ? undefined : await stat(path).catch(() => undefined);
    if (name === undefined || !status) throw new AttendError('not-found', 'This file is gone. Export it again.');
    const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    return {
      name,
      contentType: CONTENT_TYPES[extension] ?? 'application/octet-stream',
      bytes: status.size,
      open: () => createReadStream(path),
    };
  }

  async clear(): Promise<void> {
    this.#names.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
