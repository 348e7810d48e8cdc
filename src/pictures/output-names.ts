import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { cutName } from '../files/cut-name.ts';
import { safeName } from '../files/safe-name.ts';

/** A name has room for 255 bytes on most systems; the rest is for what follows a photo's name. */
const MOST_BYTES = 120;

/**
 * Names for the files made from photos, in one folder: `NAME-sheet.png`, `NAME-01-dog.png`, `NAME.svg`, `NAME.webp`
 * and so on, where NAME is the photo's base name. One object serves a whole run:
 * - photos with the same base name get different names (`a.jpg` → `a`, `a.png` → `a-png`, another → `a-2`);
 * - no name is a photo that is captioned in the run (`dog.webp` → `dog-webp.webp` in the photo's own folder), nor a file
 *   of somebody else;
 * - a photo asked for twice gets the same name twice.
 *
 * Names that differ in letter case only count as equal, as they do on Windows and macOS.
 */
export class OutputNames {
  readonly directory: string;
  readonly #taken = new Set<string>();
  readonly #stems = new Map<string, string>();
  /** Keys of the names in the output folder that no file may have: photos of the run, and files of others. */
  readonly #foreign: string[] = [];

  /**
   * @param directory the output folder; it need not exist yet.
   * @param photos all photos of the run, as far as they are known beforehand.
   * @param strangers names of files in the folder that must stay as they are
   */
  constructor(directory: string, photos: Iterable<string> = [], strangers: Iterable<string> = []) {
    this.directory = directory;
    for (const name of strangers) this.#foreign.push(caseless(name));
    for (const photo of photos) this.#protect(photo);
  }

  /**
   * The NAME for a photo's files, one that every system takes. Bytes without a path are called "photo".
   * @param withEnding the photo's ending belongs to it (`a-png`): others that are not in the run may be called the same
   */
  stem(photo: string | undefined, withEnding = false): string {
    if (photo === undefined) return this.#claim(['photo']);
    const key = realPath(photo);
    const known = this.#stems.get(key);
    if (known !== undefined) return known;
    this.#protect(photo);
    const extension = extname(photo);
    const base = safeName(basename(photo, extension) || 'photo', MOST_BYTES);
    const long = safeName(`${base}-${extension.slice(1)}`, MOST_BYTES + 20);
    const stem = this.#claim(extension.length < 2 ? [base] : withEnding ? [long] : [base, long]);
    this.#stems.set(key, stem);
    return stem;
  }

  /** Keeps for a photo the name that its files got in an earlier run, as one of them shows. */
  keep(photo: string, file: string): void {
    const stem = /^(.+?)(-sheet\.png|-\d{2,}-[^/]*\.png|\.(svg|webp|gif|json))$/u.exec(file)?.[1];
    if (stem === undefined) return;
    this.#taken.add(caseless(stem));
    this.#stems.set(realPath(photo), stem);
  }

  /** The path of one of a photo's files, such as `suffix` "-sheet.png" or ".svg". */
  path(stem: string, suffix: string): string {
    return join(this.directory, `${stem}${suffix}`);
  }

  #protect(photo: string): void {
    const path = realPath(photo);
    if (dirname(path) === realPath(this.directory)) this.#foreign.push(caseless(basename(path)));
  }

  /** The first free candidate; when all are taken, the first with the first free number. */
  #claim(candidates: readonly string[]): string {
    const first = candidates[0] as string;
    for (let number = 2, queue = [...candidates]; ; queue.push(`${first}-${number++}`)) {
      const candidate = queue.shift();
      if (candidate === undefined) continue;
      if (this.#taken.has(caseless(candidate)) || this.#meetsForeign(candidate)) continue;
      this.#taken.add(caseless(candidate));
      return candidate;
    }
  }

  /** Whether one of the files of this name would be a photo of the run or a file of others. */
  #meetsForeign(stem: string): boolean {
    const key = caseless(stem);
    return this.#foreign.some((name) => {
      if (!name.startsWith(key)) return false;
      return /^(\.(svg|webp|gif|json|html)|-captioned\.[^.]+|-sheet\.png|-\d{2,}-.*\.png)$/u.test(
        name.slice(key.length),
      );
    });
  }
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
    const full = resolve(path);
    const parent = dirname(full);
    return parent === full ? full : join(realPath(parent), basename(full));
  }
}

function caseless(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
