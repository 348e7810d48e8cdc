import { existsSync, type Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { placeOf } from '../files/place-of.ts';
import { glob, isGlob, pathMatcher } from '../files/glob.ts';
import { listOfPaths } from './list-of-paths.ts';
import { isPassedOver } from './passed-over.ts';
import { hasOtherPhotoEnding, hasPhotoEnding } from './photo-endings.ts';
import type { PhotoToCaption } from './photo-to-caption.ts';

export interface FindOptions {
  /** Whether folders inside folders are searched. */
  recursive?: boolean;
  /** The list of paths that `-` stands for. */
  stdin?: AsyncIterable<Uint8Array | string>;
  /** Patterns of what is left out, files and folders: "*.png", or with the folder "drafts/*.jpg". */
  exclude?: readonly string[];
}

/**
 * The photos that paths name: files as they are (whatever their extension), the photos of folders in natural
 * order ("2.jpg" before "10.jpg"), patterns, and `-` for paths on standard input. A photo that is met twice, perhaps by
 * a link to its folder, comes once, at its first place; a link to a photo is another one, with a name of its own. What cannot be found comes as a failure, in its place.
 */
export async function* findPhotos(paths: Iterable<string>, options: FindOptions = {}): AsyncGenerator<PhotoToCaption> {
  const seen = new Set<string>();
  const isExcluded = pathMatcher(options.exclude ?? []);
  for (const path of paths) {
    const named = path === '-' && options.stdin ? expandLines(options.stdin, options) : expand(path, options);
    for await (const photo of named) {
      if (typeof photo === 'string') {
        if (isExcluded(photo)) continue;
        const key = placeOf(photo);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      yield photo;
    }
  }
}

async function* expandLines(
  input: AsyncIterable<Uint8Array | string>,
  options: FindOptions,
): AsyncGenerator<PhotoToCaption> {
  for await (const path of listOfPaths(input)) yield* existing(path, options);
}

async function* expand(path: string, options: FindOptions): AsyncGenerator<PhotoToCaption> {
  // A name may hold brackets and still be a name.
  if (!isGlob(path) || existsSync(path)) {
    yield* existing(path, options);
    return;
  }
  const named = new Set(path.split(/[\\/]/));
  const isMeant = (match: string): boolean =>
    match.split(/[\\/]/).every((name) => named.has(name) || name.startsWith('.') || !isPassedOver(name));
  const matches = (await glob(path)).filter(isMeant);
  if (matches.length === 0) yield { file: path, error: `cannot read ${path}: nothing matches this pattern.` };
  for (const match of matches) yield* existing(match, options);
}

async function* existing(path: string, options: FindOptions): AsyncGenerator<PhotoToCaption> {
  const isFolder = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (isFolder) yield* photosIn(path, options);
  // Files that are missing too: whoever reads them says what is wrong.
  else yield path;
}

async function* photosIn(
  folder: string,
  { exclude = [], recursive = false }: FindOptions,
): AsyncGenerator<PhotoToCaption> {
  const look: Look = {
    folders: new Set(),
    hasSubfolders: false,
    isExcluded: pathMatcher(exclude),
    leftOut: 0,
    other: 0,
  };
  let count = 0;
  for await (const photo of walk(folder, recursive, look)) {
    count++;
    yield photo;
  }
  if (count > 0) return;
  const advice = look.hasSubfolders && !recursive ? ' With --recursive its folders are searched too.' : '';
  const rest = look.leftOut > 0 ? ' that is not excluded' : '';
  const other =
    look.other > 0
      ? ` ${look.other} of another kind ${look.other === 1 ? 'is' : 'are'}, as camera raw files are: export them as JPEG.`
      : '';
  yield { file: folder, error: `cannot read ${folder}: there is no photo in this folder${rest}.${other}${advice}` };
}

interface Look {
  /** Real paths of the folders that were walked: a link may lead back to one. */
  folders: Set<string>;
  hasSubfolders: boolean;
  isExcluded: (path: string) => boolean;
  /** How many files and folders were excluded. */
  leftOut: number;
  /** How many files are photos to other programs: of a camera's raw files alone nobody would know why there is none. */
  other: number;
}

async function* walk(folder: string, recursive: boolean, look: Look): AsyncGenerator<PhotoToCaption> {
  const real = await realpath(folder).catch(() => resolve(folder));
  if (look.folders.has(real)) return;
  look.folders.add(real);
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { file: folder, error: `cannot read ${folder}: ${reasonFor(error)}` };
    return;
  }
  const subfolders: string[] = [];
  for (const entry of entries.sort((one, other) => NATURAL.compare(one.name, other.name))) {
    const { name } = entry;
    if (isPassedOver(name)) continue;
    const path = join(folder, name);
    if (look.isExcluded(path)) {
      look.leftOut++;
      continue;
    }
    const status = await stat(path).catch(() => undefined);
    // One that may not be looked at says why when it is searched.
    if (status?.isDirectory() ?? entry.isDirectory()) subfolders.push(path);
    else if (hasPhotoEnding(name)) yield path;
    else if (hasOtherPhotoEnding(name)) look.other++;
  }
  look.hasSubfolders ||= subfolders.length > 0;
  if (recursive) for (const subfolder of subfolders) yield* walk(subfolder, recursive, look);
}

const NATURAL = new Intl.Collator('en', { numeric: true });

function reasonFor(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Change the permissions of the folder.';
    case 'ENOENT':
      return 'there is no such folder any more.';
    case 'ENAMETOOLONG':
      return 'its path is too long for this system. Begin in a folder further down.';
    default:
      return `${error instanceof Error ? error.message : String(error)}.`;
  }
}
