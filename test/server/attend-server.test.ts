import { readFile, writeFile, mkdir } from 'node:fs/promises';
import type * as Http from 'node:http';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/client/http-client.ts';
import { AttendError } from '../../src/contract/attend-error.ts';
import { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { EVENTS } from '../../src/contract/events.ts';
import { REQUESTS } from '../../src/contract/requests.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { useTestBackend } from '../support/backend.ts';
import { ENDLESS_DRAWINGS } from '../photos/hostile-photos.ts';
import { describeDoor } from '../support/door-flows.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

vi.mock('node:http', async (original) => {
  const http = await original<typeof Http>();
  return { ...http, createServer: vi.fn(http.createServer) };
});

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
  await writeFile(join(pages, 'index-1a2B_3c4.js'), '');
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

describe('photos that take for ever', () => {
  it('delay no ordinary one', async () => {
    // A captioner that is loaded: what is read for one beforehand is read beside it.
    const { status } = await send('/v1/caption', {
      method: 'POST',
      headers: bearer(),
      body: await readFile(place.photos[0]!),
    });
    expect(status).toBe(200);
    const gone = new AbortController();
    const answered: string[] = [];
    const post = async (name: string, body: string | Buffer<ArrayBuffer>): Promise<void> => {
      const address = `${server.origin}/v1/caption`;
      const answer = await fetch(address, { method: 'POST', headers: bearer(), body, signal: gone.signal }).catch(
        () => undefined,
      );
      if (answer) answered.push(`${name} ${answer.status}`);
    };
    const endless = Object.values(ENDLESS_DRAWINGS).map((drawing) => post('endless', drawing));
    // They are being read when the others come.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Promise.all([1, 2].map(async (i) => post('photo', await readFile(place.photos[i]!))));
    expect(answered).toEqual(['photo 200', 'photo 200']);
    gone.abort();
    await Promise.all(endless);
    expect(answered).toEqual(['photo 200', 'photo 200']);
  });
});

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
      `attend-${server.port}=${server.token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000`,
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
        'permissions-policy': expect.stringContaining('camera=()'),
      });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const page = await send('/', { headers: bearer() });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('tells a person who has no token what to do', async () => {
    const answer = await send('/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.body).toContain('the whole address');
    expect(answer.body).toContain('attend serve --open');
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(answer.body).not.toContain('Bearer');
    const german = await send('/', { headers: { accept: 'text/html', 'accept-language': 'de-AT,en;q=0.5' } });
    expect(german.body).toContain('<html lang="de">');
    const elsewhere = await send('/', { headers: { accept: 'text/html', host: 'example.com' } });
    expect(elsewhere.body).toContain('127.0.0.1 only');
    const wrong = await send('/', { headers: { accept: 'text/html', authorization: 'Bearer wrong' } });
    expect([wrong.status, wrong.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
  });

  it.each<[string, string, string, Record<string, string>, string]>([
    ['a program without a token', 'GET', '/', {}, 'unauthorized'],
    ['a script of a page without a token', 'POST', '/api/app.info', { accept: 'text/html' }, 'unauthorized'],
    ['a person at an address that there is not', 'GET', '/missing.html', { accept: 'text/html' }, 'not-found'],
  ])('tells %s what is wrong as JSON', async (_, method, path, headers, code) => {
    const known = code === 'unauthorized' ? {} : bearer();
    const answer = await send(path, { method, headers: { ...known, ...headers } });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(codeOf(answer)).toBe(code);
    expect(answer.headers['www-authenticate']).toBe(code === 'unauthorized' ? 'Bearer realm="Attend"' : undefined);
  });

  it.runIf(process.platform === 'linux')('hears this machine alone, and that at one address', async () => {
    // Whoever listens at every address is heard here, too.
    const socket = connect(server.port, '127.0.0.2');
    const outcome = await new Promise((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    socket.destroy();
    expect(outcome).toBe('ECONNREFUSED');
  });

  it('opens once by the address that is handed to the browser, which holds no token', async () => {
    const { pathname, search } = new URL(server.addressToHandOver());
    expect(search).not.toContain(server.token);
    const answer = await send(`${pathname}${search}`);
    expect([answer.status, answer.headers['set-cookie']?.[0]]).toEqual([303, expect.stringContaining(server.token)]);
    expect((await send(`${pathname}${search}`)).status).toBe(403);
  });

  it('hangs up on who begins a request and does not go on', () => {
    const limits = vi.mocked(createServer).mock.calls.map(([options]) => options);
    expect(limits).toContainEqual(expect.objectContaining({ headersTimeout: 10_000, requestTimeout: 60_000 }));
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
    const answer = await send('/', { method, headers: bearer() });
    expect(answer.status).toBe(405);
    expect(JSON.parse(answer.body)).toEqual({
      error: { code: 'wrong-method', message: `/ does not take ${method}, but GET, HEAD, POST.` },
    });
    for (const wrong of [method, 'GET']) {
      const told = await send('/v1/caption', { method: wrong, headers: bearer() });
      expect([told.status, told.headers['allow'], JSON.parse(told.body).error.code]).toEqual([
        405,
        'POST',
        'wrong-method',
      ]);
    }
  });

  it('answers HEAD without a body', async () => {
    const answer = await send('/', { method: 'HEAD', headers: bearer() });
    expect([answer.status, answer.body]).toEqual([200, '']);
  });

  it('lets browsers keep what the build names by its content, and nothing else of the page', async () => {
    const { headers: fixed } = await send('/index-1a2B_3c4.js', { headers: bearer() });
    expect(fixed['cache-control']).toBe('private, max-age=31536000, immutable');
    for (const path of ['/', '/index.html', '/openapi.json']) {
      expect((await send(path, { headers: bearer() })).headers['cache-control']).toBe('no-store');
    }
  });

  it('gives an exported file away to be saved, with no right to run, under a name that is safe in a header', async () => {
    const address = await service.downloads.add('Müll "1"\r\n.html', '<script>alert(1)</script>');
    const answer = await send(address, { headers: bearer() });
    expect(answer.body).toBe('<script>alert(1)</script>');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': `attachment; filename="M_ll _1___.html"; filename*=UTF-8''M%C3%BCll%20%221%22%0D%0A.html`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const head = await send(address, { method: 'HEAD', headers: bearer() });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '25']);
    expect((await send(address)).status).toBe(401);
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
    const seen = await send('/v1/caption?maps=posterior', { method: 'POST', headers: bearer(), body: bytes });
    expect(CaptionedPhoto.parse(JSON.parse(seen.body)).words[0]?.posterior).toHaveLength(9);
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
    ['a wording that there is not', '/v1/caption?wording=bold', 'PHOTO', 400, 'bad-request'],
    ['what it does not know beside a photo', '/v1/caption?lang=de', 'PHOTO', 400, 'bad-request'],
    ['a beam that is given twice', '/v1/caption?beam=1&beam=2', 'PHOTO', 400, 'bad-request'],
    ['what it does not know beside a text', '/v1/translate', '{"text":"a","to":"de","width":1}', 400, 'bad-request'],
    ['a text in Latin-1', '/v1/translate', Buffer.from('{"text":"Café","to":"de"}', 'latin1'), 400, 'bad-request'],
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

  it('says that a number in an address is none', async () => {
    const { body } = await send('/v1/caption?beam=x', { method: 'POST', headers: bearer(), body: '' });
    expect(JSON.parse(body).error.message).toBe('beam: Invalid input: expected a number.');
  });

  it('refuses too much that comes without saying so', async () => {
    const headers = { ...bearer(), 'transfer-encoding': 'chunked' };
    const answer = await send('/v1/caption', { method: 'POST', headers, body: Buffer.alloc(3 * LIMIT) });
    expect([answer.status, codeOf(answer)]).toEqual([413, 'too-large']);
  });

  it('takes as much as it may be, said or not', async () => {
    for (const headers of [bearer(), { ...bearer(), 'transfer-encoding': 'chunked' }]) {
      const answer = await send('/v1/caption', { method: 'POST', headers, body: Buffer.alloc(LIMIT) });
      expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported']);
    }
  });

  it.each(['', ' \n'])('takes %j for a request that needs nothing', async (body) => {
    expect((await send('/api/app.info', { method: 'POST', headers: bearer(), body })).status).toBe(200);
  });
});

describe('an answer in lines', () => {
  const ask = async (answer: (report: (progress: unknown) => void) => unknown): Promise<Answer> => {
    const handler = async (_: unknown, { report }: { report: (progress: unknown) => void }): Promise<unknown> =>
      answer(report);
    const handlers = { ...service.handlers, 'caption.run': handler };
    const other = await startServer({
      service: Object.create(service, { handlers: { value: handlers } }) as AttendService,
      port: 0,
      pages: place.folder,
      uploadLimit: LIMIT,
    });
    const headers = { authorization: `Bearer ${other.token}`, accept: 'application/x-ndjson' };
    const body = '{"photoId":"a"}';
    const given = await fetch(`${other.origin}/api/caption.run`, { method: 'POST', headers, body });
    const text = await given.text();
    await other.close();
    return { status: given.status, headers: Object.fromEntries(given.headers), body: text };
  };
  const fail = (): never => {
    throw new AttendError('truncated', 'Half a photo.');
  };

  it('tells how far it is, and then the output', async () => {
    const answer = await ask((report) => (report('one'), report('two'), { some: 'output' }));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body).toBe('{"progress":"one"}\n{"progress":"two"}\n{"output":{"some":"output"}}\n');
  });

  it('ends with what went wrong where something was told before', async () => {
    const answer = await ask((report) => (report('one'), fail()));
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('{"progress":"one"}\n{"error":{"code":"truncated","message":"Half a photo."}}\n');
  });

  it('has the status of what went wrong where nothing was told before', async () => {
    const answer = await ask(fail);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'truncated']);
  });
});

describe('the stream of events', () => {
  it('is one, and nobody is told any more when whoever listened has gone', async () => {
    const ended = vi.fn();
    const { events } = service;
    const listening = vi.spyOn(events, 'subscribe').mockImplementation(() => ended);
    const controller = new AbortController();
    const stream = await fetch(`${server.origin}/events`, { headers: bearer(), signal: controller.signal });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(listening).toHaveBeenCalledTimes(Object.keys(EVENTS).length);
    expect(ended).not.toHaveBeenCalled();
    controller.abort();
    await expect.poll(() => ended.mock.calls.length).toBe(listening.mock.calls.length);
    listening.mockRestore();
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
    expect(paths['/v1/translate'].post.responses).toHaveProperty('404');
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
