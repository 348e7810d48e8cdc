import { readdir, readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { CaptionResult } from '../../contract/data/captions.ts';
import { withoutMark } from '../../files/read-file.ts';
import { readWhole } from '../../files/read-whole.ts';
import { openPhoto } from '../../photos/open-photo.ts';
import { surenessOf } from './confidence.ts';
import { Entry } from './entry.ts';
import { photoFailure } from './photo-failure.ts';
import { digestOf } from './sent-files.ts';

/** What of a library can be found without its list. */
export interface Remains {
  /** In the order in which they were sent or captioned. */
  readonly photos: Entry[];
  /** Captions of which nobody knows any more whose they are. */
  readonly captions: number;
}

/** A photo's id, as `newId` makes it. */
const ID = /^[\da-f]{16}$/;

/**
 * Whether a library's folder has results of photos that its list does not know: a photo is in the list before it is
 * captioned, so the end of the list is lost. (Of what was sent alone nobody can say whether it was ever acknowledged.)
 */
export async function isCutShort(folder: string, isKnown: (id: string) => boolean): Promise<boolean> {
  if ((await resultsIn(folder)).every(isKnown)) return false;
  return (await photosFromRemains(folder, isKnown)).photos.some(({ state }) => state === 'done');
}

/** The ids of the photos that there are results of. */
async function resultsIn(folder: string): Promise<string[]> {
  const names = (await namesIn(join(folder, 'results'))).map((name) => parse(name));
  return names.filter(({ ext, name }) => ext === '.json' && ID.test(name)).map(({ name }) => name);
}

/**
 * The photos that a library's folder has in `uploads/` and `results/`, whatever its list says of them. A result says
 * whose it is; what was sent and has none goes by the name of its file.
 * @param isKnown of the photos that are left out
 */
export async function photosFromRemains(folder: string, isKnown: (id: string) => boolean): Promise<Remains> {
  const [results, uploads] = [join(folder, 'results'), join(folder, 'uploads')];
  const photos = new Map<string, Entry>();
  const sent = new Map((await namesIn(uploads)).map((name) => [parse(name).name, name]));
  let captions = 0;
  for (const id of await resultsIn(folder)) {
    if (isKnown(id)) continue;
    const found = await readResult(join(results, `${id}.json`));
    const upload = sent.get(id) ?? null;
    if (!found) continue;
    const photo = found.photo ?? (upload === null ? undefined : await sentPhoto(uploads, upload, id));
    // What was sent and is not there any more was removed; what lies under another photo's name is not of that.
    if (found.result.photoId !== id || !photo || (photo.path === null && upload === null)) captions++;
    else photos.set(id, withResult({ ...photo, id, upload: photo.path === null ? upload : null }, found.result));
  }
  for (const [id, upload] of sent) {
    if (!ID.test(id) || isKnown(id) || photos.has(id)) continue;
    photos.set(id, await sentPhoto(uploads, upload, id));
  }
  return { photos: [...photos.values()].sort((a, b) => (a.addedAt < b.addedAt ? -1 : 1)), captions };
}

async function readResult(file: string): Promise<{ result: CaptionResult; photo: Entry | undefined } | undefined> {
  try {
    const kept = JSON.parse(withoutMark(String(await readWhole(file)))) as { photo?: unknown };
    return { result: CaptionResult.parse(kept), photo: Entry.safeParse(kept.photo).data };
  } catch {
    return undefined;
  }
}

function withResult(photo: Entry, { captions: [first], keywords }: CaptionResult): Entry {
  return {
    ...photo,
    state: 'done',
    caption: first?.caption ?? null,
    ...surenessOf(first),
    keywords: keywords ?? [],
    error: null,
  };
}

async function sentPhoto(uploads: string, upload: string, id: string): Promise<Entry> {
  const file = join(uploads, upload);
  const changed = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  const entry = {
    id,
    name: upload,
    path: null,
    upload,
    changed,
    state: 'none',
    caption: null,
    edited: null,
    addedAt: new Date(changed).toISOString(),
  } as const;
  try {
    const digest = digestOf(await readFile(file));
    const { height, taken, width } = await openPhoto(file, { name: upload });
    return { ...entry, digest, width, height, taken, error: null };
  } catch (error) {
    return { ...entry, width: 0, height: 0, error: photoFailure(error, upload) };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return all
    .filter((one) => (one.isFile() || one.isSymbolicLink()) && !one.name.startsWith('.'))
    .map(({ name }) => name);
}
