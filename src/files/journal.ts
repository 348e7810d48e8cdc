import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeFolder } from './make-folder.ts';
import { withoutMark } from './read-file.ts';
import { flushFolder, isNoFile, noFile, OutputError, reasonFor, replaceFile } from './write-file.ts';

/** What a journal held when it was opened. */
export interface JournalContent {
  /** The sound records, oldest first. */
  readonly records: unknown[];
  /** Records whose checksum is wrong or whose line is gone; what they said is lost. */
  readonly damaged: number;
  /** Whether lines lay in another order than that in which they were written, or twice; the records are in theirs. */
  readonly disordered: boolean;
}

/**
 * Records in a file that is only ever added to: a line each, eight hexadecimal digits of the record's SHA-256, a space,
 * and the record as JSON with its number `n`, from 1 on. Lines without one, as an earlier Attend wrote them, count on from the one before.
 * What is missing at the end cannot be told from what was never written. `append` keeps its promise when the records are on the disk itself (fdatasync); those that come
 * while a write is under way go with the next one. A crash can tear the last line, which nobody was promised; it is cut
 * off. A line that does not match its checksum is left out and counted, and the others count on.
 *
 * Nothing is written before the first `append`, so that a journal can be read on a full disk.
 */
export class Journal {
  readonly #file: string;
  readonly #mode: number;
  #handle: FileHandle | undefined;
  /** Where the next record goes: behind the last sound line. */
  #end: number;
  /** Lines in the file. */
  #lines: number;
  /** The number of the last record. */
  #last: number;
  /** What goes in front of the next record: the last one, where only its line end is missing. */
  #unended: string;
  /** Whether there is something damaged in the file of which no copy could be made yet. */
  #uncopied: boolean;
  #waiting: { records: readonly object[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, mode: number, { end, last, lines, unended }: Parsed, uncopied: boolean) {
    this.#file = file;
    this.#mode = mode;
    this.#end = end;
    this.#lines = lines;
    this.#last = last;
    this.#unended = unended;
    this.#uncopied = uncopied;
  }

  /**
   * Opens the journal of a file; an empty one where there is none. Of a damaged file a copy is made first, byte for byte,
   * as `FILE.damaged-TIME`.
   * @param mode of the file, where it is made
   */
  static async open(file: string, mode = 0o600): Promise<{ journal: Journal; content: JournalContent }> {
    const parsed = parse(await readOrNothing(file));
    const { damaged, disordered, records } = parsed;
    const uncopied = (damaged > 0 || disordered) && !(await copyAside(file));
    return { journal: new Journal(file, mode, parsed, uncopied), content: { records, damaged, disordered } };
  }

  /** Lines in the file, those that later ones have made void among them. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Adds records; they are on the disk when the promise is kept, all or none of them.
   * @throws OutputError where they cannot be written
   */
  append(records: readonly object[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      if (this.#waiting.length === 1) this.#writing = this.#writing.then(() => this.#writeWaiting());
    });
  }

  /**
   * Replaces the file by one with these records alone. The file as it was stays beside it as `FILE.previous`.
   * @throws OutputError; the old file then still counts
   */
  rewrite(records: () => readonly object[]): Promise<void> {
    const rewriting = this.#writing.then(() => this.#rewrite(records()));
    this.#writing = rewriting.catch(() => undefined);
    return rewriting;
  }

  /** Waits for what is being written, and lets the file go. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting.splice(0);
    const lines = batch.flatMap(({ records }) => records).map((record, i) => toLine(record, this.#last + 1 + i));
    const bytes = Buffer.from(this.#unended + lines.join(''));
    try {
      const handle = await this.#open();
      try {
        await writeAll(handle, bytes, this.#end);
        await handle.datasync();
      } catch (error) {
        // What was refused must not come back after a restart.
        await handle.truncate(this.#end).catch(() => undefined);
        throw error;
      }
      this.#end += bytes.length;
      this.#unended = '';
      this.#lines += lines.length;
      this.#last += lines.length;
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const failure =
        error instanceof OutputError ? error : new OutputError(this.#file, reasonFor(error), { cause: error });
      for (const { reject } of batch) reject(failure);
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    await makeFolder(dirname(this.#file), 0o700);
    const { O_CREAT, O_WRONLY } = constants;
    const handle = await open(this.#file, O_CREAT | O_WRONLY, this.#mode);
    // What a crash has torn.
    await handle.truncate(this.#end);
    await flushFolder(dirname(this.#file));
    this.#handle = handle;
    return handle;
  }

  async #rewrite(records: readonly object[]): Promise<void> {
    if (this.#uncopied) {
      if (!(await copyAside(this.#file))) throw new OutputError(this.#file, 'no copy of the damaged file can be made.');
      this.#uncopied = false;
    }
    const bytes = Buffer.from(records.map((record, i) => toLine(record, i + 1)).join(''));
    await replaceFile(this.#file, async (beside) => {
      const handle = await open(beside, 'w', this.#mode);
      try {
        await writeAll(handle, bytes, 0);
      } finally {
        await handle.close();
      }
      await keepPrevious(this.#file, `${this.#file}.previous`);
      // Windows renames over no open file.
      await this.#handle?.close();
      this.#handle = undefined;
    });
    this.#end = bytes.length;
    this.#unended = '';
    this.#lines = records.length;
    this.#last = records.length;
  }
}

/** The sound records of a journal's file, without opening it for writing; nothing where there is none. */
export async function readJournal(file: string): Promise<JournalContent> {
  const { damaged, disordered, records } = parse(await readOrNothing(file));
  return { records, damaged, disordered };
}

