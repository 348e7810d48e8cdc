import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { AttendError } from '../contract/attend-error.ts';
import { PIECE } from '../contract/constants/published-files.ts';
import { EVENTS, type EventName } from '../contract/events.ts';
import { isRequestName, REQUESTS } from '../contract/requests.ts';
import type { AttendService } from '../service/attend-service.ts';
import { dispatch } from '../service/dispatch.ts';
import {
  CONTENT_SECURITY_POLICY,
  DOWNLOAD_POLICY,
  parseDownloadPath,
  parseMapPath,
  parsePicturePath,
  resolvePageFile,
} from './page-files.ts';
import { isFailed } from '../captioning/result.ts';
import { toAttendError } from '../service/describe-failure.ts';
import { Guard } from './guard.ts';
import { SAFE_HEADERS, send, sendFailure, sendJson } from './http-answers.ts';
import { CaptionQuery, openApi, TranslateBody } from './openapi.ts';
import { readBody, readJson } from './read-body.ts';
import { sendDoor } from './door-page.ts';

export interface ServerOptions {
  service: AttendService;
  /** 0 takes a free one. */
  port: number;
  /** The folder of the built pages. */
  pages: string;
  /** The most bytes of a photo. */
  uploadLimit: number;
  /** Default: a new one. */
  token?: string;
}

/** A server that runs. */
export interface AttendServer {
  readonly port: number;
  readonly token: string;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** To be opened in a browser: it carries the token, which becomes a cookie. */
  readonly address: string;
  /** An address that opens the page once, within a minute: what is handed to other programs can be read by others. */
  addressToHandOver(): string;
  close(): Promise<void>;
}

/** The most bytes of a request that is no photo. */
const JSON_LIMIT = 8_000_000;
/** What is sent as a photo, where it is too large. */
const PHOTO = 'Send a smaller photo.';
/** A comment now and then keeps a quiet stream of events from being taken for dead. */
const HEARTBEAT = 20_000;
/** Whoever sends something too large may finish for so long. */
const DRAIN = 10_000;

/** Whoever begins a request must go on with it; on this machine a photo takes a second. In milliseconds. */
const TIME_LIMITS = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 5000 };

/** Starts the loopback server: the pages, the API behind them, and `/v1` for scripts. */
export async function startServer(options: ServerOptions): Promise<AttendServer> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  let port = options.port;
  const guard = new Guard(token, () => port);
  const site = new Site(options, guard);
  const server = createServer(TIME_LIMITS, (request, response) => void site.answer(request, response));
  await listen(server, port);
  ({ port } = server.address() as AddressInfo);
  const origin = `http://127.0.0.1:${port}`;
  return {
    port,
    token,
    origin,
    address: `${origin}/?token=${token}`,
    addressToHandOver: () => `${origin}/?ticket=${guard.ticket()}`,
    close: () =>
      new Promise((resolve) => {
        site.end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? 'another program uses it. Choose another one; 0 takes a free one.'
          : error.code === 'EACCES'
            ? 'permission denied. Choose one above 1023.'
            : `${error.message}.`;
      reject(new Error(`cannot listen on port ${port}: ${reason}`, { cause: error }));
    });
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
}

