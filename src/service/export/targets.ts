import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { OutputFolder, type OutputEntry } from '../../pictures/output-folder.ts';
import { OutputList } from '../../pictures/output-list.ts';
import { OutputNames } from '../../pictures/output-names.ts';
import { caseless } from '../../files/caseless.ts';
import { cutName } from '../../files/cut-name.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { safeName } from '../../files/safe-name.ts';
import { isNoFile, noFile, OutputError, reasonFor, writeFileAtomically } from '../../files/write-file.ts';
import type { Downloads } from './downloads.ts';
import type { Existing } from './photo-text.ts';
import { ForeignTextError, withTextAdded } from './text-file.ts';
import { ZipWriter } from './zip-writer.ts';

/** What became of a file: it was left as it was where something stood there already. */
export type Outcome = 'written' | 'skipped';

/** Where the files of an export go. Names are paths on disk, or names in a zip. */
export interface Target {
  /** @param photo its path, which gives its files their name */
  pathFor(photo: string, suffix: string): Promise<string>;
  /** The path of a photo's sidecar that is named after all of its name: "beach.jpg.xmp". */
  sidecarFor(photo: string): Promise<string>;
  /** The path of a file that holds all photos. */
  commonPath(name: string): string;
  /** @param isText it is added to what exists, where that is asked for; other files then get a new name */
  put(path: string, data: Uint8Array | string, isText?: boolean): Promise<Outcome>;
  note(path: string, outcome: Outcome): Outcome;
  /** Must be told when all files of a photo are written. */
  finish(photo: string): Promise<void>;
  readonly written: string[];
  readonly skipped: string[];
}

/** Files on disk: in one folder, with its list of whose they are, or each beside its photo. */
export class FileTarget implements Target {
  readonly written: string[] = [];
  readonly skipped: string[] = [];
  readonly #folder: string | undefined;
  readonly #photos: readonly string[];
  readonly #existing: Existing;
  readonly #sharing: ReadonlySet<string>;
  readonly #names = new Map<string, OutputNames>();
  /** Opened with the first photo that gets files of its own. */
  #listed: Promise<{ outputs: OutputFolder; sidecars: SidecarNames }> | undefined;
  /** How many of what is written stand in the list, or need not. */
  #noted = 0;

  /**
   * @param folder left out: each photo's own
   * @param sharing photos beside which there is another of the same name: their files say which they are of
   */
  constructor(
    folder: string | undefined,
    photos: readonly string[],
    existing: Existing,
    sharing: ReadonlySet<string> = new Set(),
  ) {
    this.#folder = folder;
    this.#photos = photos;
    this.#existing = existing;
    this.#sharing = sharing;
  }

