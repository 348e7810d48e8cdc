import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { ENDLESS_DRAWINGS } from '../photos/hostile-photos.ts';

/** A server that is tried. */
interface Tried {
  readonly origin: string;
  readonly token: string;
  /** The most bytes of a photo. */
  readonly uploadLimit: number;
}

/** What was tried, and what was wrong with the answer; nothing where it was right. */
export interface Probe {
  readonly name: string;
  readonly wrong: string | undefined;
}

interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Ways out of the folder of pages, and into folders that no page is in. */
const TRAVERSALS = [
  ...['..', '%2e%2e', '.%2e', '%252e%252e', '..;', '....//..'].flatMap((up) => [
    `/${up}/package.json`,
    `/assets/${up}/${up}/package.json`,
    `/${up}/${up}/${up}/${up}/etc/passwd`,
  ]),
  '/..%5c..%5cpackage.json',
  '/assets/..%2f..%2fpackage.json',
  '/%00/etc/passwd',
  '/index.html%00.js',
  '/photos/..%2f..%2fsettings/thumbnail',
  '/downloads/..%2fsession%2flibrary.jsonl',
  '//etc/passwd',
  '/\\..\\..\\package.json',
  '/file:///etc/passwd',
];

/** What pages of other sites can make a browser send: with the cookie, and with what the browser says of them. */
const OTHER_SITES: Record<string, Record<string, string>> = {
  'a form of another site': {
    origin: 'https://example.com',
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  },
  'a form of a site that hides its name': { origin: 'null', 'content-type': 'text/plain' },
  'a form of another port': { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
  'a script of another site': {
    origin: 'https://example.com',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'no-cors',
  },
  'another name for this computer': { host: 'rebound.example:80' },
};

/**
 * Tries a server as a stranger on this computer, or a page of another site, would.
 * @param slowSeconds how long to wait for the end of a request that never comes; 0: not at all
 */
export async function probeServer(server: Tried, slowSeconds = 0): Promise<Probe[]> {
  const { token, uploadLimit } = server;
  const bearer = { authorization: `Bearer ${token}` };
  const cookie = { cookie: `attend-${new URL(server.origin).port}=${token}` };
  const wrongToken = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
  const probes: Probe[] = [];
  const expect = async (name: string, sent: Sent, ...wanted: number[]): Promise<void> => {
    const { body, status } = await send(server, sent);
    const isTold = status < 400 || !/\n\s+at |node:internal/.test(body);
    const isRight = wanted.includes(status) && isTold;
    probes.push({ name, wrong: isRight ? undefined : `${status} ${body.slice(0, 80)}` });
  };

  for (const path of TRAVERSALS) await expect(`the address ${path}`, { path, headers: bearer }, 400, 404);
  for (const [name, headers] of Object.entries(OTHER_SITES)) {
    const sent = { method: 'POST', headers: { ...cookie, ...headers }, body: '{}' };
    await expect(`${name}, in the API`, { ...sent, path: '/api/photos.list' }, 403);
    await expect(`${name}, for a caption`, { ...sent, path: '/v1/caption' }, 403);
  }
  const list = { method: 'POST', path: '/api/photos.list', body: '{}' };
  await expect('no token', list, 401);
  await expect(
    'a wrong token of the right length',
    { ...list, headers: { authorization: `Bearer ${wrongToken}` } },
    403,
  );
  await expect('a wrong token in the address', { path: `/?token=${wrongToken}` }, 403);
  await expect('a method that nobody knows', { method: 'DELETE', path: '/', headers: bearer }, 405);

  const caption = { method: 'POST', path: '/v1/caption', headers: bearer };
  await expect('a body that is too large', { ...caption, body: Buffer.alloc(uploadLimit + 1) }, 413);
  const chunked = { ...bearer, 'transfer-encoding': 'chunked' };
  await expect(
    'the same without saying so',
    { ...caption, headers: chunked, body: Buffer.alloc(uploadLimit + 1) },
    413,
  );
  await expect('JSON of nine megabytes', { ...list, headers: bearer, body: `"${'a'.repeat(9e6)}"` }, 413);
  await expect('JSON in 100,000 brackets', { ...list, headers: bearer, body: '['.repeat(100_000) }, 400);
  const endless = Buffer.from(ENDLESS_DRAWINGS['nested masks']);
  await expect('a drawing that never ends', { ...caption, body: endless }, 413, 422);
  await expect('the same once more', { ...caption, body: endless }, 413, 422);
  await expect('what is no photo', { ...caption, body: 'no photo' }, 415);

  if (slowSeconds > 0) {
    const head = `POST /v1/caption HTTP/1.1\r\nhost: ${new URL(server.origin).host}\r\n`;
    const slow: [string, string][] = [
      ['headers that never end', `${head}x: `],
      ['a body that never ends', `${head}authorization: Bearer ${token}\r\ncontent-length: 1000\r\n\r\n`],
    ];
    const ends = slow.map(async ([name, begun]) => {
      const isEnded = await endsWithin(server, begun, slowSeconds);
      return { name, wrong: isEnded ? undefined : `still waited for after ${slowSeconds} seconds` };
    });
    probes.push(...(await Promise.all(ends)));
  }
  await expect('the page, after all that', { path: '/openapi.json', headers: bearer }, 200);
  return probes;
}

/** Exactly what is given: `fetch` would tidy up paths and headers. */
function send(
  { origin }: Tried,
  { body, headers = {}, method = 'GET', path }: Sent,
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const sent = httpRequest({ host: hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', (error) => resolve({ status: 0, body: error.message }));
    sent.end(body);
  });
}

/** Whether the server ends a connection on which a byte comes each second, and never the last one. */
function endsWithin({ origin }: Tried, begun: string, seconds: number): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(begun));
    const drip = setInterval(() => socket.write('a'), 1000);
    const end = (isEnded: boolean): void => {
      clearInterval(drip);
      clearTimeout(late);
      socket.destroy();
      resolve(isEnded);
    };
    const late = setTimeout(() => end(false), seconds * 1000);
    socket.on('error', () => undefined);
    // Whoever is answered "too slow" is let go with it.
    socket.resume().on('close', () => end(true));
  });
}
