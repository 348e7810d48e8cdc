import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a test wants to go wrong. */
export interface Trouble {
  /** The next requests of the path are answered with these statuses, one each. */
  statuses?: { path: RegExp; codes: number[]; headers?: Record<string, string> };
  /** The connection is cut after so many bytes of a file, so many times. */
  cut?: { file: string; after: number; times: number };
  /** A file is sent with another byte. */
  damaged?: string;
  /** What is missing of the token is refused. */
  token?: string;
  /** Parts of files are not to be had: always the whole. */
  withoutRanges?: boolean;
  /** What its list of files is like. */
  listing?: (entries: Record<string, unknown>[]) => unknown;
  /** Where its list of files goes on, as often as it is asked for. */
  next?: string;
}

export const STUB_REVISION = '0123456789abcdef0123456789abcdef01234567';

/**
 * The Hub, played on the loopback: its questions about models, and its files, the large ones (kept with Git LFS) on another
 * host that the first one sends to. What it was asked is kept.
 */
export class StubHub {
  readonly trouble: Trouble = {};
  readonly asked: {
    host: 'hub' | 'files';
    path: string;
    range: string | undefined;
    authorization: string | undefined;
  }[] = [];
  readonly #files = new Map<string, Buffer>();
  readonly #name: string;
  #hub!: Server;
  #storage!: Server;

  private constructor(name: string, folder: string) {
    this.#name = name;
    for (const file of readdirSync(folder)) this.#files.set(file, readFileSync(join(folder, file)));
    this.#files.set('tf_model.h5', Buffer.alloc(100));
    this.#files.set(
      'README.md',
      Buffer.from('---\nlicense: cc-by-4.0\n---\n\n# Toy\n\nLimits: it was drawn, and says nothing.\n'),
    );
  }

  /** @param folder whose files are the model's, beside a card */
  static async start(name: string, folder: string): Promise<StubHub> {
    const stub = new StubHub(name, folder);
    stub.#hub = await listen((request, response) => stub.#answer('hub', request, response));
    stub.#storage = await listen((request, response) => stub.#answer('files', request, response));
    return stub;
  }

  get address(): string {
    return addressOf(this.#hub);
  }

  /** Of its other host. */
  get otherAddress(): string {
    return addressOf(this.#storage);
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #answer(host: 'hub' | 'files', request: IncomingMessage, response: ServerResponse): void {
    const { authorization, range } = request.headers;
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    this.asked.push({ host, path, range, authorization });
    const { statuses, token } = this.trouble;
    const code = statuses?.path.test(path) ? statuses.codes.shift() : undefined;
    if (code !== undefined) {
      response.writeHead(code, statuses?.headers).end('trouble');
      return;
    }
    if (host === 'hub' && token !== undefined && authorization !== `Bearer ${token}`) {
      // The Hub says the same of what is private and of what is not there.
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"Invalid username or password."}');
      return;
    }
    const json = (value: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const api = `/api/models/${this.#name}`;
    if (path === `${api}/revision/main` || path === `${api}/revision/${STUB_REVISION}`) {
      json({ _id: '1', id: this.#name, sha: STUB_REVISION, private: false, cardData: { license: 'cc-by-4.0' } });
      return;
    }
    if (path === `${api}/tree/${STUB_REVISION}`) {
      const entries = [...this.#files].map(([file, bytes]) => entryOf(file, bytes));
      const { listing = (all) => all, next } = this.trouble;
      if (next !== undefined) response.setHeader('link', `<${next}>; rel="next"`);
      json(listing(entries));
      return;
    }
    const file = path.split('/').at(-1) ?? '';
    const bytes = this.#files.get(file);
    const isFile =
      path === `/${this.#name}/resolve/${STUB_REVISION}/${file}` || (host === 'files' && path === `/${file}`);
    if (!isFile || !bytes) {
      response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end('{"error":"Repository not found"}');
      return;
    }
    if (host === 'hub' && isLarge(bytes)) {
      response.writeHead(302, { location: `${addressOf(this.#storage)}/${file}?signature=1` }).end();
      return;
    }
    this.#send(file, bytes, range, response);
  }

  #send(file: string, bytes: Buffer, range: string | undefined, response: ServerResponse): void {
    const { cut, damaged, withoutRanges } = this.trouble;
    const from = withoutRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const sent = Buffer.from(bytes.subarray(from));
    if (damaged === file) sent[sent.length - 1]! ^= 1;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': sent.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    if (cut?.file === file && cut.times > 0) {
      cut.times -= 1;
      response.write(sent.subarray(0, cut.after), () => setTimeout(() => response.destroy(), 20));
      return;
    }
    response.end(sent);
  }
}

function isLarge(bytes: Buffer): boolean {
  return bytes.length > 50_000;
}

function entryOf(path: string, bytes: Buffer): Record<string, unknown> {
  const size = bytes.length;
  const blob = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
  if (!isLarge(bytes)) return { type: 'file', path, size, oid: blob };
  const oid = createHash('sha256').update(bytes).digest('hex');
  return { type: 'file', path, size, oid: 'f'.repeat(40), lfs: { oid, size, pointerSize: 130 } };
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
