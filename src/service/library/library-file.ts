import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { LibraryDamage } from '../../contract/data/app.ts';
import { AttendError } from '../../contract/attend-error.ts';
import { withoutMark } from '../../files/read-file.ts';
import { copyAside, Journal, readJournal } from '../../files/journal.ts';
import { OutputError } from '../../files/write-file.ts';
import { Entry } from './entry.ts';
import { isCutShort, photosFromRemains } from './remains.ts';

/** The first record: whose file it is. */
const Header = z.object({ attend: z.literal('library'), version: z.number() });
const VERSION = 2;
/** The others: a photo as it is now, or photos that were removed. */
const Change = z.union([z.object({ photo: Entry }), z.object({ gone: z.array(z.string()) })]);

const NO_DAMAGE = { kind: 'library', records: 0, disordered: false, back: 0, captions: 0 } as const;

export interface OpenedLibrary {
  readonly journal: Journal;
  /** In the order added. */
  readonly entries: Entry[];
  /** Those that the journal does not have yet. */
  readonly unsaved: string[];
  readonly damage: LibraryDamage | null;
  /** Whether the file is as it was damaged, of which there is a copy. */
  readonly isDamaged: boolean;
}

/**
 * Opens the journal of a library's folder and says what is in it. What is damaged is left out, told of, and kept aside
 * byte for byte; of a photo whose last record is damaged an earlier one counts, if need be from `library.jsonl.previous`.
 * Where the journal is gone, damaged or cut short, what lies beside it brings photos back: see `remains`. The library of an Attend
 * before the journal (`library.json`) is taken over.
 *
 * @throws AttendError `internal` where a newer Attend wrote it, or where it cannot be read
 */
export async function openLibraryFile(folder: string): Promise<OpenedLibrary> {
  const file = join(folder, 'library.jsonl');
  try {
    const { journal, content } = await Journal.open(file);
    const entries = new Map<string, Entry>();
    const gone = new Set<string>();
    const unknown = replay(content.records, file, entries, gone);
    const lost = content.damaged + unknown;
    const isWhole = content.records.length > 0 && lost === 0;
    const isKnown = (id: string): boolean => entries.has(id) || gone.has(id);
    if (isWhole && !(await isCutShort(folder, isKnown))) {
      const damage: LibraryDamage | null = content.disordered ? { ...NO_DAMAGE, disordered: true, file } : null;
      return { journal, entries: [...entries.values()], unsaved: [], damage, isDamaged: content.disordered };
    }
    // Of what is sound in itself, and says what no Attend says, the journal makes no copy.
    if (unknown > 0 && content.damaged === 0 && !content.disordered) await copyAside(file);
    const previous = await fromPrevious(file, entries, gone);
    const { damage: oldDamage, entries: old } =
      content.records.length === 0 && lost === 0 && previous.length === 0
        ? await oldLibrary(join(folder, 'library.json'))
        : { damage: null, entries: [] };
    for (const entry of old) entries.set(entry.id, entry);
    // The header goes in with the first photo: an empty library needs no file.
    await journal.append(old.length > 0 ? libraryRecords(old) : []);
    const { captions, photos } = await photosFromRemains(folder, isKnown);
    for (const photo of photos) entries.set(photo.id, photo);
    const back = [...previous, ...photos.map(({ id }) => id)];
    const isTold = lost > 0 || oldDamage !== null || back.length + captions > 0;
    const records = lost + (oldDamage?.records ?? 0);
    const damage: LibraryDamage | null = isTold
      ? {
          ...NO_DAMAGE,
          records,
          disordered: content.disordered,
          back: back.length,
          captions,
          file: oldDamage?.file ?? file,
        }
      : null;
    return {
      journal,
      entries: [...entries.values()],
      unsaved: back,
      damage,
      isDamaged: content.damaged > 0 || content.disordered,
    };
  } catch (error) {
    if (error instanceof AttendError) throw error;
    throw new AttendError('internal', `The library cannot be read: ${explain(error, file)}`, { cause: error });
  }
}

/** All records of a library, as a journal that is written anew has them. */
export function libraryRecords(entries: readonly Entry[]): object[] {
  return [{ attend: 'library', version: VERSION }, ...entries.map((photo) => ({ photo }))];
}

/** @returns how many records say nothing that this Attend knows */
function replay(records: readonly unknown[], file: string, entries: Map<string, Entry>, gone: Set<string>): number {
  let unknown = 0;
  for (const record of records) {
    const header = Header.safeParse(record);
    if (header.success) {
      refuseNewer(header.data.version, file);
      continue;
    }
    const change = Change.safeParse(record);
    if (!change.success) unknown++;
    else if ('photo' in change.data) entries.set(change.data.photo.id, change.data.photo);
    else {
      for (const id of change.data.gone) {
        entries.delete(id);
        gone.add(id);
      }
    }
  }
  return unknown;
}

