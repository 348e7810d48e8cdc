import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { glob, isGlob } from '../files/glob.ts';
import type { PhotoToCaption } from './photo-to-caption.ts';

/** What is taken for a photo in a folder. HEIC is among them, so that it is reported and not passed over in silence. */
const EXTENSIONS = new Set('.jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .svg .heic .heif'.split(' '));

export interface FindOptions {
  /** Whether folders inside folders are searched. */
  recursive?: boolean;
  /** The paths that `-` stands for, one a line. */
  stdin?: AsyncIterable<Uint8Array | string>;
}

/**
 * The photos that paths name: files as they are (whatever their extension), the photos of folders in natural
 * order ("2.jpg" before "10.jpg"), patterns, and `-` for paths on standard input. A photo that is named twice
 * comes once, at its first place. What cannot be found comes as a failure, in its place.
 */
export async function* findPhotos(paths: Iterable<string>, options: FindOptions = {}): AsyncGenerator<PhotoToCaption> {
  const seen = new Set<string>();
  for (const path of paths) {
    const named = path === '-' && options.stdin ? expandLines(options.stdin, options) : expand(path, options);
    for await (const photo of named) {
      if (typeof photo === 'string') {
        const key = resolve(photo);
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
  for await (const line of linesOf(input)) yield* existing(line, options);
}

async function* expand(path: string, options: FindOptions): AsyncGenerator<PhotoToCaption> {
  // A name may hold brackets and still be a name.
  if (!isGlob(path) || existsSync(path)) {
    yield* existing(path, options);
    return;
  }
  const matches = await glob(path);
  if (matches.length === 0) yield { file: path, error: `cannot read ${path}: nothing matches this pattern.` };
  for (const match of matches) yield* existing(match, options);
}

async function* existing(path: string, options: FindOptions): AsyncGenerator<PhotoToCaption> {
  const isFolder = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  if (isFolder) yield* photosIn(path, options.recursive ?? false);
  // Files that are missing too: whoever reads them says what is wrong.
  else yield path;
}

async function* photosIn(folder: string, recursive: boolean): AsyncGenerator<PhotoToCaption> {
  const look: Look = { folders: new Set(), hasSubfolders: false };
  let count = 0;
  for await (const photo of walk(folder, recursive, look)) {
    count++;
    yield photo;
  }
  if (count > 0) return;
  const advice = look.hasSubfolders && !recursive ? ' With --recursive its folders are searched too.' : '';
  yield { file: folder, error: `cannot read ${folder}: there is no photo in this folder.${advice}` };
}

interface Look {
  /** Real paths of the folders that were walked: a link may lead back to one. */
  folders: Set<string>;
  hasSubfolders: boolean;
}

async function* walk(folder: string, recursive: boolean, look: Look): AsyncGenerator<PhotoToCaption> {
  const real = await realpath(folder).catch(() => resolve(folder));
  if (look.folders.has(real)) return;
  look.folders.add(real);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    yield { file: folder, error: `cannot read ${folder}: ${(error as Error).message}.` };
    return;
  }
  const subfolders: string[] = [];
  for (const name of names.filter((name) => !name.startsWith('.')).sort(NATURAL.compare)) {
    const path = join(folder, name);
    const status = await stat(path).catch(() => undefined);
    if (status?.isDirectory()) subfolders.push(path);
    else if (EXTENSIONS.has(extname(name).toLowerCase())) yield path;
  }
  look.hasSubfolders ||= subfolders.length > 0;
  if (recursive) for (const subfolder of subfolders) yield* walk(subfolder, recursive, look);
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** Lines that end with a line feed, or with a zero byte as `find -print0` writes them; empty ones are left out. */
async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split(/[\n\0]/);
    rest = lines.pop() ?? '';
    yield* lines.map(withoutReturn).filter((line) => line !== '');
  }
  rest = withoutReturn(rest + decoder.decode());
  if (rest !== '') yield rest;
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
