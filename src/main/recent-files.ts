import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../files/write-file.ts';

const MOST = 10;
const Kept = z.array(z.string()).max(100);

/** The photos and folders that were opened last, kept in a file. */
export class RecentFiles {
  readonly #file: string;
  #paths: readonly string[];

  private constructor(file: string, paths: readonly string[]) {
    this.#file = file;
    this.#paths = paths;
  }

  static async open(file: string): Promise<RecentFiles> {
    try {
      return new RecentFiles(file, Kept.parse(JSON.parse(await readFile(file, 'utf8'))).slice(0, MOST));
    } catch {
      return new RecentFiles(file, []);
    }
  }

  /** The latest first. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  async add(paths: readonly string[]): Promise<void> {
    // A folder of a thousand photos was opened once: its last ones stand for it.
    const latest = [...paths].reverse().slice(0, MOST);
    await this.#keep([...new Set([...latest, ...this.#paths])].slice(0, MOST));
  }

  async clear(): Promise<void> {
    await this.#keep([]);
  }

  async #keep(paths: readonly string[]): Promise<void> {
    this.#paths = paths;
    // A list of conveniences is no reason to bother anybody.
    await writeFileAtomically(this.#file, JSON.stringify(paths)).catch(() => undefined);
  }
}
