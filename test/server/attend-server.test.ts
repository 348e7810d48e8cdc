import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/client/http-client.ts';
import { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { REQUESTS } from '../../src/contract/requests.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { useTestBackend } from '../support/backend.ts';
import { describeDoor } from '../support/door-flows.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

const LIMIT = 100_000;
let place: TinyPlace;
let service: AttendService;
let server: AttendServer;

beforeAll(async () => {
  place = await tinyPlace();
  service = await place.open({ uploadLimit: LIMIT, samples: place.folder });
  const pages = join(place.folder, 'pages');
  await mkdir(pages);
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Attend</title>');
  await writeFile(join(place.folder, 'secret.json'), '{}');
  server = await startServer({ service, port: 0, pages, uploadLimit: LIMIT });
});
afterAll(async () => {
  await server.close();
  await service.close();
  await place.remove();
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A request with exactly these headers: `fetch` would neither send a foreign host nor a path with dots. */
function send(
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const bearer = (): Record<string, string> => ({ authorization: `Bearer ${server.token}` });
const cookie = (): Record<string, string> => ({ cookie: `attend-${server.port}=${server.token}` });
const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { error: { code: string } }).error.code;

describe('who may ask', () => {
  it.each<[string, () => Record<string, string>, number]>([
    ['nobody in particular', () => ({}), 401],
    ['a wrong token', () => ({ authorization: 'Bearer wrong' }), 403],
    ['another kind of authorization', () => ({ authorization: `Basic ${server.token}` }), 401],
    ['a wrong cookie', () => ({ cookie: `attend-${server.port}=wrong` }), 403],
    ['the cookie of another port', () => ({ cookie: `attend-1=${server.token}` }), 401],
    ['the token', bearer, 200],
    ['the cookie', cookie, 200],
    ['the cookie among others', () => ({ cookie: `a=b; attend-${server.port}=${server.token}; c=d` }), 200],
    ['another host name', () => ({ ...bearer(), host: 'attend.example:80' }), 403],
    ['a name that only looks like this one', () => ({ ...bearer(), host: `127.0.0.1.example:${server.port}` }), 403],
    ['another port', () => ({ ...bearer(), host: '127.0.0.1:1' }), 403],
    ['the local name', () => ({ ...bearer(), host: `localhost:${server.port}` }), 200],
    ['a page of another site', () => ({ ...cookie(), origin: 'https://example.com' }), 403],
    ['a page of another port', () => ({ ...cookie(), origin: 'http://127.0.0.1:1' }), 403],
    ['a sandboxed page', () => ({ ...cookie(), origin: 'null' }), 403],
    ['this page', () => ({ ...cookie(), origin: `http://127.0.0.1:${server.port}` }), 200],
    [
      'a fetch of another site',
      () => ({ ...cookie(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }),
      403,
    ],
    ['another port of this machine', () => ({ ...cookie(), 'sec-fetch-site': 'same-site' }), 403],
  ])('answers %s', async (_, headers, status) => {
    for (const path of ['/openapi.json', '/']) expect((await send(path, { headers: headers() })).status).toBe(status);
    const asked = await send('/api/app.info', { method: 'POST', headers: headers(), body: '{}' });
    expect(asked.status).toBe(status);
  });

  it('turns the token in the address into a cookie that scripts and other sites cannot use', async () => {
    expect(server.address).toBe(`http://127.0.0.1:${server.port}/?token=${server.token}`);
    const answer = await send(`/?token=${server.token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/');
    expect(answer.headers['set-cookie']?.[0]).toBe(
      `attend-${server.port}=${server.token}; Path=/; HttpOnly; SameSite=Strict`,
    );
  });

  it.each(['/?token=wrong', '/?token=', '/openapi.json?token='])('does not take %s', async (path) => {
    const own = path.endsWith('json?token=') ? `${path}${server.token}` : path;
    expect([401, 403]).toContain((await send(own)).status);
  });

  it('says on every answer what browsers must not do', async () => {
    for (const headers of [bearer(), {}]) {
      const answer = await send('/', { headers });
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const page = await send('/', { headers: bearer() });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('tells a person who has no token what to do', async () => {
    const answer = await send('/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('Open the address that Attend printed');
  });
});

describe('what is served', () => {
  it.each([
    ['/../secret.json', 404],
    ['//', 400],
    ['/..%2fsecret.json', 404],
    ['/%2e%2e/secret.json', 404],
    ['/..%5csecret.json', 404],
    ['/index.html%00.png', 404],
    ['//etc/passwd', 404],
    ['/photos/../../secret.json/picture', 404],
    ['/photos/..%2f..%2fsecret/thumbnail', 404],
    ['/photos/nothere/thumbnail', 404],
    ['/downloads/..%2f..%2fsecret.json', 404],
    ['/downloads/nothere', 404],
    ['/index.html', 200],
  ])('%s: %i', async (path, status) => {
    expect((await send(path, { headers: bearer() })).status).toBe(status);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('does not know %s', async (method) => {
    expect((await send('/', { method, headers: bearer() })).status).toBe(405);
  });

  it('answers HEAD without a body', async () => {
    const answer = await send('/', { method: 'HEAD', headers: bearer() });
    expect([answer.status, answer.body]).toEqual([200, '']);
  });
});

describe('what is sent', () => {
  it('captions a photo exactly as the command line does', async () => {
    const bytes = await readFile(place.photos[0]!);
    const answer = await send('/v1/caption?alternatives=1&name=dog.png', {
      method: 'POST',
      headers: bearer(),
      body: bytes,
    });
    expect(answer.status).toBe(200);
    const { milliseconds: _, ...result } = CaptionedPhoto.strict().parse(JSON.parse(answer.body));
    const model = await loadCaptioner(join(place.folder, 'captioner-tiny'));
    for await (const own of captionPhotos(model, [{ name: 'dog.png', bytes }], { alternatives: 1 })) {
      expect(own).toMatchObject(result);
      expect(Object.keys(JSON.parse(answer.body))).toEqual(Object.keys(own));
    }
    model.dispose();
    const full = await send('/v1/caption?alternatives=1&alternativesWithMaps=true', {
      method: 'POST',
      headers: bearer(),
      body: bytes,
    });
    const [other] = CaptionedPhoto.parse(JSON.parse(full.body)).alternatives;
    expect(other?.words?.[0]?.weights).toHaveLength(9);
    // Whoever sends a photo to be captioned does not want it in the library.
    expect(service.library.list()).toEqual([]);
  });

  it.each<[string, string, string | Buffer, number, string]>([
    ['what is no photo', '/v1/caption', '{"not": "a photo"}', 415, 'unsupported'],
    ['nothing', '/v1/caption', '', 422, 'empty'],
    ['half a photo', '/v1/caption', Buffer.from('ffd8ffe000104a46', 'hex'), 422, 'truncated'],
    ['too much', '/v1/caption', Buffer.alloc(LIMIT + 1), 413, 'too-large'],
    ['too much to add', '/api/photos.upload?name=a.png', Buffer.alloc(LIMIT + 1), 413, 'too-large'],
    ['an unknown beginning', '/v1/caption?start=zebra', 'PHOTO', 422, 'unknown-words'],
    ['a beam of none', '/v1/caption?beam=0', 'PHOTO', 400, 'bad-request'],
    ['a beam of words', '/v1/caption?beam=wide', 'PHOTO', 400, 'bad-request'],
    ['what is no JSON', '/api/app.info', '{', 400, 'bad-request'],
    ['a text where there is no translator', '/v1/translate', '{"text":"a dog","to":"de"}', 503, 'no-translator'],
    ['a text without a language', '/v1/translate', '{"text":"a dog"}', 400, 'bad-request'],
    ['a path of this machine', '/api/photos.open', '{"paths":["/etc/hostname"]}', 403, 'not-here'],
    [
      'an export to a folder',
      '/api/export.run',
      '{"photoIds":["a"],"formats":["txt"],"existing":"skip","target":{"kind":"folder","path":"/tmp"}}',
      403,
      'not-here',
    ],
    ['an unknown request', '/api/nothing', '{}', 404, 'unknown-request'],
    ['an unknown address', '/v1/nothing', '{}', 404, 'not-found'],
  ])('refuses %s', async (_, path, body, status, code) => {
    const bytes = body === 'PHOTO' ? await readFile(place.photos[0]!) : body;
    const answer = await send(path, { method: 'POST', headers: bearer(), body: bytes });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it('refuses too much that comes without saying so', async () => {
    const headers = { ...bearer(), 'transfer-encoding': 'chunked' };
    const answer = await send('/v1/caption', { method: 'POST', headers, body: Buffer.alloc(3 * LIMIT) });
    expect([answer.status, codeOf(answer)]).toEqual([413, 'too-large']);
  });
});

describe('the description', () => {
  it('has every request that the server answers, with its schemas', async () => {
    const { openapi, paths, servers } = JSON.parse((await send('/openapi.json', { headers: bearer() })).body);
    expect(openapi).toBe('3.1.0');
    expect(servers[0].url).toBe(server.origin);
    const wanted = Object.entries(REQUESTS).flatMap(([name, spec]) => ('electronOnly' in spec ? [] : [`/api/${name}`]));
    expect(Object.keys(paths).sort()).toEqual(['/events', '/v1/caption', '/v1/translate', ...wanted].sort());
    const { schema } = paths['/v1/caption'].post.responses[200].content['application/json'];
    expect(schema.required).toContain('caption');
    expect(paths['/v1/caption'].post.responses).toHaveProperty('413');
  });
});

it('says why it cannot have a port', async () => {
  const again = startServer({ service, port: server.port, pages: place.folder, uploadLimit: LIMIT });
  await expect(again).rejects.toThrow(/cannot listen on port \d+: another program uses it/);
});

describeDoor('the browser', () => ({
  place,
  client: new HttpClient({ download: () => undefined, copyText: async () => undefined }, server.origin, bearer()),
  async fetch(address) {
    const response = await fetch(`${server.origin}${address}`, { headers: bearer() });
    return { type: response.headers.get('content-type'), bytes: new Uint8Array(await response.arrayBuffer()) };
  },
}));
