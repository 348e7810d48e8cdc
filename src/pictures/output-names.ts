import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { caseless } from '../files/caseless.ts';
import { cutName } from '../files/cut-name.ts';
import { placeOf } from '../files/place-of.ts';
import { checksum, safeName } from '../files/safe-name.ts';

/** A name has room for 255 bytes on most systems; the rest is for what follows a photo's name. */
const MOST_BYTES = 120;

/**
 * Names for the files made from photos, in one folder: `NAME-sheet.png`, `NAME-01-dog.png`, `NAME.svg`, `NAME.webp`
 * and so on, where NAME is the photo's base name. One object serves a whole run:
 * - photos with the same base name get different names (`a.jpg` → `a`, `a.png` → `a-png`, another → `a-2`);
 * - no name is a photo that is captioned in the run (`dog.webp` → `dog-webp.webp` in the photo's own folder), nor a file
 *   of somebody else;
 * - a photo asked for twice gets the same name twice; a link beside it is one of its own, with its own name.
 *
 * Names that differ in letter case only count as equal, as they do on Windows and macOS.
 */
export class OutputNames {
  readonly directory: string;
  readonly #taken = new Set<string>();
  readonly #stems = new Map<string, string>();
  /** Whose a stem is, without letter case. */
  readonly #owners = new Map<string, string>();
  /** Whose files would have names in the output folder that no file may have: of photos of the run, and files of others. */
  readonly #foreign = new Set<string>();

  /**
   * @param directory the output folder; it need not exist yet.
   * @param photos all photos of the run, as far as they are known beforehand.
   * @param strangers names of files in the folder that must stay as they are
   */
  constructor(directory: string, photos: Iterable<string> = [], strangers: Iterable<string> = []) {
    this.directory = directory;
    for (const name of strangers) this.#avoid(name);
    for (const photo of photos) this.#protect(photo);
  }

  /**
   * The NAME for a photo's files, one that every system takes. Bytes without a path are called "photo".
   * @param withEnding the photo's ending belongs to it (`a-png`): others that are not in the run may be called the same.
   *   Where the name is not the photo's own letter for letter, a checksum tells it from those that are.
   */
  stem(photo: string | undefined, withEnding = false): string {
    if (photo === undefined) return this.#claim(['photo']);
    const key = placeOf(photo);
    const known = this.#stems.get(key);
    if (known !== undefined) return known;
    this.#protect(photo);
    const extension = extname(photo);
    const own = basename(photo, extension);
    const base = plainStem(photo);
    const hasEnding = extension.length > 1;
    const mark = withEnding && (base !== own || !hasEnding) ? checksum(own) : '';
    const long = safeName(`${base}${hasEnding ? `-${extension.slice(1)}` : ''}${mark}`, MOST_BYTES + 20);
    const stem = this.#claim(withEnding ? [long] : [base, long]);
    this.#own(key, stem);
    return stem;
  }

  /**
   * Keeps for a photo the name that its files got in an earlier run, or in one of another process; a photo of this run
   * that was to get it gets another one.
   */
  keep(photo: string, stem: string): void {
    const key = placeOf(photo);
    const owner = this.#owners.get(caseless(stem));
    if (owner !== undefined && owner !== key) this.#stems.delete(owner);
    this.#taken.add(caseless(stem));
    this.#own(key, stem);
  }

  #own(key: string, stem: string): void {
    this.#stems.set(key, stem);
    this.#owners.set(caseless(stem), key);
  }

  /** The path of one of a photo's files, such as `suffix` "-sheet.png" or ".svg". */
  path(stem: string, suffix: string): string {
    return join(this.directory, `${stem}${suffix}`);
  }

  #protect(photo: string): void {
    for (const path of new Set([placeOf(photo), realPath(photo)])) {
      if (dirname(path) === realPath(this.directory)) this.#avoid(basename(path));
    }
  }

  #avoid(file: string): void {
    for (const stem of stemsOf(file)) this.#foreign.add(stem);
  }

  /** The first free candidate; when all are taken, the first with the first free number. */
  #claim(candidates: readonly string[]): string {
    const first = candidates[0] as string;
    for (let number = 2, queue = [...candidates]; ; queue.push(`${first}-${number++}`)) {
      const candidate = queue.shift();
      if (candidate === undefined) continue;
      if (this.#taken.has(caseless(candidate)) || this.#foreign.has(caseless(candidate))) continue;
      this.#taken.add(caseless(candidate));
      return candidate;
    }
  }
}

/** What the names of a photo's files begin with where no other photo has to do with it. */
export function plainStem(photo: string): string {
  return safeName(basename(photo, extname(photo)) || 'photo', MOST_BYTES);
}

/** Whether a file is called as one that is made of the photo with this name. */
export function isNamedAfter(file: string, stem: string): boolean {
  return stemsOf(file).includes(caseless(stem));
}

/** What the photos may be called that a file could be made of, without letter case. */
function stemsOf(file: string): string[] {
  const name = caseless(file);
  const ended = /^(.+?)(-sheet\.png|-captioned\.[^.]+|\.(svg|webp|gif|json|html|txt))$/u.exec(name)?.[1];
  const words = name.endsWith('.png')
    ? [...name.matchAll(/-(?=\d{2,}-)/gu)].map(({ index }) => name.slice(0, index))
    : [];
  return [...(ended === undefined ? [] : [ended]), ...words];
}

/** The suffix of one word's picture: "-01-dog.png". Numbers have as many digits as the caption needs, at least two. */
export function wordSuffix(index: number, count: number, word: string): string {
  const digits = Math.max(2, String(count).length);
  // Only letters and digits are safe in names on every system.
  const safe = word
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return `-${String(index + 1).padStart(digits, '0')}-${cutName(Array.from(safe).slice(0, 40).join(''), 80) || 'word'}.png`;
}

/** The path with links resolved as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return placeOf(path);
  }
}
