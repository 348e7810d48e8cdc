import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody, readJson } from '../../src/server/read-body.ts';

/** A request that sends some bytes, and notes how many were asked for. */
function request(chunks: readonly string[], announced?: number): { request: IncomingMessage; taken: () => number } {
  let taken = 0;
  function* sent(): Generator<Buffer> {
    for (const chunk of chunks) {
      taken++;
      yield Buffer.from(chunk);
    }
  }
  const headers = announced === undefined ? {} : { 'content-length': String(announced) };
  const stream = Object.assign(Readable.from(sent(), { highWaterMark: 1 }), { headers });
  return { request: stream as unknown as IncomingMessage, taken: () => taken };
}

const LIMIT = 4;

describe('the body of a request', () => {
  it('may be as large as the limit, and no larger', async () => {
    expect(String(await readBody(request(['ab', 'cd']).request, LIMIT, ''))).toBe('abcd');
    expect(String(await readBody(request(['ab', 'cd'], 4).request, LIMIT, ''))).toBe('abcd');
    await expect(readBody(request(['ab', 'cde']).request, LIMIT, '')).rejects.toMatchObject({ code: 'too-large' });
  });

  it('is refused by its announced length before anything of it is read', async () => {
    const { request: large, taken } = request(['ab'], 5);
    await expect(readBody(large, LIMIT, 'Send a smaller one.')).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/Send a smaller one\.$/),
    });
    expect(taken()).toBe(0);
  });

  it('that breaks off is a cancelled request', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('ab');
      throw new Error('aborted');
    }
    const stream = Object.assign(Readable.from(broken()), { headers: {} }) as unknown as IncomingMessage;
    await expect(readBody(stream, LIMIT, '')).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is JSON, or nothing', async () => {
    expect(await readJson(request(['{"a"', ':1}']).request, 100)).toEqual({ a: 1 });
    expect(await readJson(request([' \n']).request, 100)).toEqual({});
    await expect(readJson(request(['{']).request, 100)).rejects.toMatchObject({ code: 'bad-request' });
  });
});
