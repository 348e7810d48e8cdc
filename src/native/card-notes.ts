import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardName } from '../contract/constants/devices.ts';
import { isAlive } from '../files/abandoned-parts.ts';
import { makeFolder } from '../files/make-folder.ts';
import { writeFileAtomically } from '../files/write-file.ts';

/** What a note holds: the process that tries a card, or why the card was refused. */
type Note = { readonly pid: number } | { readonly refused: string };

/**
 * What happened when graphics cards were tried, in the cache. A driver can take the whole process with it: then a note
 * says that somebody tried, and the card is left alone, so that Attend starts. And a card that took long to be refused is
 * not tried again at every start.
 */
export class CardNotes {
  readonly #folder: string;
  readonly #maker: string;

  /** @param maker what a card was tried with: versions of ONNX Runtime and the model */
  constructor(folder: string, maker: string) {
    this.#folder = folder;
    this.#maker = createHash('sha256').update(maker).digest('hex').slice(0, 16);
  }

  /** Why a card is not to be tried; nothing where it may be. */
  problem(card: CardName): string | undefined {
    const note = this.#read(card);
    if (!note) return undefined;
    if ('refused' in note) return note.refused;
    return isAlive(note.pid) ? undefined : 'Attend ended while it tried it';
  }

  /** Notes that a card is being tried. @returns to be called when that is over @param refused why, if that is to stay */
  async begin(card: CardName): Promise<(refused?: string) => Promise<void>> {
    const file = this.#file(card);
    // An orderly end takes the note with it.
    const remove = (): void => rmSync(file, { force: true });
    process.once('exit', remove);
    await this.#write(card, { pid: process.pid });
    return async (refused) => {
      process.off('exit', remove);
      if (refused === undefined) await rm(file, { force: true }).catch(() => undefined);
      else await this.#write(card, { refused });
    };
  }

  #file(card: CardName): string {
    return join(this.#folder, `${card}-${this.#maker}.json`);
  }

  #read(card: CardName): Note | undefined {
    try {
      const note = JSON.parse(readFileSync(this.#file(card), 'utf8')) as Partial<Record<'pid' | 'refused', unknown>>;
      if (typeof note.pid === 'number') return { pid: note.pid };
      return typeof note.refused === 'string' ? { refused: note.refused } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Where nothing can be kept, cards are tried at every start. */
  async #write(card: CardName, note: Note): Promise<void> {
    try {
      await makeFolder(this.#folder);
      await writeFileAtomically(this.#file(card), JSON.stringify(note));
    } catch {
      // It is a help and no need.
    }
  }
}