function toLine(record: object, number: number): string {
  const json = JSON.stringify({ ...record, n: number });
  return `${checksum(json)} ${json}\n`;
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 8);
}

const NEWLINE = 0x0a;

interface Parsed extends JournalContent {
  /** Behind the last line that ended. */
  readonly end: number;
  readonly lines: number;
  /** The highest number. */
  readonly last: number;
  /** A sound last line without its end. */
  readonly unended: string;
}

/** A sound line. */
interface Line {
  readonly number: number;
  readonly record: object;
}

function parse(bytes: Buffer): Parsed {
  const found: Line[] = [];
  let unreadable = 0;
  /** Behind the last sound line. */
  let unreadableAtEnd = 0;
  let lines = 0;
  let number = 0;
  const add = (text: string): boolean => {
    const line = parseLine(text, number + 1);
    if (line) found.push(line);
    if (line) number = line.number;
    return line !== undefined;
  };
  let start = 0;
  for (let newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, start)) {
    // Some editors put a byte order mark in front.
    const text = withoutMark(bytes.toString('utf8', start, newline)).replace(/\r$/, '');
    if (add(text)) unreadableAtEnd = 0;
    else if (text !== '') {
      unreadable++;
      unreadableAtEnd++;
      number++;
    }
    lines++;
    start = newline + 1;
  }
  // A line that did not end was torn by a crash, and nobody was promised it; unless all of it but the end is there.
  const rest = withoutMark(bytes.toString('utf8', start));
  const last = [rest, rest.slice(0, -1)].find(add);
  // All that is left of a file whose blocks never reached the disk; a torn line has letters.
  if (found.length === 0 && rest.startsWith('\0')) unreadable++;
  const { disordered, inOrder, missing } = ordered(found);
  return {
    records: inOrder.map(({ record }) => record),
    // A bit that makes one line of two, or two of one, is no more than it costs.
    damaged: Math.max(unreadable, missing + unreadableAtEnd),
    disordered,
    end: start,
    lines,
    last: Math.max(number, inOrder.at(-1)?.number ?? 0),
    unended: last === undefined ? '' : `${last}\n`,
  };
}

/** Lines by their numbers, each once. */
function ordered(lines: readonly Line[]): { inOrder: readonly Line[]; disordered: boolean; missing: number } {
  const disordered = lines.some(({ number }, i) => number <= (lines[i - 1]?.number ?? 0));
  const sorted = disordered ? [...lines].sort((a, b) => a.number - b.number) : lines;
  const isAgain = ({ number, record }: Line, i: number): boolean =>
    sorted[i - 1]?.number === number && isDeepStrictEqual(sorted[i - 1]?.record, record);
  const inOrder = disordered ? sorted.filter((line, i) => !isAgain(line, i)) : sorted;
  const missing = inOrder.reduce(
    (sum, { number }, i) => sum + Math.max(0, number - (inOrder[i - 1]?.number ?? 0) - 1),
    0,
  );
  return { inOrder, disordered, missing };
}

/** @param next the number of a record that says none */
function parseLine(line: string, next: number): Line | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || checksum(json) !== line.slice(0, 8)) return undefined;
  try {
    const { n: number = next, ...record } = JSON.parse(json) as { n?: number };
    return { number, record };
  } catch {
    return undefined;
  }
}

async function readOrNothing(file: string): Promise<Buffer> {
  try {
    // A pipe would keep its reader waiting for ever.
    if (isNoFile(await stat(file))) throw noFile(file);
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Where a damaged file is kept: "FILE.damaged-TIME". */
export function asideOf(file: string): string {
  return `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
}

/** @returns whether there is a copy now */
export async function copyAside(file: string, aside = asideOf(file)): Promise<boolean> {
  if (await stat(file).then(isNoFile, () => false)) return false;
  return copyFile(file, aside, constants.COPYFILE_EXCL).then(
    () => true,
    () => false,
  );
}

async function keepPrevious(file: string, previous: string): Promise<void> {
  await rm(previous, { force: true });
  try {
    await link(file, previous);
  } catch (error) {
    // Nothing to keep, or a disk without hard links.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') await copyFile(file, previous);
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset, position + offset);
    offset += bytesWritten;
  }
}
