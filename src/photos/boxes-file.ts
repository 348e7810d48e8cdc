import { z } from 'zod';
import { plainPath } from './captions-file.ts';
import { linesOf, readText } from '../files/read-file.ts';

/** A thing in a photo: its name, then its centre and size in parts of the photo. */
export type Box = readonly [name: string, centreX: number, centreY: number, width: number, height: number];

const Line = z.object({
  file: z.string().min(1),
  boxes: z.array(z.tuple([z.string(), z.number(), z.number(), z.number(), z.number()])),
});

/**
 * Reads a file of boxes: JSON lines `{ "file", "boxes": [[name, centre x, centre y, width, height]] }`, other keys ignored.
 * @returns by the file's path, as it is in the captions file
 * @throws Error with the line's number where a line is not of that form, or names a photo for the second time
 */
export async function readBoxes(path: string): Promise<Map<string, Box[]>> {
  const found = new Map<string, Box[]>();
  const lineOf = new Map<string, number>();
  for (const [index, line] of linesOf(await readText(path)).entries()) {
    if (line.trim() === '') continue;
    const parsed = Line.safeParse(jsonOf(line));
    if (!parsed.success) {
      throw new Error(
        `${path}, line ${index + 1} is not { "file", "boxes": [[name, centre x, centre y, width, height]] }.`,
      );
    }
    const file = plainPath(parsed.data.file);
    const earlier = lineOf.get(file);
    if (earlier !== undefined) {
      throw new Error(
        `${path}, line ${index + 1} names ${file} again (line ${earlier}). Put all boxes of a photo into one line.`,
      );
    }
    lineOf.set(file, index + 1);
    found.set(file, parsed.data.boxes);
  }
  return found;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
