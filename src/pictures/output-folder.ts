import { existsSync } from 'node:fs';
import { access, constants, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { OutputError, reasonFor } from '../files/write-file.ts';
import { OutputList } from './output-list.ts';
import { isNamedAfter, OutputNames } from './output-names.ts';

/** What a folder's list says of a photo: a line, or several, of which what comes later counts. */
export interface OutputEntry {
  /** The photo, by absolute path. */
  file: string;
  /** What its files' names begin with. */
  name: string;
  /** Its files in the folder. */
  outputs: string[];
  /** Names in the folder that are its own, whether or not there is a file yet. */
  reserved: string[];
  /** Whatever else was said of it; nothing where one of its files is missing. */
  more: Record<string, unknown>;
}

/**
 * A folder with files made from photos, and the list (`attend.jsonl`) that says whose they are. The name of a photo's
 * files is in the list before the first of them is written, and stays its own in later runs: photos of one name in
 * different folders never take each other's place, nor do those of processes that make files there at the same time.
 */
export class OutputFolder {
  readonly directory: string;
  readonly names: OutputNames;
  /** Of earlier runs, as far as a file of theirs is there. */
  readonly before: readonly OutputEntry[];
  readonly #list: OutputList;
  readonly #reserved: Set<string>;
  /** What other processes have listed since it was last asked for. */
  #news: OutputEntry[] = [];

  private constructor(list: OutputList, names: OutputNames, before: readonly OutputEntry[]) {
    this.directory = list.directory;
    this.names = names;
    this.before = before;
    this.#list = list;
    this.#reserved = new Set(before.map(({ file }) => file));
  }

  /**
   * Opens the folder, which is made where it is not there.
   * @param photos all photos of the run, as far as they are known: no file takes the place of one
   * @param keepStrangers files that are in no list keep their names, too
   * @param forget photos that are made anew: what the list says of them besides their files no longer holds
   * @throws OutputError where the folder cannot be written or its list is damaged
   */
  static async open(
    directory: string,
    photos: Iterable<string>,
    { forget = () => false, keepStrangers }: { forget?: (entry: OutputEntry) => boolean; keepStrangers: boolean },
  ): Promise<OutputFolder> {
    try {
      await makeFolder(directory);
      await access(directory, constants.W_OK);
    } catch (error) {
      throw new OutputError(directory, reasonFor(error), { cause: error });
    }
    const list = new OutputList(directory);
    return list.alone(async () => {
      const lines = await list.readAll().catch((error: unknown) => {
        if (error instanceof Error && 'syscall' in error) throw error;
        throw new OutputError(directory, (error as Error).message, { cause: error });
      });
      const listed = entriesOf(lines, directory);
      const before = listed.map((entry) => (forget(entry) ? { ...entry, more: {} } : entry));
      const owned = new Set(before.flatMap(({ outputs, reserved }) => [...outputs, ...reserved]));
      const begun = before.filter(({ outputs }) => outputs.length === 0);
      const strangers = keepStrangers
        ? (await readdir(directory)).filter(
            (file) => !owned.has(file) && !begun.some(({ name }) => isNamedAfter(file, name)),
          )
        : [];
      const names = new OutputNames(directory, photos, [...owned, ...strangers]);
      for (const { file, name } of before) names.keep(file, name);
      if (lines.length > 0) await list.rewrite(before.map(lineOf));
      return new OutputFolder(list, names, before);
    });
  }

  /**
   * Whose the files of this name will be, before there are any: also when the run ends in between, or another process
   * makes files in the same folder.
   * @returns what the names of the photo's files begin with
   */
  async reserve(photo: string, withEnding = false): Promise<string> {
    const file = resolve(photo);
    if (!this.#reserved.has(file)) {
      await this.#alone(async () => {
        const name = this.names.stem(photo, withEnding);
        if (!this.#reserved.has(file)) await this.#list.append({ file, name });
        this.#reserved.add(file);
      });
    }
    return this.names.stem(photo, withEnding);
  }

  /**
   * The same for a single file, whose name is not made from that of the photo's other files.
   * @param nameFor chooses it, and hears first what other processes have listed since it was called last
   */
  async reserveFile(photo: string, nameFor: (news: readonly OutputEntry[]) => string): Promise<string> {
    const name = await this.reserve(photo);
    return this.#alone(async () => {
      const chosen = nameFor(this.#news.splice(0));
      await this.#list.append({ file: resolve(photo), name, reserved: [chosen] });
      return chosen;
    });
  }

  /** Adds what was made of a photo to the list. @param outputs names in the folder, or paths */
  async add(photo: string, outputs: readonly string[], more: Record<string, unknown> = {}): Promise<void> {
    const name = await this.reserve(photo);
    const line = { file: resolve(photo), name, ...more, outputs: outputs.map((path) => basename(path)) };
    await this.#alone(() => this.#list.append(line));
  }

  /** Does something while no other process does that makes files in this folder, knowing what others have listed. @throws OutputError */
  #alone<T>(action: () => Promise<T>): Promise<T> {
    return this.#list.alone(async () => {
      for (const entry of entriesOf(await this.#list.readNews(), this.directory)) {
        this.names.keep(entry.file, entry.name);
        this.#reserved.add(entry.file);
        this.#news.push(entry);
      }
      return action();
    });
  }
}

/** What the lines say, one entry for each photo. */
function entriesOf(lines: readonly Record<string, unknown>[], directory: string): OutputEntry[] {
  const entries = new Map<string, OutputEntry>();
  for (const { file, name, outputs, reserved, ...more } of lines) {
    if (typeof file !== 'string') continue;
    const made = namesIn(outputs);
    const key = resolve(file);
    const known = entries.get(key);
    const stem = isNameHere(name) ? name : (known?.name ?? stemOf(made[0]));
    if (stem === undefined) continue;
    entries.set(key, {
      file: key,
      name: stem,
      outputs: [...new Set([...(known?.outputs ?? []), ...made])],
      reserved: [...new Set([...(known?.reserved ?? []), ...namesIn(reserved)])],
      // Files may be added to what a run says of a photo; the next run says it anew.
      more: known && Object.keys(more).length === 0 ? known.more : more,
    });
  }
  return [...entries.values()].flatMap((entry) => {
    const outputs = entry.outputs.filter((one) => existsSync(join(directory, one)));
    if (outputs.length === entry.outputs.length) return entry;
    return outputs.length === 0 ? [] : { ...entry, outputs, more: {} };
  });
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isNameHere) : [];
}

/** Whether it is the name of something in the folder: a list from elsewhere must lead to no other. */
function isNameHere(name: unknown): name is string {
  return typeof name === 'string' && !/^\.{0,2}$|[/\\\0]/.test(name) && Buffer.byteLength(name) <= 255;
}

/** Lists of earlier versions have no names: the first file shows it. */
function stemOf(file: string | undefined): string | undefined {
  return /^(.+?)(-sheet\.png|\.[a-z]+)$/u.exec(file ?? '')?.[1];
}

function lineOf({ file, more, name, outputs, reserved }: OutputEntry): object {
  return { file, name, ...more, outputs, ...(reserved.length > 0 && { reserved }) };
}