/** A request on its way to an answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

class Site {
  readonly #options: ServerOptions;
  readonly #guard: Guard;
  readonly #streams = new Set<ServerResponse>();

  constructor(options: ServerOptions, guard: Guard) {
    this.#options = options;
    this.#guard = guard;
  }

  /** Ends the streams, so that the server can close. */
  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    response.on('close', () => controller.abort());
    let isFromHere = false;
    try {
      this.#guard.checkSource(request);
      isFromHere = true;
      await this.#route({ request, response, url: addressOf(request), signal: controller.signal });
    } catch (error) {
      const failure = toAttendError(error);
      if (failure.code === 'internal' && process.env['ATTEND_DEBUG']) console.error(error);
      // A sender that is cut off before it has sent everything would not hear the answer.
      if (!request.complete) drain(request);
      const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
      if (isPage && ['unauthorized', 'forbidden'].includes(failure.code)) {
        const reason = !isFromHere ? 'elsewhere' : failure.code === 'unauthorized' ? 'unknown' : 'wrong';
        sendDoor(response, reason, request.headers['accept-language']);
      } else sendFailure(response, failure.toJSON());
    }
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, response, url } = exchange;
    const { pathname } = url;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && pathname === '/' && (url.searchParams.has('token') || url.searchParams.has('ticket'))) {
      this.#welcome(exchange);
      return;
    }
    this.#guard.checkToken(request);
    if (isRead) {
      const picture = parsePicturePath(pathname);
      const map = parseMapPath(pathname);
      const download = parseDownloadPath(pathname);
      if (picture) await this.#sendPicture(exchange, picture);
      else if (map)
        send(response, 200, 'image/png', Buffer.from(await this.#options.service.draw(map, exchange.signal)));
      else if (download !== undefined) await this.#sendDownload(exchange, download);
      else if (pathname === '/events') this.#sendEvents(exchange);
      else if (pathname === '/openapi.json') sendJson(response, 200, openApi(this.#origin(request)));
      else if (takesPost(pathname)) refuseMethod(exchange, 'POST');
      else await this.#sendPage(exchange);
      return;
    }
    if (request.method !== 'POST') {
      refuseMethod(exchange, takesPost(pathname) ? 'POST' : 'GET, HEAD, POST');
    }
    if (pathname === '/v1/caption') await this.#caption(exchange);
    else if (pathname === '/v1/translate') await this.#translate(exchange);
    else if (pathname.startsWith('/api/')) await this.#ask(exchange, pathname.slice('/api/'.length));
    else throw new AttendError('not-found', `There is no ${pathname}.`);
  }

  /** The token becomes a cookie, and the address one without it: nothing to read in a history or over a shoulder. */
  #welcome({ response, url }: Exchange): void {
    const ticket = url.searchParams.get('ticket');
    if (ticket === null && !this.#guard.isToken(url.searchParams.get('token') ?? '')) {
      throw new AttendError('forbidden', 'The token is wrong. Open the address that Attend printed.');
    }
    if (ticket !== null && !this.#guard.takeTicket(ticket)) {
      throw new AttendError('forbidden', 'This address opens once. Open the one that Attend printed.');
    }
    response.writeHead(303, { ...SAFE_HEADERS, location: '/', 'set-cookie': this.#guard.cookie });
    response.end();
  }

  async #sendPage({ response, url }: Exchange): Promise<void> {
    const file = resolvePageFile(this.#options.pages, url.pathname === '/' ? '/index.html' : url.pathname);
    const bytes = file && (await readFile(file.path).catch(() => undefined));
    if (!file || !bytes) {
      if (url.pathname === '/') {
        throw new AttendError('internal', 'The pages are not built. Run "npm run build" in the clone.');
      }
      throw new AttendError('not-found', `There is no ${url.pathname}.`);
    }
    // Files that the build names by their content never change.
    const isFixed = /-[\w-]{8}\.\w+$/.test(url.pathname);
    const headers: Record<string, string> = { 'content-security-policy': CONTENT_SECURITY_POLICY };
    // Whoever comes now and then stays known.
    if (url.pathname === '/') headers['set-cookie'] = this.#guard.cookie;
    if (isFixed) headers['cache-control'] = 'private, max-age=31536000, immutable';
    send(response, 200, file.contentType, bytes, headers);
  }

  async #sendPicture(
    { response, signal }: Exchange,
    { id, kind }: { id: string; kind: 'thumbnail' | 'picture' },
  ): Promise<void> {
    const { bytes, contentType } = await this.#options.service.picture(id, kind, signal);
    // The address names the photo's version.
    send(response, 200, contentType, bytes, { 'cache-control': 'private, max-age=86400' });
  }

  async #sendDownload({ request, response }: Exchange, id: string): Promise<void> {
    const download = await this.#options.service.downloads.get(id);
    const { bytes, contentType, name } = download;
    const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
    response.writeHead(200, {
      ...SAFE_HEADERS,
      'content-type': contentType,
      'content-length': bytes,
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      'content-security-policy': DOWNLOAD_POLICY,
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(download.open(), response).catch(() => response.destroy());
  }

  #sendEvents({ response, signal }: Exchange): void {
    response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.write(': Attend\n\n');
    const { events } = this.#options.service;
    const names = Object.keys(EVENTS) as EventName[];
    const ends = names.map((name) =>
      events.subscribe(name, (event) => response.write(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`)),
    );
    const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT).unref();
    this.#streams.add(response);
    signal.addEventListener('abort', () => {
      clearInterval(heartbeat);
      this.#streams.delete(response);
      for (const end of ends) end();
    });
  }

  /** `POST /api/NAME`: a request of the contract. */
  async #ask({ request, response, signal, url }: Exchange, name: string): Promise<void> {
    if (isRequestName(name) && 'electronOnly' in REQUESTS[name]) {
      throw new AttendError('not-here', 'Only Attend’s own window can do this.');
    }
    const { service, uploadLimit } = this.#options;
    const query = queryOf(url);
    const input =
      name === 'photos.upload'
        ? { name: '', ...query, bytes: await readBody(request, uploadLimit, PHOTO) }
        : name === 'models.upload'
          ? {
              ...query,
              at: /^\d+$/.test(query['at'] ?? '') ? Number(query['at']) : query['at'],
              bytes: await readBody(request, PIECE, 'Send smaller pieces.'),
            }
          : await readJson(request, JSON_LIMIT);
    const [inAddress] = Object.keys(query);
    if (inAddress !== undefined && !name.endsWith('.upload')) {
      throw new AttendError(
        'bad-request',
        `${name} takes nothing in its address, and no "${inAddress}" there. Send JSON.`,
      );
    }
    if (!(request.headers.accept ?? '').includes('application/x-ndjson')) {
      sendJson(response, 200, await dispatch(service.handlers, name, input, { signal }));
      return;
    }
    // What is wrong before anything was told has a status; later, the last line tells.
    const line = (value: unknown): void => {
      if (!response.headersSent) response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'application/x-ndjson' });
      response.write(`${JSON.stringify(value)}\n`);
    };
    try {
      const output = await dispatch(service.handlers, name, input, {
        signal,
        report: (progress) => line({ progress }),
      });
      line({ output });
    } catch (error) {
      if (!response.headersSent) throw error;
      line({ error: toAttendError(error).toJSON() });
    }
    response.end();
  }

  /** `POST /v1/caption`. */
  async #caption({ request, response, signal, url }: Exchange): Promise<void> {
    const query = CaptionQuery.safeParse(queryOf(url));
    if (!query.success) throw badRequest(query.error.issues);
    const { name, ...options } = query.data;
    const bytes = await readBody(request, this.#options.uploadLimit, PHOTO);
    const result = await this.#options.service.photoJson({ name, bytes }, options, signal);
    if (isFailed(result)) throw new AttendError('unreadable', result.error);
    sendJson(response, 200, result);
  }

  /** `POST /v1/translate`. */
  async #translate({ request, response, signal }: Exchange): Promise<void> {
    const body = TranslateBody.safeParse(await readJson(request, JSON_LIMIT));
    if (!body.success) throw badRequest(body.error.issues);
    sendJson(response, 200, await dispatch(this.#options.service.handlers, 'translate.run', body.data, { signal }));
  }

  #origin({ headers }: IncomingMessage): string {
    return `http://${headers.host ?? ''}`;
  }
}

/** @throws AttendError `wrong-method` */
function refuseMethod({ request, response, url }: Exchange, allowed: string): never {
  response.setHeader('allow', allowed);
  throw new AttendError('wrong-method', `${url.pathname} does not take ${request.method}, but ${allowed}.`);
}

function takesPost(pathname: string): boolean {
  return ['/v1/caption', '/v1/translate'].includes(pathname) || isRequestName(pathname.replace('/api/', ''));
}

/** What stands behind the "?" of an address. @throws AttendError `bad-request` where something is said twice */
function queryOf({ searchParams }: URL): Record<string, string> {
  const names = [...searchParams.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new AttendError('bad-request', `${twice} is given twice.`);
  return Object.fromEntries(searchParams);
}

/** @throws AttendError `bad-request` for what is no path, as "//" */
function addressOf({ url = '/' }: IncomingMessage): URL {
  if (!URL.canParse(url, 'http://127.0.0.1')) throw new AttendError('bad-request', 'This is no proper address.');
  return new URL(url, 'http://127.0.0.1');
}

/** Reads what still comes of a body, for a while. */
function drain(request: IncomingMessage): void {
  const patience = setTimeout(() => request.destroy(), DRAIN).unref();
  request.on('close', () => clearTimeout(patience));
  request.resume();
}

function badRequest(issues: readonly { path: PropertyKey[]; message: string }[]): AttendError {
  const [first] = issues;
  const place = first?.path.map(String).join('.') ?? '';
  return new AttendError('bad-request', `${place === '' ? '' : `${place}: `}${first?.message ?? ''}.`);
}
