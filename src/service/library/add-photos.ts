import { rm, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { openPhoto } from '../../photos/open-photo.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import type { PhotoRef } from '../../captioning/photo-tasks.ts';
import { AttendError } from '../../contract/attend-error.ts';
import type { Failure } from '../../contract/data/failure.ts';
import { findPhotos } from '../../photos/find-photos.ts';
import { type Library } from './library.ts';
import { newId, refOf, reviewOf, type Entry } from './entry.ts';
import { photoFailure } from './photo-failure.ts';
import { digestOf } from './sent-files.ts';

const AT_ONCE = 4;

/**
 * Adds the photos that paths name (files, and folders with all that is in them) to the library. What cannot be read
 * is added with its error; what is there already stays as it is, and is looked at anew where its file has changed.
 *
 * @param onAlone told of a photo that is the only one, before it is on disk
 * @returns the photos in the order of the paths
 */
export async function addPaths(
  library: Library,
  paths: readonly string[],
  { onAlone, signal }: { signal?: AbortSignal; onAlone?: (photo: PhotoRef) => void } = {},
): Promise<Entry[]> {
  const entries: Entry[] = [];
  // Some photos are looked at at once, and added in the order of the paths.
  let batch: Promise<() => Entry>[] = [];
  const addBatch = async (): Promise<void> => {
    for (const add of await Promise.all(batch)) entries.push(add());
    batch = [];
  };
  for await (const photo of findPhotos(paths, { recursive: true })) {
    signal?.throwIfAborted();
    if (typeof photo === 'string') batch.push(lookAtPath(library, resolve(photo)));
    else if ('error' in photo) batch.push(Promise.resolve(() => addFailure(library, photo)));
    if (batch.length === AT_ONCE) await addBatch();
  }
  await addBatch();
  const [first] = entries;
  if (first && entries.length === 1 && first.width > 0 && first.caption === null)
    onAlone?.(refOf(first, library.fileOf(first)));
  await library.committed();
  return entries;
}

/**
 * Adds a photo by its bytes, which the library keeps. One that was sent before, with the same name, stays as it is.
 * @param onReadable told of a new photo that can be read, before it is on disk
 */
export async function addUpload(
  library: Library,
  name: string,
  bytes: Uint8Array,
  onReadable?: (photo: PhotoRef) => void,
): Promise<Entry> {
  const id = newId();
  const clean = basename(name.replaceAll('\\', '/')) || 'photo';
  const digest = digestOf(bytes);
  const known = library.withUpload(clean, digest);
  if (known) {
    // Sent again because what lies there is damaged, perhaps.
    if (known.upload === null || (await library.hasSent(known.id))) return known;
    await writeFileAtomically(library.uploadFile(known.upload), bytes);
    const state = known.state === 'failed' ? 'none' : known.state;
    // Another time than before, whatever the clock says: pictures of what lay there do not count.
    return library.keep(known.id, { changed: Math.max(Date.now(), known.changed + 1), state, error: null });
  }
  const extension = /^\.[a-z0-9]{1,5}$/i.exec(extname(clean))?.[0].toLowerCase() ?? '';
  const upload = `${id}${extension}`;
  // On its way to the disk while it is looked at.
  const writing = writeFileAtomically(library.uploadFile(upload), bytes);
  writing.catch(() => undefined);
  const seen = await look(bytes, clean);
  if ('error' in seen) {
    await writing.then(() => rm(library.uploadFile(upload), { force: true })).catch(() => undefined);
    const entry = { id, name: clean, path: null, upload: null, changed: 0, width: 0, height: 0, ...seen };
    return keepOrForget(library, entry);
  }
  const changed = Date.now();
  onReadable?.(refOf({ id, changed, name: clean }, bytes));
  await writing;
  const entry = { id, name: clean, path: null, upload, digest, changed, error: null, ...seen };
  return keepOrForget(library, entry);
}

/** Adds a photo that is on disk when the promise is kept; where the disk refuses it, it is as if it had not been sent. */
async function keepOrForget(library: Library, photo: Parameters<Library['add']>[0]): Promise<Entry> {
  const entry = library.add(photo);
  try {
    await library.committed();
    return entry;
  } catch (error) {
    await library.forget(entry.id);
    throw error;
  }
}

/**
 * Looks anew at photos of the library that something was wrong with: their files may be sound by now. One that still
 * cannot be read stays as it was, with what is wrong now.
 */
export async function lookAgain(library: Library, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { error = null, path = null } = library.has(id) ? library.get(id) : {};
    if (error === null || path === null) continue;
    const seen = await look(path, basename(path));
    if (!('error' in seen)) (await lookAtPath(library, path))();
    else if (library.has(id)) library.change(id, seen);
  }
}

/** Looks at a photo. @returns what adds it to the library */
async function lookAtPath(library: Library, path: string): Promise<() => Entry> {
  const known = library.withPath(path);
  const changed = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (known?.changed === changed && known.width > 0) return () => known;
  const seen = await look(path, basename(path));
  const fields = { changed, width: 0, height: 0, taken: undefined, error: null, ...seen };
  return () => {
    // Somebody may have added or removed it while it was looked at.
    const meanwhile = library.withPath(path);
    if (!meanwhile) return library.add({ name: basename(path), path, upload: null, ...fields });
    // What another content was captioned with is of no use; what was written by hand is kept.
    const review = meanwhile.edited === null ? 'new' : reviewOf(meanwhile);
    return library.change(meanwhile.id, { ...fields, state: 'none', caption: null, confidence: null, review });
  };
}

function addFailure(library: Library, { file, error }: { file: string; error: string }): Entry {
  const known = library.withPath(file);
  const failure = photoFailure(new AttendError('unreadable', error), file);
  if (known) return library.change(known.id, { error: failure });
  const fields = { path: file, upload: null, changed: 0, width: 0, height: 0 };
  return library.add({ name: basename(file), ...fields, error: failure });
}

async function look(
  source: string | Uint8Array,
  name: string,
): Promise<Pick<Entry, 'width' | 'height' | 'taken'> | { error: Failure }> {
  try {
    const { width, height, taken } = await openPhoto(source, { name });
    return { width, height, taken };
  } catch (error) {
    return { error: photoFailure(error, name) };
  }
}
