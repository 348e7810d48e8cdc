import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutputNames } from '../../pictures/output-names.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import type { Downloads } from './downloads.ts';
import type { Existing } from './metadata-writer.ts';
import { ZipWriter } from './zip-writer.ts';

/** Where the files of an export go. Names are paths on disk, or names in a zip. */
export interface Target {
  /** @param photo its path, which gives its files their name */
  pathFor(photo: string, suffix: string): string;
  /** The path of a file that holds all photos. */
  commonPath(name: string): string;
  /** @param text is added to what exists, where that is asked for; other files then get a new name */
  put(path: string, data: Uint8Array | string, isText?: boolean): Promise<void>;
  note(path: string, outcome: 'written' | 'skipped'): void;
  readonly written: string[];
  readonly skipped: string[];
}

/** Files on disk: in one folder, or each beside its photo. */
export class FileTarget implements Target {
  readonly written: string[] = [];
  readonly skipped: string[] = [];
  readonly #folder: string | undefined;
  readonly #photos: readonly string[];
  readonly #existing: Existing;
  readonly #names = new Map<string, OutputNames>();

  /** @param folder left out: each photo's own */
  constructor(folder: string | undefined, photos: readonly string[], existing: Existing) {
    this.#folder = folder;
    this.#photos = photos;
    this.#existing = existing;
  }

  pathFor(photo: string, suffix: string): string {
    const folder = this.#folder ?? dirname(photo);
    let names = this.#names.get(folder);
    if (!names) {
      names = new OutputNames(folder, this.#photos);
      this.#names.set(folder, names);
    }
    return names.path(names.stem(photo), suffix);
  }

  commonPath(name: string): string {
    return join(this.#folder ?? dirname(this.#photos[0] ?? '.'), name);
  }

  async put(path: string, data: Uint8Array | string, isText = false): Promise<void> {
    if (!existsSync(path) || this.#existing === 'overwrite') {
      await writeFileAtomically(path, data);
      this.written.push(path);
    } else if (this.#existing === 'skip') {
      this.skipped.push(path);
    } else if (isText) {
      const before = await readFile(path, 'utf8');
      const text = withoutHeader(path, before, data.toString());
      const isThere = before.includes(text.trim());
      if (!isThere)
        await writeFileAtomically(path, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${text}`);
      this.note(path, isThere ? 'skipped' : 'written');
    } else {
      const free = freePath(path);
      await writeFileAtomically(free, data);
      this.written.push(free);
    }
  }

  note(path: string, outcome: 'written' | 'skipped'): void {
    this[outcome].push(path);
  }
}

/** A file to be fetched: the one that there is, or a zip of several. */
export class DownloadTarget implements Target {
  readonly written: string[] = [];
  readonly skipped: string[] = [];
  readonly #downloads: Downloads;
  readonly #names: OutputNames;
  #first: { name: string; data: Uint8Array | string } | undefined;
  #zip: { writer: ZipWriter; path: string; address: string } | undefined;

  constructor(downloads: Downloads) {
    this.#downloads = downloads;
    this.#names = new OutputNames('/nowhere');
  }

  pathFor(photo: string, suffix: string): string {
    return `${this.#names.stem(photo)}${suffix}`;
  }

  commonPath(name: string): string {
    return name;
  }

  async put(name: string, data: Uint8Array | string): Promise<void> {
    this.written.push(name);
    if (!this.#first) {
      this.#first = { name, data };
      return;
    }
    if (!this.#zip) {
      const place = this.#downloads.reserve(ZIP_NAME);
      this.#zip = { ...place, writer: await ZipWriter.create(place.path) };
      await this.#zip.writer.add(this.#first.name, this.#first.data);
    }
    await this.#zip.writer.add(name, data);
  }

  note(): void {
    // Nothing exists before in a zip.
  }

  /** @returns where the file is to be fetched; null where there is none */
  async end(): Promise<{ address: string; name: string } | null> {
    if (this.#zip) {
      await this.#zip.writer.end();
      return { address: this.#zip.address, name: ZIP_NAME };
    }
    if (!this.#first) return null;
    const { data } = this.#first;
    const name = basename(this.#first.name);
    return { address: await this.#downloads.add(name, data), name };
  }

  async abandon(): Promise<void> {
    await this.#zip?.writer.abandon();
    if (this.#zip) await rm(this.#zip.path, { force: true });
  }
}

const ZIP_NAME = 'attend-captions.zip';

/** "beach.svg" → "beach-2.svg", the first that is free. */
function freePath(path: string): string {
  const dot = path.lastIndexOf('.');
  for (let number = 2; ; number++) {
    const candidate = `${path.slice(0, dot)}-${number}${path.slice(dot)}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** A table that goes on needs no second header. */
function withoutHeader(path: string, before: string, text: string): string {
  const header = text.slice(0, text.indexOf('\n') + 1);
  return path.endsWith('.csv') && before.startsWith(header) ? text.slice(header.length) : text;
}
