import { existsSync } from 'node:fs';
import { access, constants, open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readJsonLines } from '../files/json-lines.ts';
import { makeFolder } from '../files/make-folder.ts';
import { OutputError, reasonFor, writeFileAtomically } from '../files/write-file.ts';
import { isNamedAfter, OutputNames } from './output-names.ts';

const LIST = 'attend.jsonl';

/** What a folder's list says of a photo: a line, or several, of which what comes later counts. */
export interface OutputEntry {
  /** The photo, by absolute path. */
  file: string;
  /** What its files' names begin with. */
  name: string;
  /** Its files in the folder. */
  outputs: string[];
  /** Whatever else was said of it; nothing where one of its files is missing. */
  more: Record<string, unknown>;
}

/**
 * A folder with files made from photos, and the list (`attend.jsonl`) that says whose they are. The name of a photo's
 * files is in the list before the first of them is written, and stays its own in later runs: photos of one name in
 * different folders never take each other's place.
 */
export class OutputFolder {
  readonly directory: string;
  readonly names: OutputNames;
  /** Of earlier runs, as far as a file of theirs is there. */
  readonly before: readonly OutputEntry[];
  readonly #list: string;
  readonly #reserved: Set<string>;
  #handle: FileHandle | undefined;

  private constructor(directory: string, names: OutputNames, before: readonly OutputEntry[]) {
    this.directory = directory;
    this.names = names;
    this.before = before;
    this.#list = join(directory, LIST);
    this.#reserved = new Set(before.map(({ file }) => resolve(file)));
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
    const list = join(directory, LIST);
    try {
      await makeFolder(directory);
      await access(directory, constants.W_OK);
    } catch (error) {
      throw new OutputError(directory, reasonFor(error), { cause: error });
    }
    const lines = await readJsonLines(list).catch((error: unknown) => {
      throw new OutputError(directory, (error as Error).message, { cause: error });
    });
    const listed = entriesOf(lines, directory);
    const before = listed.map((entry) => (forget(entry) ? { ...entry, more: {} } : entry));
    const owned = new Set(before.flatMap(({ outputs }) => outputs));
    const begun = before.filter(({ outputs }) => outputs.length === 0);
    const strangers = keepStrangers
      ? (await readdir(directory)).filter(
          (file) => !owned.has(file) && !begun.some(({ name }) => isNamedAfter(file, name)),
        )
      : [];
    const names = new OutputNames(directory, photos, [...owned, ...strangers]);
    for (const { file, name } of before) names.keep(file, name);
    if (lines.length > 0) await writeFileAtomically(list, before.map(lineOf).join(''));
    return new OutputFolder(directory, names, before);
  }

  /**
   * Whose the files of this name will be, before there are any: also when the run ends in between.
   * @returns what the names of the photo's files begin with
   */
  async reserve(photo: string, withEnding = false): Promise<string> {
    const name = this.names.stem(photo, withEnding);
    const file = resolve(photo);
    if (!this.#reserved.has(file)) {
      this.#reserved.add(file);
      await this.#append({ file, name });
    }
    return name;
  }

  /** Adds what was made of a photo to the list. @param outputs names in the folder, or paths */
  async add(photo: string, outputs: readonly string[], more: Record<string, unknown> = {}): Promise<void> {
    const name = await this.reserve(photo);
    await this.#append({ file: resolve(photo), name, ...more, outputs: outputs.map((path) => basename(path)) });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #append(line: object): Promise<void> {
    try {
      this.#handle ??= await open(this.#list, 'a');
      await this.#handle.appendFile(`${JSON.stringify(line)}\n`);
      await this.#handle.datasync();
    } catch (error) {
      throw new OutputError(this.#list, reasonFor(error), { cause: error });
    }
  }
}

/** What the lines say, one entry for each photo. */
function entriesOf(lines: readonly Record<string, unknown>[], directory: string): OutputEntry[] {
  const entries = new Map<string, OutputEntry>();
  for (const { file, name, outputs, ...more } of lines) {
    if (typeof file !== 'string') continue;
    const made = Array.isArray(outputs) ? outputs.filter((one): one is string => typeof one === 'string') : [];
    const key = resolve(file);
    const known = entries.get(key);
    const stem = typeof name === 'string' ? name : (known?.name ?? stemOf(made[0]));
    if (stem === undefined) continue;
    entries.set(key, {
      file: key,
      name: stem,
      outputs: [...new Set([...(known?.outputs ?? []), ...made])],
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

/** Lists of earlier versions have no names: the first file shows it. */
function stemOf(file: string | undefined): string | undefined {
  return /^(.+?)(-sheet\.png|\.[a-z]+)$/u.exec(file ?? '')?.[1];
}

function lineOf({ file, more, name, outputs }: OutputEntry): string {
  return `${JSON.stringify({ file, name, ...more, outputs })}\n`;
}
