import { readFile } from 'node:fs/promises';
import { withoutMark } from './read-file.ts';

/**
 * The objects of a file of JSON lines; none where there is no such file. A last line that was cut off (the
 * machine went off while it was written) is left out.
 * @throws Error with the number of a line that is damaged
 */
export async function readJsonLines(path: string): Promise<Record<string, unknown>[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`cannot read ${path}: ${(error as Error).message}.`, { cause: error });
  }
  return parseJsonLines(text, path);
}

/** The same of its text. @param path what messages call it */
export function parseJsonLines(text: string, path: string): Record<string, unknown>[] {
  const lines = withoutMark(text).split('\n');
  const objects: Record<string, unknown>[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null) throw new Error('no object');
      objects.push(value as Record<string, unknown>);
    } catch {
      if (index === lines.length - 1) break;
      throw new Error(`cannot go on with ${path}: line ${index + 1} is not a line of JSON. Choose another file.`);
    }
  }
  return objects;
}
