import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Damage, LibraryDamage } from '../../contract/data/app.ts';
import { AttendError } from '../../contract/attend-error.ts';
import { CaptionResult } from '../../contract/data/captions.ts';
import { asideOf, type Journal } from '../../files/journal.ts';
import { withoutMark } from '../../files/read-file.ts';
import { readWhole } from '../../files/read-whole.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { surenessOf } from './confidence.ts';
import { newId, reviewOf, type Entry } from './entry.ts';
import { libraryRecords, openLibraryFile } from './library-file.ts';
import { SentFiles } from './sent-files.ts';

/** What may change in a photo. */
export type EntryChange = Partial<Omit<Entry, 'id' | 'addedAt'>>;

const SAVE_DELAY = 1000;
const TELL_DELAY = 50;
/** A journal is written anew when it has so many lines more than twice the photos. */
const SPARE_LINES = 1000;

/**
 * The photos of a session, in the order added, with their captions. Kept in a journal (`library.jsonl`, see `library-file`),
 * with each photo's maps in a file of its own, which are read when somebody looks. What a person did (added, removed,
 * wrote, chose) is on disk when its promise is kept, and undone where the disk refuses it; how far the captions are
 * follows within a second.
 */
export class Library {
  readonly folder: string;
  /** What was lost of it when it was opened; null where nothing was. */
  readonly damage: LibraryDamage | null;
  readonly #journal: Journal;
  readonly #entries = new Map<string, Entry>();
  readonly #byPath = new Map<string, string>();
  readonly #onChange: (changed: Entry[], removed: string[]) => void;
  readonly #onDamage: (damage: Damage) => void;
  readonly #sent: SentFiles;
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  /** Photos whose last state is not in the journal yet. */
  readonly #unsaved = new Set<string>();
  #telling: NodeJS.Timeout | undefined;
  #saving: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  /** When the last photo was added, in milliseconds: no two share one, so that this is the order of photos. */
  #lastAdded = 0;

  private constructor(
    folder: string,
    journal: Journal,
    damage: LibraryDamage | null,
    onChange: (changed: Entry[], removed: string[]) => void,
    onDamage: (damage: Damage) => void,
  ) {
    this.folder = folder;
    this.damage = damage;
    this.#journal = journal;
    this.#onChange = onChange;
    this.#onDamage = onDamage;
    this.#sent = new SentFiles(join(folder, 'uploads'), () => this.list(), onDamage);
  }

  /**
   * Opens the library of a folder; a new one where there is none.
   * @param onChange told of photos that were added, changed or removed, many at a time
   * @param onDamage told of results, and of what was sent, that turn out to be damaged
   * @throws AttendError where it was written by a newer Attend or cannot be read
   */
  static async open(
    folder: string,
    onChange: (changed: Entry[], removed: string[]) => void = () => undefined,
    onDamage: (damage: Damage) => void = () => undefined,
  ): Promise<Library> {
    const { damage, entries, isDamaged, journal, unsaved } = await openLibraryFile(folder);
    const library = new Library(folder, journal, damage, onChange, onDamage);
    for (const entry of entries) library.#put(entry);
    for (const id of unsaved) library.#unsaved.add(id);
    // Photos that were removed and came back are the last in the journal.
    library.#sort();
    // So that it is told once. Where the disk is full it is told again.
    if (isDamaged) await journal.rewrite(() => libraryRecords(library.list())).catch(() => undefined);
    return library;
  }

  get size(): number {
    return this.#entries.size;
  }

