import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AttendError } from '../../contract/attend-error.ts';
import { CaptionResult, Keywords } from '../../contract/data/captions.ts';
import { Failure } from '../../contract/data/failure.ts';
import { CaptionState, type Photo } from '../../contract/data/photos.ts';
import { writeFileAtomically } from '../../files/write-file.ts';

/** A photo as it is kept. */
const Entry = z.object({
  id: z.string(),
  name: z.string(),
  /** Where the user's file lies; null for what was sent. */
  path: z.string().nullable(),
  /** The file in `uploads/`, for what was sent. */
  upload: z.string().nullable(),
  /** SHA-256 of what was sent, in hexadecimal. */
  digest: z.string().optional(),
  /** Time of change of the file when it was read, in milliseconds; tells pictures of an old content from the new. */
  changed: z.number(),
  width: z.number(),
  height: z.number(),
  state: CaptionState,
  /** The model's caption. */
  caption: z.string().nullable(),
  /** Written by hand. */
  edited: z.string().nullable(),
  /** Those of the result; and those chosen by hand, which then count. */
  keywords: Keywords.optional(),
  editedKeywords: Keywords.optional(),
  error: Failure.nullable(),
  addedAt: z.string(),
});
export type Entry = z.infer<typeof Entry>;

const LibraryFile = z.object({ version: z.literal(1), photos: z.array(z.unknown()) });

/** What may change in a photo. */
export type EntryChange = Partial<Omit<Entry, 'id' | 'addedAt'>>;

const SAVE_DELAY = 1000;
const TELL_DELAY = 50;

/**
 * The photos of a session, in the order added, with their captions. Kept in `library.json`, with each photo's maps
 * in a file of its own, which are read when somebody looks. Files are written beside and renamed, so a crash leaves
 * the old or the new and nothing between; what is written by hand is on disk before the answer.
 */
export class Library {
  readonly folder: string;
  readonly #entries = new Map<string, Entry>();
  readonly #byPath = new Map<string, string>();
  readonly #onChange: (changed: Entry[], removed: string[]) => void;
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  #telling: NodeJS.Timeout | undefined;
  #saving: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, onChange: (changed: Entry[], removed: string[]) => void) {
    this.folder = folder;
    this.#onChange = onChange;
  }

  /**
   * Opens the library of a folder; a new one where there is none.
   * @param onChange told of photos that were added, changed or removed, many at a time
   */
  static async open(
    folder: string,
    onChange: (changed: Entry[], removed: string[]) => void = () => undefined,
  ): Promise<Library> {
    const library = new Library(folder, onChange);
    for (const entry of await readLibrary(library.#file)) library.#put(entry);
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
      addedAt: new Date().toISOString(),
    };
    this.#put(entry);
    this.#note(entry.id);
    return entry;
  }

  change(id: string, change: EntryChange): Entry {
    return this.#replace({ ...this.get(id), ...change });
  }

  /** Keeps a caption written by hand, null for none; it is on disk when the promise is kept. */
  async edit(id: string, edited: string | null): Promise<Entry> {
    const entry = this.change(id, { edited });
    await this.save();
    return entry;
  }

  /** Keeps keywords chosen by hand, null for the result's; they are on disk when the promise is kept. */
  async editKeywords(id: string, keywords: readonly string[] | null): Promise<Entry> {
    const { editedKeywords: _, ...others } = this.get(id);
    const entry = this.#replace(keywords === null ? others : { ...others, editedKeywords: [...keywords] });
    await this.save();
    return entry;
  }

  async remove(ids: readonly string[]): Promise<void> {
    const gone = ids.flatMap((id) => this.#entries.get(id) ?? []);
    for (const { id, path } of gone) {
      this.#entries.delete(id);
      if (path !== null) this.#byPath.delete(path);
      this.#changed.delete(id);
      this.#removed.add(id);
    }
    this.#tellSoon();
    await this.save();
    for (const { id, upload } of gone) {
      await rm(this.#resultFile(id), { force: true });
      if (upload !== null) await rm(this.uploadFile(upload), { force: true });
    }
  }

  /** The last result with all maps; null where there is none (or its file is damaged: it can be found again). */
  async result(id: string): Promise<CaptionResult | null> {
    // A file may be left of another content of the photo.
    if (this.get(id).caption === null) return null;
    try {
      return CaptionResult.parse(JSON.parse(await readFile(this.#resultFile(id), 'utf8')));
    } catch {
      return null;
    }
  }

  /** Keeps a result. A caption written by hand stays what is shown. */
  async setResult(id: string, result: CaptionResult): Promise<Entry> {
    this.get(id);
    await writeFileAtomically(this.#resultFile(id), JSON.stringify(result));
    // The photo may have been removed meanwhile.
    if (!this.#entries.has(id)) {
      await rm(this.#resultFile(id), { force: true });
      this.get(id);
    }
    return this.change(id, {
      state: 'done',
      caption: result.captions[0]?.caption ?? null,
      keywords: result.keywords ?? [],
      error: null,
    });
  }

  /** Where the bytes of what was sent lie. */
  uploadFile(upload: string): string {
    return join(this.folder, 'uploads', upload);
  }

  /** Where a photo's file lies. */
  fileOf({ path, upload }: Entry): string {
    return path ?? this.uploadFile(upload ?? '');
  }

  /** Writes the library now. One write at a time; the last has the last word. */
  save(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const write = this.#writing.then(() =>
      writeFileAtomically(this.#file, JSON.stringify({ version: 1, photos: this.list() })),
    );
    this.#writing = write.catch(() => undefined);
    return write;
  }

  async close(): Promise<void> {
    clearTimeout(this.#telling);
    await this.save();
  }

  get #file(): string {
    return join(this.folder, 'library.json');
  }

  #resultFile(id: string): string {
    return join(this.folder, 'results', `${id}.json`);
  }

  #replace(entry: Entry): Entry {
    this.#put(entry);
    this.#note(entry.id);
    return entry;
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (entry.path !== null) this.#byPath.set(entry.path, entry.id);
  }

  #note(id: string): void {
    this.#changed.add(id);
    this.#tellSoon();
    this.#saving ??= setTimeout(() => {
      // A full disk is told where somebody waits for a write; here the next change tries again.
      this.save().catch(() => undefined);
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

/** What a photo is filed under: what somebody chose, else what was found in its captions. */
export function keywordsOf({ editedKeywords, keywords = [] }: Entry): readonly string[] {
  return editedKeywords ?? keywords;
}

export function newId(): string {
  return randomBytes(8).toString('hex');
}

/** A photo as pages see it. */
export function toPhoto({
  id,
  name,
  path,
  width,
  height,
  state,
  caption,
  edited,
  error,
  addedAt,
  changed,
}: Entry): Photo {
  const version = Math.round(changed).toString(36);
  return {
    id,
    name,
    path,
    width,
    height,
    thumbnail: `/photos/${id}/thumbnail?v=${version}`,
    picture: `/photos/${id}/picture?v=${version}`,
    state,
    caption: edited ?? caption,
    edited: edited !== null,
    error,
    addedAt,
  };
}

async function readLibrary(file: string): Promise<Entry[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const parsed = LibraryFile.safeParse(parseJson(text));
  const entries = parsed.data?.photos.map((entry) => Entry.safeParse(entry)) ?? [];
  // What is sound is gone on with. The rest is never overwritten: there may be captions in it that somebody wrote.
  if (!parsed.success || entries.some(({ success }) => !success)) {
    await writeFileAtomically(`${file}.damaged-${Date.now()}`, text);
  }
  return entries.flatMap(({ data }) => data ?? []);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
