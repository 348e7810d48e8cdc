import { createReadStream } from 'node:fs';
import type { TextForm } from '../../contract/text-form.ts';
import { unreadable } from '../../files/read-file.ts';

/** Text that comes in, and how it is written down, which is known once the first part is there. */
export interface TextStream {
  readonly form: TextForm;
  readonly parts: AsyncIterable<string>;
}

/**
 * Text from a stream, part by part: UTF-8, or UTF-16 where a byte order mark says so. However long it is, little of it is
 * in memory.
 *
 * @param name what an error calls it
 * @throws Error, from `parts` too, that names it: it cannot be read, or is no such text
 */
export async function decodeStream(bytes: AsyncIterable<Uint8Array>, name: string): Promise<TextStream> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let ended = false;
  // A byte order mark has up to three bytes; a pipe may give them one by one.
  while (head.length < 3 && !ended) {
    const { done, value } = (await iterator.next()) as IteratorResult<Uint8Array, undefined>;
    ended = done === true;
    if (value !== undefined) head = Buffer.concat([head, value]);
  }
  const form = formOf(head);
  const decoder = new TextDecoder(form.encoding, { fatal: true });
  const decode = (part: Uint8Array, stream: boolean): string => {
    let text: string;
    try {
      text = decoder.decode(part, { stream });
    } catch {
      throw new Error(`${name} is no text in UTF-8 or UTF-16. Save it as UTF-8 first.`);
    }
    if (text.includes('\0')) throw new Error(`${name} is no text in UTF-8 or UTF-16. Save it as UTF-8 first.`);
    return text;
  };
  async function* parts(): AsyncGenerator<string> {
    yield decode(head, true);
    while (!ended) {
      const { done, value } = (await iterator.next()) as IteratorResult<Uint8Array, undefined>;
      ended = done === true;
      if (value !== undefined) yield decode(value, true);
    }
    yield decode(new Uint8Array(), false);
  }
  return { form, parts: parts() };
}

/** The text of a file, as `decodeStream` reads it. @throws Error that names the file */
export function readTextStream(path: string): Promise<TextStream> {
  return decodeStream(bytesOf(path), path);
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function formOf([first, second, third]: Uint8Array): TextForm {
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', mark: true };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', mark: true };
  return { encoding: 'utf-8', mark: first === 0xef && second === 0xbb && third === 0xbf };
}