  async pathFor(photo: string, suffix: string): Promise<string> {
    if (this.#folder !== undefined) {
      const { outputs } = await this.#list(this.#folder);
      return outputs.names.path(await outputs.reserve(photo, this.#sharing.has(photo)), suffix);
    }
    const folder = dirname(photo);
    let names = this.#names.get(folder);
    if (!names) {
      names = new OutputNames(folder, this.#photos);
      this.#names.set(folder, names);
    }
    return names.path(names.stem(photo, this.#sharing.has(photo)), suffix);
  }

  async sidecarFor(photo: string): Promise<string> {
    if (this.#folder === undefined) return `${photo}.xmp`;
    const { outputs, sidecars } = await this.#list(this.#folder);
    // Before it is there: the run may end in between.
    const name = await outputs.reserveFile(photo, (news) => {
      sidecars.learn(news);
      return sidecars.nameFor(photo);
    });
    return join(this.#folder, name);
  }

  commonPath(name: string): string {
    return join(this.#folder ?? dirname(this.#photos[0] ?? '.'), name);
  }

  async put(path: string, data: Uint8Array | string, isText = false): Promise<Outcome> {
    const put = (): Promise<Outcome> => this.#put(path, data, isText);
    if (this.#folder === undefined) return put();
    await makeFolder(this.#folder);
    // What is looked at is not to change before it is replaced.
    return new OutputList(this.#folder).alone(put);
  }

  async #put(path: string, data: Uint8Array | string, isText: boolean): Promise<Outcome> {
    const there = await stat(path).catch(() => undefined);
    const isThere = there !== undefined;
    if (there?.isDirectory()) throw new OutputError(path, reasonFor({ code: 'EISDIR' }));
    if (there && isNoFile(there)) throw noFile(path);
    if (isThere && this.#existing === 'skip') return this.note(path, 'skipped');
    if (isThere && this.#existing === 'append' && isText) {
      const after = await added(path, data.toString());
      if (after) await writeFileAtomically(path, after, { sameFile: true });
      return this.note(path, after ? 'written' : 'skipped');
    }
    const place = isThere && this.#existing === 'append' ? freePath(path) : path;
    await writeFileAtomically(place, data, { sameFile: true });
    return this.note(place, 'written');
  }

  note(path: string, outcome: Outcome): Outcome {
    this[outcome].push(path);
    return outcome;
  }

  async finish(photo: string): Promise<void> {
    const made = this.written.slice(this.#noted);
    this.#noted = this.written.length;
    if (this.#listed && made.length > 0) await (await this.#listed).outputs.add(photo, made);
  }

  #list(folder: string): Promise<{ outputs: OutputFolder; sidecars: SidecarNames }> {
    // What stands there in no list is left, replaced or added to as was asked for.
    this.#listed ??= OutputFolder.open(folder, this.#photos, { keepStrangers: false }).then((outputs) => ({
      outputs,
      sidecars: new SidecarNames(outputs.before),
    }));
    return this.#listed;
  }
}

/** A file to be fetched: the one that there is, or a zip of several. */
export class DownloadTarget implements Target {
  readonly written: string[] = [];
  readonly skipped: string[] = [];
  readonly #downloads: Downloads;
  readonly #names: OutputNames;
  readonly #sidecars = new SidecarNames();
  #first: { name: string; data: Uint8Array | string } | undefined;
  #zip: { writer: ZipWriter; path: string; address: string } | undefined;

  constructor(downloads: Downloads) {
    this.#downloads = downloads;
    this.#names = new OutputNames('/nowhere');
  }

  pathFor(photo: string, suffix: string): Promise<string> {
    return Promise.resolve(`${this.#names.stem(photo)}${suffix}`);
  }

  sidecarFor(photo: string): Promise<string> {
    return Promise.resolve(this.#sidecars.nameFor(photo));
  }

  commonPath(name: string): string {
    return name;
  }

  async put(name: string, data: Uint8Array | string): Promise<Outcome> {
    this.written.push(name);
    if (!this.#first) {
      this.#first = { name, data };
      return 'written';
    }
    if (!this.#zip) {
      const place = this.#downloads.reserve(ZIP_NAME);
      this.#zip = { ...place, writer: await ZipWriter.create(place.path) };
      await this.#zip.writer.add(this.#first.name, this.#first.data);
    }
    await this.#zip.writer.add(name, data);
    return 'written';
  }

  note(): Outcome {
    // Nothing exists before in a zip.
    return 'written';
  }

  finish(): Promise<void> {
    return Promise.resolve();
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

/** Names of sidecars in one folder, none twice: "beach.jpg.xmp", and of another beach.jpg "beach-2.jpg.xmp". */
class SidecarNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** @param before photos that have a sidecar in the folder: it stays theirs */
  constructor(before: readonly OutputEntry[] = []) {
    this.learn(before);
  }

  /** @param entries of photos that have a sidecar in the folder by now */
  learn(entries: readonly OutputEntry[]): void {
    for (const { file, outputs, reserved } of entries) {
      const name = [...reserved, ...outputs].find((output) => output.endsWith('.xmp'));
      if (name === undefined) continue;
      this.#names.set(file, name);
      this.#taken.add(caseless(name));
    }
  }

  nameFor(photo: string): string {
    const known = this.#names.get(photo);
    if (known !== undefined) return known;
    const extension = cutName(extname(photo), 20);
    const stem = basename(photo, extname(photo));
    for (let number = 1; ; number++) {
      const end = `${number === 1 ? '' : `-${number}`}${extension}.xmp`;
      const name = `${safeName(stem, 240 - Buffer.byteLength(end))}${end}`;
      if (this.#taken.has(caseless(name))) continue;
      this.#taken.add(caseless(name));
      this.#names.set(photo, name);
      return name;
    }
  }
}

/** A text file with a text added; nothing where it is there already. */
async function added(path: string, text: string): Promise<Uint8Array | undefined> {
  try {
    return withTextAdded(await readFile(path), (said) => withoutHeader(path, said, text.replace(/^\uFEFF/, '')));
  } catch (error) {
    if (!(error instanceof ForeignTextError)) throw error;
    throw new OutputError(path, `${error.message} It stays as it is.`, { cause: error });
  }
}

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
