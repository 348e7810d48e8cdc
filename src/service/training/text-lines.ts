import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/**
 * The lines of a text file, which may be compressed (`.gz`). A line end at the end of the file begins no further line.
 * @throws Error that names the file
 */
export async function readTextLines(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((reason: unknown) => {
    const error = reason as NodeJS.ErrnoException;
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new Error(`Cannot read ${path}: ${why}.`, { cause: error });
  });
  const text = path.endsWith('.gz') ? await unpack(path, bytes) : bytes;
  const lines = text.toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function unpack(path: string, bytes: Buffer): Promise<Buffer> {
  return promisify(gunzip)(bytes).catch((reason: unknown) => {
    throw new Error(`${path} is not a whole gzip file: ${(reason as Error).message}.`, { cause: reason });
  });
}
