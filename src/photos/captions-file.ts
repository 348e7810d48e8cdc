import { isAbsolute, join, normalize, resolve } from 'node:path';
import { linesOf, readText } from '../files/read-file.ts';

/** One line of a captions file. */
export interface PhotoCaptions {
  /** Path of the photo, relative to the photos folder; see `photoPath`. */
  file: string;
  /** What people wrote about it; at least one. */
  captions: string[];
  /** `train`, `dev`, `test` or any other name; nothing where the file has no splits. */
  split?: string;
}

/** Where a photo of a captions file is. @param folder the photos folder */
export function photoPath(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

/** One name for all spellings of a path: "a.jpg" for "./a.jpg". */
export function plainPath(file: string): string {
  return normalize(file);
}

/**
 * Reads a captions file: JSON lines `{ "file", "captions", "split"? }`, other keys ignored.
 * @param folder the photos folder: in it, a photo's whole path is the same photo as its name there
 * @throws Error with the line's number where a line is not of that form, or names a photo for the second time, however it
 *   is spelt
 */
export async function readPhotoCaptions(path: string, folder = '.'): Promise<PhotoCaptions[]> {
  const photos: PhotoCaptions[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of linesOf(await readText(path)).entries()) {
    if (line.trim() === '') continue;
    const photo = parseLine(line, `${path}, line ${index + 1}`);
    // Letters with marks are written in one way or two, and mean the same file on most systems.
    const key = resolve(photoPath(folder, photo.file)).normalize('NFC');
    const earlier = lineOf.get(key);
    if (earlier !== undefined) {
      throw new Error(
        `${path}, line ${index + 1} names ${photo.file} again (line ${earlier}). Put all captions of a photo into one line.`,
      );
    }
    lineOf.set(key, index + 1);
    photos.push(photo);
  }
  if (photos.length === 0) throw new Error(`The captions file ${path} is empty.`);
  return photos;
}

function parseLine(line: string, place: string): PhotoCaptions {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${place} is not JSON.`);
  }
  const { file, captions, split } = (value ?? {}) as Record<string, unknown>;
  if (typeof file !== 'string' || file === '') throw new Error(`${place} names no "file".`);
  const isText = Array.isArray(captions) && captions.every((caption): caption is string => typeof caption === 'string');
  if (!isText || captions.every((caption) => caption.trim() === '')) {
    throw new Error(`${place} needs "captions", a list of at least one sentence.`);
  }
  if (split !== undefined && typeof split !== 'string') throw new Error(`${place}: "split" is not a word.`);
  return { file: plainPath(file), captions, ...(split === undefined ? {} : { split }) };
}
