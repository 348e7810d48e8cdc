import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/client/attend-client.ts';
import { HttpClient, type Patience } from '../../src/client/http-client.ts';
import type { Batch } from '../../src/contract/data/photos.ts';

const BATCH: Batch = { state: 'running', total: 9, done: 1, failed: 0, secondsLeft: null };
const PHOTO = { id: 'a1', name: 'dog.png', state: 'none' };
/** Nobody waits long here. */
const QUICK: Partial<Patience> = { pause: 10, longestPause: 40, upload: 5_000 };

/** A server that does as it is told, and may go away and come back at the same place. */
class ScriptedServer {
  port = 0;
  /** What `/events` answers, and how often it was asked. */
  events: 'stream' | 'refuse' | 'nothing' = 'stream';
  asked = 0;
  readonly uploads: string[] = [];
  /** Uploads that are cut off before they are answered. */
  cutUploads = 0;
  readonly #streams = new Set<ServerResponse>();
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  tell(batch: Batch): void {
    for (const stream of this.#streams) stream.write(`event: batch\ndata: ${JSON.stringify(batch)}\n\n`);
  }

  /** Ends the streams properly, or breaks them off. */
  drop(how: 'end' | 'destroy'): void {
    for (const stream of this.#streams) stream[how]();
    this.#streams.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    for await (const _ of request);
    if (pathname === '/api/photos.upload') {
      if (this.cutUploads > 0) {
        this.cutUploads--;
        response.destroy();
        return;
      }
      this.uploads.push(searchParams.get('name') ?? '');
      response.writeHead(200).end(JSON.stringify(PHOTO));
      return;
    }
    this.asked++;
    if (this.events === 'refuse') {
      const error = { code: 'forbidden', message: 'The token is wrong.' };
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      return;
    }
    if (this.events === 'nothing') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }
}

describe('the stream of events', () => {
  let server: ScriptedServer;
  let client: HttpClient;
  let connections: Connection[];
  let batches: number[];
  let ends: (() => void)[];

  beforeEach(async () => {
    server = new ScriptedServer();
    await server.start();
    [connections, batches, ends] = [[], [], []];
    return async () => {
      for (const end of ends) end();
      await server.stop();
    };
  });
  afterEach(() => {
    expect(batches).toEqual([...batches].sort((a, b) => a - b));
  });

  function listen(patience: Partial<Patience> = {}): void {
    const tools = { download: () => undefined, copyText: () => Promise.resolve() };
    client = new HttpClient(tools, `http://127.0.0.1:${server.port}`, {}, { ...QUICK, ...patience });
    ends.push(
      client.onConnection((connection) => connections.push(connection)),
      client.subscribe('batch', ({ done }) => batches.push(done)),
    );
  }

  it('says when it is there, and tells what happens', async () => {
    listen();
    await expect.poll(() => connections).toEqual(['connected']);
    server.tell(BATCH);
    await expect.poll(() => batches).toEqual([1]);
  });

  it.each(['end', 'destroy'] as const)(
    'is asked for again where it breaks (%s), which is a new beginning',
    async (how) => {
      listen();
      await expect.poll(() => connections).toEqual(['connected']);
      server.drop(how);
      await expect.poll(() => connections).toEqual(['connected', 'connected']);
      server.tell({ ...BATCH, done: 2 });
      await expect.poll(() => batches).toEqual([2]);
    },
  );

  it('waits for a server that is gone, longer each time, and says so once', async () => {
    listen();
    await expect.poll(() => connections).toEqual(['connected']);
    await server.stop();
    await expect.poll(() => connections).toEqual(['connected', 'lost']);
    // Some more tries that are not worth a word.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(connections).toEqual(['connected', 'lost']);
    await server.start();
    await expect.poll(() => connections).toEqual(['connected', 'lost', 'connected']);
    server.tell({ ...BATCH, done: 3 });
    await expect.poll(() => batches).toEqual([3]);
  });

  it('asks less and less often, but never gives up', async () => {
    server.events = 'refuse';
    listen({ pause: 50, longestPause: 400 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // 0, 50, 150, 350, 750 ms and so on; a busy machine asks less often.
    expect(server.asked).toBeLessThanOrEqual(6);
    server.events = 'stream';
    await expect.poll(() => connections).toEqual(['refused', 'connected']);
  });

  it('tells a server that does not know the page from none', async () => {
    listen();
    await expect.poll(() => connections).toEqual(['connected']);
    await server.stop();
    await expect.poll(() => connections.at(-1)).toBe('lost');
    // Started anew, with a token of its own.
    server.events = 'refuse';
    await server.start();
    await expect.poll(() => connections).toEqual(['connected', 'lost', 'refused']);
    // The new address was opened meanwhile: the page has the new cookie, too.
    server.events = 'stream';
    await expect.poll(() => connections).toEqual(['connected', 'lost', 'refused', 'connected']);
  });

  it('does not trust a silence', async () => {
    listen({ silence: 200 });
    await expect.poll(() => connections.length).toBeGreaterThan(1);
    expect(new Set(connections)).toEqual(new Set(['connected']));
    // Nor a server that takes the question and never answers.
    server.events = 'nothing';
    await expect.poll(() => connections.at(-1)).toBe('lost');
  });

  it('goes on where a listener fails', async () => {
    const thrown: unknown[] = [];
    const keep = (error: unknown): void => void thrown.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', keep);
    try {
      listen();
      ends.push(
        client.subscribe('batch', () => {
          throw new Error('a fault of the page');
        }),
      );
      await expect.poll(() => connections).toEqual(['connected']);
      server.tell({ ...BATCH, done: 4 });
      server.tell({ ...BATCH, done: 5 });
      await expect.poll(() => batches).toEqual([4, 5]);
      await expect.poll(() => thrown).toHaveLength(2);
      expect(connections).toEqual(['connected']);
    } finally {
      process.off('uncaughtException', keep);
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  it('ends with the last listener, and begins anew with the next', async () => {
    listen();
    await expect.poll(() => connections).toEqual(['connected']);
    for (const end of ends.splice(0)) end();
    const before = server.asked;
    server.drop('destroy');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.asked).toBe(before);
    listen();
    await expect.poll(() => connections).toEqual(['connected', 'connected']);
  });

  it('loads pictures again that could not be loaded while the server was away', async () => {
    listen();
    await expect.poll(() => connections).toEqual(['connected']);
    const picture = '/photos/a1/thumbnail?v=1';
    expect(client.url(picture)).toBe(`http://127.0.0.1:${server.port}${picture}`);
    server.drop('destroy');
    await expect.poll(() => connections).toHaveLength(2);
    expect(client.url(picture)).toBe(`http://127.0.0.1:${server.port}${picture}&again=1`);
    expect(client.url('/downloads/a1')).toBe(`http://127.0.0.1:${server.port}/downloads/a1`);
  });

  describe('sending photos', () => {
    const files = (...names: string[]): File[] => names.map((name) => new File(['photo'], name));

    it('sends a photo again that was cut off by a server that comes back', async () => {
      listen();
      await expect.poll(() => connections).toEqual(['connected']);
      server.cutUploads = 1;
      const added = client.addFiles(files('a.png', 'b.png'));
      await expect.poll(() => server.cutUploads).toBe(0);
      // It goes, and comes back after a while.
      await server.stop();
      await expect.poll(() => connections.at(-1)).toBe('lost');
      await server.start();
      expect(await added).toMatchObject({ photos: [PHOTO, PHOTO], failed: [] });
      expect(server.uploads).toEqual(['a.png', 'b.png']);
    });

    it('gives up on all of them where the server stays away', async () => {
      listen({ upload: 300 });
      await expect.poll(() => connections).toEqual(['connected']);
      await server.stop();
      const added: string[] = [];
      let uncounted = 3;
      const { failed, photos } = await client.addFiles(files('a.png', 'b.png', 'c.png'), {
        onAdded: ({ name }) => added.push(name),
        onFailed: () => uncounted--,
      });
      expect(uncounted).toBe(0);
      expect([photos, added, failed.map(({ name }) => name)]).toEqual([[], [], ['a.png', 'b.png', 'c.png']]);
      expect(new Set(failed.map(({ message }) => message))).toEqual(
        new Set(['Attend does not answer. Is it still running?']),
      );
    });

    it('stops waiting when it is cancelled', async () => {
      listen();
      await expect.poll(() => connections).toEqual(['connected']);
      await server.stop();
      await expect.poll(() => connections.at(-1)).toBe('lost');
      const controller = new AbortController();
      const adding = client.addFiles(files('a.png'), { signal: controller.signal });
      controller.abort();
      const sooner = Promise.race([adding, new Promise((resolve) => setTimeout(resolve, 4_000, 'too late'))]);
      expect(await sooner).toEqual({ photos: [], failed: [] });
    });
  });
});
