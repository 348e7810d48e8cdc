import { readFile } from 'node:fs/promises';

/** One line of a captions file. */
export interface PhotoCaptions {
  /** Path of the photo, relative to the photos folder. */
  file: string;
  /** What people wrote about it; at least one. */
  captions: string[];
  /** `train`, `dev`, `test` or any other name; nothing where the file has no splits. */
  split?: string;
}

/**
 * Reads a captions file: JSON lines `{ "file", "captions", "split"? }`, other keys ignored.
 * @throws with the line's number where a line is not of that form
 */
export async function readPhotoCaptions(path: string): Promise<PhotoCaptions[]> {
  const text = await readFile(path, 'utf8').catch((reason: unknown) => {
    const error = reason as NodeJS.ErrnoException;
    throw new Error(
      `Cannot read the captions file ${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}.`,
    );
  });
  const photos: PhotoCaptions[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    photos.push(parseLine(line, `${path}, line ${index + 1}`));
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
  if (!Array.isArray(captions) || captions.length === 0 || !captions.every((caption) => typeof caption === 'string')) {
    throw new Error(`${place} needs "captions", a list of at least one sentence.`);
  }
  if (split !== undefined && typeof split !== 'string') throw new Error(`${place}: "split" is not a word.`);
  return { file, captions, ...(split === undefined ? {} : { split }) };
}
