import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readWhole } from './read-whole.ts';

/** The text of a file in UTF-8. @throws Error that names the file: it cannot be read, or holds something else */
export async function readText(path: string): Promise<string> {
  return textOf(path, await readBytes(path));
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path} is no text in UTF-8. Save it as UTF-8 first.`);
  }
}

/** The value in a file of JSON. A pipe in its place is not waited for: it is as an empty file. @throws Error that names the file */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readWhole(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return jsonOf(path, textOf(path, bytes));
}

/** The same of what somebody names, who may give a pipe. @throws Error that names the file */
export async function readGivenJson(path: string): Promise<unknown> {
  return jsonOf(path, await readText(path));
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
}

/**
 * The lines of a text file, which may be compressed (`.gz`). Bytes that are no UTF-8, as large collections have them,
 * become U+FFFD.
 * @throws Error that names the file
 */
export async function readTextLines(path: string): Promise<string[]> {
  const bytes = await readBytes(path);
  return linesOf(new TextDecoder().decode(path.endsWith('.gz') ? await unpack(path, bytes) : bytes));
}

/** A text without the byte order mark that some editors put in front. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The lines of a text; a line end at its end begins no further line. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A whole file. @throws Error that names the file and says why it cannot be read */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The error of a file that cannot be read, which names it and says why. */
export function unreadable(path: string, error: unknown): Error {
  return new Error(`Cannot read ${path}: ${reasonOf(error as NodeJS.ErrnoException)}.`, { cause: error });
}

/** Why a file cannot be read, the rest of a sentence without its full stop. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'ELOOP':
      return 'it is a link that leads back to itself';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    default:
      return message;
  }
}

function unpack(path: string, bytes: Buffer): Promise<Buffer> {
  return promisify(gunzip)(bytes).catch((reason: unknown) => {
    throw new Error(`${path} is not a whole gzip file: ${(reason as Error).message}.`, { cause: reason });
  });
}
