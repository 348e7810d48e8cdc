import { createHash } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asideOf } from '../../files/journal.ts';
import { readWhole } from '../../files/read-whole.ts';
import type { Damage } from '../../contract/data/app.ts';
import type { Entry } from './entry.ts';

/** Names of photos in a sentence. */
const MOST_NAMED = 5;

/** SHA-256 of what was sent, in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Looks whether the files of a library's `uploads/` are those that were sent, each once: when it is used for the first
 * time. Files that lie in the places of others (somebody has put them back from a copy, or renamed them) are put into
 * their own, by what they hold; what is in their way is kept aside.
 */
export class SentFiles {
  readonly #folder: string;
  readonly #entries: () => Entry[];
  readonly #onDamage: (damage: Damage) => void;
  /** Photos whose files are as they were sent. */
  readonly #sound = new Set<string>();
  /** Photos whose files are not, of which somebody was told. */
  readonly #told = new Set<string>();
  #mending: Promise<void> = Promise.resolve();

  /** @param entries of the library, as they are then */
  constructor(folder: string, entries: () => Entry[], onDamage: (damage: Damage) => void) {
    this.#folder = folder;
    this.#entries = entries;
    this.#onDamage = onDamage;
  }

  /** What was just written needs no look. */
  trust(id: string): void {
    this.#sound.add(id);
  }

  /** @returns whether the photo's file is, by now, what was sent; of photos that were not sent nothing is known */
  async isSound({ digest, id, upload }: Entry): Promise<boolean> {
    if (upload === null || digest === undefined || this.#sound.has(id)) return true;
    if ((await this.#digestIn(upload)) === digest) this.#sound.add(id);
    else if (!this.#told.has(id)) {
      this.#mending = this.#mending.then(() => this.#mend()).catch(() => undefined);
      await this.#mending;
    }
    return this.#sound.has(id);
  }

  async #mend(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const digests = new Map<string, string | undefined>();
    for (const name of names) digests.set(name, await this.#digestIn(name));
    const places = new Map<string, Entry>();
    for (const entry of this.#entries()) if (entry.upload !== null && entry.digest) places.set(entry.upload, entry);
    const isInPlace = (name: string): boolean => digests.get(name) === places.get(name)?.digest;
    const strays = names.filter((name) => !isInPlace(name));
    const moves: { entry: Entry; from: string; to: string }[] = [];
    const changed: Entry[] = [];
    for (const [to, entry] of places) {
      if (isInPlace(to)) continue;
      const at = strays.findIndex((name) => digests.get(name) === entry.digest);
      if (at >= 0) moves.push({ entry, from: strays.splice(at, 1)[0]!, to });
      else changed.push(entry);
    }
    // All out of the way first. After a crash in between they are found by what they hold, whatever they are called.
    for (const { from } of moves) await rename(join(this.#folder, from), join(this.#folder, `${from}.moving`));
    for (const { entry, from, to } of moves) {
      const place = join(this.#folder, to);
      // Nothing, mostly.
      await rename(place, asideOf(place)).catch(() => undefined);
      await rename(join(this.#folder, `${from}.moving`), place);
      this.#sound.add(entry.id);
    }
    this.#tell(
      'moved',
      moves.map(({ entry }) => entry),
    );
    this.#tell('changed', changed);
  }

  #tell(how: 'moved' | 'changed', all: readonly Entry[]): void {
    const entries = all.filter(({ id }) => !this.#told.has(id));
    for (const { id } of entries) this.#told.add(id);
    if (entries.length === 0) return;
    const photos = entries.slice(0, MOST_NAMED).map(({ name }) => name);
    this.#onDamage({ kind: 'sent', how, photos, more: entries.length - photos.length });
  }

  /** Nothing where the file is not there or cannot be read. */
  async #digestIn(name: string): Promise<string | undefined> {
    return readWhole(join(this.#folder, name)).then(digestOf, () => undefined);
  }
}