/** Photos that the journal has lost but its predecessor had. @returns their ids */
async function fromPrevious(file: string, entries: Map<string, Entry>, gone: ReadonlySet<string>): Promise<string[]> {
  const before = new Map<string, Entry>();
  replay((await readJournal(`${file}.previous`)).records, file, before, new Set());
  const back: string[] = [];
  for (const entry of before.values()) {
    if (entries.has(entry.id) || gone.has(entry.id)) continue;
    // What was sent and is not there any more was removed since.
    if (entry.upload !== null && !(await isThere(join(dirname(file), 'uploads', entry.upload)))) continue;
    entries.set(entry.id, entry);
    back.push(entry.id);
  }
  return back;
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

// ------------------------------------------------------------------------------------------ before there was a journal

const OldLibrary = z.object({ version: z.number(), photos: z.array(z.unknown()) });

async function oldLibrary(
  file: string,
): Promise<{ entries: Entry[]; damage: Pick<LibraryDamage, 'records' | 'file'> | null }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { entries: [], damage: null };
  const parsed = OldLibrary.safeParse(parseJson(withoutMark(text)));
  if (parsed.success) refuseNewer(parsed.data.version, file);
  const found = (parsed.data?.photos ?? objectsIn(text)).map((photo) => Entry.safeParse(photo));
  const entries = found.flatMap(({ data }) => data ?? []);
  if (parsed.success && entries.length === found.length) return { entries, damage: null };
  await copyAside(file);
  return { entries, damage: { records: Math.max(1, found.length - entries.length), file } };
}

/** The photos in the list of a text that is no JSON any more, one by one; what is damaged in itself is undefined. */
function objectsIn(text: string): unknown[] {
  const list = /"photos":\s*\[(.*)\]\s*\}\s*$/s.exec(text)?.[1] ?? text.slice(text.indexOf('[') + 1);
  // A quote in a caption has a backslash before it, so this is no part of one.
  return list.split(/(?<=\}),(?=\{")/).map(parseJson);
}

/**
 * What an Attend that gave a second process a folder of its own (`session-2` and so on) has left in these.
 * @param onDamage told of each that was damaged
 * @returns their photos; what was sent of them and their maps lie in `folder` now
 */
export async function photosOfOtherSessions(
  data: string,
  folder: string,
  onDamage: (damage: LibraryDamage) => void = () => undefined,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const name of await otherSessions(data)) {
    const other = join(data, name);
    const { damage, entries, journal } = await openLibraryFile(other);
    await journal.close();
    if (damage) onDamage(damage);
    for (const entry of entries) {
      if (entry.upload !== null) await move(join(other, 'uploads'), join(folder, 'uploads'), entry.upload);
      await move(join(other, 'results'), join(folder, 'results'), `${entry.id}.json`);
    }
    found.push(...entries);
  }
  return found;
}

/** Puts the folders away whose photos are in the library now; nothing is deleted. */
export async function putOtherSessionsAway(data: string): Promise<void> {
  for (const name of await otherSessions(data)) {
    await rename(join(data, name), join(data, `taken-over-${name}`)).catch(() => undefined);
  }
}

async function otherSessions(data: string): Promise<string[]> {
  return (await readdir(data).catch(() => [])).filter((name) => /^session-\d+$/.test(name)).sort();
}

async function move(from: string, to: string, name: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await rename(join(from, name), join(to, name)).catch((error: unknown) => {
    // Moved before a crash, or never there.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

// -------------------------------------------------------------------------------------------------------- sentences

function refuseNewer(version: number, file: string): void {
  if (version <= VERSION) return;
  throw new AttendError(
    'internal',
    `The library ${file} was written by a newer Attend. Update Attend, or set ATTEND_DATA to another folder; it stays as it is.`,
  );
}

function explain(error: unknown, file: string): string {
  if (error instanceof OutputError) return `${file}: ${error.reason}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return `you may not read ${file}. Change its permissions, or set ATTEND_DATA to another folder.`;
    case 'EISDIR':
      return `${file} is a folder where a file should be. Move it away, or set ATTEND_DATA to another folder.`;
    case 'ELOOP':
      return `${file} is a link that leads back to itself. Move it away, or set ATTEND_DATA to another folder.`;
    case 'ENOTDIR':
      return `a part of the path of ${file} is a file, not a folder. Set ATTEND_DATA to another folder.`;
    default:
      return `${file}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