  list(): Entry[] {
    return [...this.#entries.values()];
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** @throws AttendError `not-found` */
  get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new AttendError('not-found', 'This photo is not in the library any more.');
    return entry;
  }

  /** The photo of a path, where it is in the library. */
  withPath(path: string): Entry | undefined {
    const id = this.#byPath.get(path);
    return id === undefined ? undefined : this.#entries.get(id);
  }

  /** What was sent before with the same name and the same bytes, and could be read. */
  withUpload(name: string, digest: string): Entry | undefined {
    return this.list().find((entry) => entry.digest === digest && entry.name === name && entry.upload !== null);
  }

  add(photo: Omit<Entry, 'id' | 'state' | 'caption' | 'edited' | 'addedAt'> & { id?: string }): Entry {
    const entry: Entry = {
      ...photo,
      id: photo.id ?? newId(),
      state: 'none',
      caption: null,
      edited: null,
      addedAt: new Date(Math.max(Date.now(), this.#lastAdded + 1)).toISOString(),
    };
    this.#put(entry);
    this.#note(entry.id);
    // It was written a moment ago.
    if (entry.upload !== null) this.#sent.trust(entry.id);
    return entry;
  }

  /** Takes photos of another library over; of one that is here already, what was written by hand there and not here. */
  takeOver(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const known = this.#entries.get(entry.id) ?? (entry.path === null ? undefined : this.withPath(entry.path));
      if (!known) this.#replace(entry);
      else if (known.edited === null && entry.edited !== null) {
        this.change(known.id, { edited: entry.edited, review: reviewOf(entry) });
      }
    }
  }

  change(id: string, change: EntryChange): Entry {
    return this.#replace({ ...this.get(id), ...change });
  }

  /** A change that counts once it is on disk, and is taken back where it cannot be. */
  async keep(id: string, change: EntryChange): Promise<Entry> {
    await this.keepAll(new Map([[id, change]]));
    return this.get(id);
  }

  /** Changes of many photos that are on disk together when the promise is kept, or taken back together. */
  async keepAll(changes: ReadonlyMap<string, EntryChange>): Promise<void> {
    const before = new Map([...changes.keys()].map((id) => [id, this.get(id)]));
    const kept = new Map([...changes].map(([id, change]) => [id, this.change(id, change)]));
    try {
      await this.committed();
    } catch (error) {
      for (const [id, change] of changes) {
        const now = this.#entries.get(id);
        // What somebody else changed meanwhile stays.
        const fields = (Object.keys(change) as (keyof EntryChange)[]).filter(
          (field) => now?.[field] === kept.get(id)?.[field],
        );
        const back = fields.map((field) => [field, before.get(id)?.[field]]);
        if (now) this.change(id, Object.fromEntries(back) as EntryChange);
      }
      throw error;
    }
  }

  /**
   * Removes photos. What was kept of them lies in `removed/` until `letGo`, so that they can come back; users' own files
   * stay.
   * @returns those that were there
   */
  async remove(ids: readonly string[]): Promise<Entry[]> {
    const gone = [...new Set(ids)].flatMap((id) => this.#entries.get(id) ?? []);
    if (gone.length === 0) return [];
    for (const entry of gone) this.#take(entry);
    try {
      await this.#flushing.catch(() => undefined);
      await this.#journal.append([{ gone: gone.map(({ id }) => id) }]);
    } catch (error) {
      for (const entry of gone) {
        this.#removed.delete(entry.id);
        if (!this.#entries.has(entry.id)) this.#replace(entry);
      }
      this.#sort();
      throw error;
    }
    for (const entry of gone) for (const [file, aside] of this.#filesOf(entry)) await moveFile(file, aside);
    return gone;
  }

  /**
   * Puts photos back that were removed, in their places. One that was added again meanwhile, by the same path or the same
   * bytes, makes room for it. They are on disk when the promise is kept, and as they were where they cannot be.
   * @param entries as `remove` gave them
   */
  async restore(entries: readonly Entry[]): Promise<void> {
    const wanted = entries.filter(({ id }) => !this.#entries.has(id));
    const others = wanted.flatMap((entry) => this.#likeOf(entry) ?? []);
    for (const entry of wanted) for (const [file, aside] of this.#filesOf(entry)) await moveFile(aside, file);
    for (const other of others) this.#take(other);
    for (const entry of wanted) {
      this.#removed.delete(entry.id);
      // What it waited for when it was removed nobody does any more.
      const isDone = entry.state !== 'waiting' && entry.state !== 'running';
      this.#replace(isDone ? entry : { ...entry, state: entry.caption === null ? 'none' : 'done' });
      // It goes into the journal below, together with the others.
      this.#unsaved.delete(entry.id);
    }
    this.#sort();
    try {
      await this.#flushing.catch(() => undefined);
      const gone = others.length > 0 ? [{ gone: others.map(({ id }) => id) }] : [];
      const photos = wanted.map(({ id }) => ({ photo: this.#entries.get(id) }));
      const header = this.#journal.lines === 0 ? libraryRecords([]) : [];
      await this.#journal.append([...header, ...gone, ...photos]);
    } catch (error) {
      for (const { id } of wanted) {
        const entry = this.#entries.get(id);
        if (entry) this.#take(entry);
      }
      for (const other of others) this.#replace(other);
      this.#sort();
      for (const entry of wanted) for (const [file, aside] of this.#filesOf(entry)) await moveFile(file, aside);
      throw error;
    }
    for (const other of others) for (const [file] of this.#filesOf(other)) await rm(file, { force: true });
  }

  /** Deletes what was kept of photos that were removed: they cannot come back. */
  async letGo(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) for (const [, aside] of this.#filesOf(entry)) await rm(aside, { force: true });
  }

  /** Deletes what was kept of all photos that were removed. */
  async letAllGo(): Promise<void> {
    await rm(join(this.folder, 'removed'), { recursive: true, force: true }).catch(() => undefined);
  }

  /** Takes back a photo that was never kept. */
  async forget(id: string): Promise<void> {
    const entry = this.get(id);
    const { upload } = entry;
    this.#take(entry);
    if (upload !== null) await rm(this.uploadFile(upload), { force: true });
  }

  /** The last result with all maps; null where there is none, or its file is damaged: it can be found again. */
  async result(id: string): Promise<CaptionResult | null> {
    // A file may be left of another content of the photo.
    const { caption, keywords, name } = this.get(id);
    if (caption === null) return null;
    try {
      const kept = JSON.parse(withoutMark(String(await readWhole(this.#resultFile(id))))) as unknown;
      const found = CaptionResult.parse(kept);
      if (found.photoId !== id) throw new Error('It is the result of another photo.');
      const result = { ...found, ...(found.keywords && keywords && { keywords }) };
      // Somebody chose another caption (or a crash came between the two files): what the list says is what was promised.
      const first = result.captions.findIndex((one) => one.caption === caption);
      if (first <= 0) return result;
      const [chosen, ...others] = [result.captions[first]!, ...result.captions.filter((_, index) => index !== first)];
      return { ...result, captions: [chosen, ...others] };
    } catch (error) {
      if (!('code' in (error as object))) await this.#putDamagedAside(id, name);
      return null;
    }
  }

  async #putDamagedAside(id: string, photo: string): Promise<void> {
    const file = this.#resultFile(id);
    const kept = asideOf(file);
    // Where it cannot be, it stays where it is, and is told of the next time.
    await rename(file, kept).then(
      () => this.#onDamage({ kind: 'result', photo, kept }),
      () => undefined,
    );
  }

  /** Keeps a result; it is on disk when the promise is kept. A caption written by hand stays what is shown. */
  async setResult(id: string, result: CaptionResult): Promise<Entry> {
    // With whose it is: a library that has lost its list is put together from these.
    await writeFileAtomically(this.#resultFile(id), JSON.stringify({ ...result, photo: this.get(id) }));
    // The photo may have been removed meanwhile.
    if (!this.#entries.has(id)) {
      await rm(this.#resultFile(id), { force: true });
      this.get(id);
    }
    const [first] = result.captions;
    const before = this.get(id);
    // What a person said of another caption of the model does not count for this one.
    const isLookedAt = before.edited !== null || before.caption === first?.caption;
    return this.keep(id, {
      state: 'done',
      caption: first?.caption ?? null,
      ...surenessOf(first),
      keywords: result.keywords ?? [],
      review: isLookedAt ? reviewOf(before) : 'new',
      error: null,
    });
  }

  /** Where the bytes of what was sent lie. */
  uploadFile(upload: string): string {
    return join(this.folder, 'uploads', upload);
  }

  /**
   * Looks whether what was sent of a photo is in its place, before it is used, and puts it there where it lies in another.
   * @returns whether it is
   */
  hasSent(id: string): Promise<boolean> {
    return this.#sent.isSound(this.get(id));
  }

  /** Where a photo's file lies. */
  fileOf({ path, upload }: Entry): string {
    return path ?? this.uploadFile(upload ?? '');
  }

  /**
   * Waits until all that is in the library now is on disk.
   * @throws OutputError; what is not on disk is tried again with the next change
   */
  committed(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const flush = this.#flushing.catch(() => undefined).then(() => this.#flush());
    this.#flushing = flush;
    flush.catch(() => undefined);
    return flush;
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    clearTimeout(this.#telling);
    try {
      await this.committed();
    } finally {
      await this.#journal.close();
    }
  }

  #resultFile(id: string): string {
    return join(this.folder, 'results', `${id}.json`);
  }

  /** A photo's files of ours, each with its place in `removed/`. */
  #filesOf({ id, upload }: Entry): [file: string, aside: string][] {
    const removed = join(this.folder, 'removed');
    const result: [string, string] = [this.#resultFile(id), join(removed, `${id}.json`)];
    // An upload may be named like a result: its part of the name keeps them apart.
    return upload === null ? [result] : [result, [this.uploadFile(upload), join(removed, `upload-${upload}`)]];
  }

  /** Another photo of the same path, or sent with the same name and bytes. */
  #likeOf({ digest, id, name, path }: Entry): Entry | undefined {
    const like = path !== null ? this.withPath(path) : digest === undefined ? undefined : this.withUpload(name, digest);
    return like?.id === id ? undefined : like;
  }

  async #flush(): Promise<void> {
    const ids = [...this.#unsaved].filter((id) => this.#entries.has(id));
    this.#unsaved.clear();
    try {
      const header = ids.length > 0 && this.#journal.lines === 0 ? libraryRecords([]) : [];
      await this.#journal.append([...header, ...ids.map((id) => ({ photo: this.#entries.get(id) }))]);
    } catch (error) {
      for (const id of ids) this.#unsaved.add(id);
      throw error;
    }
    if (this.#journal.lines > 2 * this.#entries.size + SPARE_LINES) {
      // A journal that is too long is no harm; the next write tries again.
      await this.#journal.rewrite(() => libraryRecords(this.list())).catch(() => undefined);
    }
  }

  #replace(entry: Entry): Entry {
    this.#put(entry);
    this.#note(entry.id);
    return entry;
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (entry.path !== null) this.#byPath.set(entry.path, entry.id);
    const added = Date.parse(entry.addedAt);
    if (added > this.#lastAdded) this.#lastAdded = added;
  }

  #take({ id, path }: Entry): void {
    this.#entries.delete(id);
    if (path !== null && this.#byPath.get(path) === id) this.#byPath.delete(path);
    this.#unsaved.delete(id);
    this.#changed.delete(id);
    this.#removed.add(id);
    this.#tellSoon();
  }

  /** Brings the photos into the order added. */
  #sort(): void {
    const entries = this.list().sort((a, b) => (a.addedAt < b.addedAt ? -1 : a.addedAt > b.addedAt ? 1 : 0));
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  #note(id: string): void {
    this.#changed.add(id);
    this.#unsaved.add(id);
    this.#tellSoon();
    this.#saving ??= setTimeout(() => {
      // A full disk is told where somebody waits for a write; here the next change tries again.
      this.committed().catch(() => undefined);
    }, SAVE_DELAY).unref();
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      const changed = [...this.#changed].flatMap((id) => this.#entries.get(id) ?? []);
      const removed = [...this.#removed];
      this.#changed.clear();
      this.#removed.clear();
      this.#onChange(changed, removed);
    }, TELL_DELAY).unref();
  }
}

/** Moves a file, where it is there and can be. */
async function moveFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 }).catch(() => undefined);
  await rename(from, to).catch(() => undefined);
}
