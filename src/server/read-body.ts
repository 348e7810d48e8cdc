import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AttendError } from '../contract/attend-error.ts';
import { withoutMark } from '../files/read-file.ts';
import { cancelled } from '../service/describe-failure.ts';

/**
 * The body of a request.
 * @param advice what to do where it is too large
 * @throws AttendError `too-large` as soon as that is certain: by the announced length, or while it arrives
 */
export async function readBody(request: IncomingMessage, limit: number, advice: string): Promise<Buffer> {
  const tooLarge = (): AttendError =>
    new AttendError('too-large', `This is larger than ${Math.floor(limit / 1e6)} MB. ${advice}`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof AttendError ? error : cancelled();
  }
  return Buffer.concat(chunks, length);
}

/** The body as JSON; nothing is an empty object. @throws AttendError `bad-request` */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const bytes = await readBody(request, limit, 'Send less at a time.');
  if (!isUtf8(bytes)) throw new AttendError('bad-request', 'The request is no text in UTF-8.');
  const text = withoutMark(bytes.toString('utf8'));
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AttendError('bad-request', 'The request is not JSON.');
  }
}
