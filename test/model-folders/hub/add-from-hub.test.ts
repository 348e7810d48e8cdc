import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from '../../../src/model-folders/directory-store.ts';
import { addFromHub, offerFromHub, type HubProgress } from '../../../src/model-folders/hub/add-from-hub.ts';
import { HubConnection } from '../../../src/model-folders/hub/hub-connection.ts';
import { hubReference, isHubName } from '../../../src/model-folders/hub/hub-name.ts';
import type { AddedModel } from '../../../src/model-folders/published/add-model.ts';
import { STUB_REVISION, StubHub } from '../../support/stub-hub.ts';

const PUBLISHED = fileURLToPath(new URL('../../engine/published/fixtures/marian', import.meta.url));
const NAME = 'Toy-NLP/opus-mt-en-xx';

let home: string;
let cache: string;
let before: string | undefined;
let hub: StubHub;
let pauses: number[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'attend-hub-'));
  cache = join(home, 'cache');
  before = process.env['ATTEND_DATA'];
  process.env['ATTEND_DATA'] = join(home, 'data');
  hub = await StubHub.start(NAME, PUBLISHED);
  pauses = [];
});
afterEach(async () => {
  await hub.stop();
  if (before === undefined) delete process.env['ATTEND_DATA'];
  else process.env['ATTEND_DATA'] = before;
  await rm(home, { recursive: true, force: true });
});

function connection(environment: NodeJS.ProcessEnv = {}): HubConnection {
  return new HubConnection({
    environment: { HF_ENDPOINT: hub.address, ...environment },
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    silence: 500,
  });
}

async function add(
  way = connection(),
  options: { signal?: AbortSignal; report?: (progress: HubProgress) => void; revision?: string } = {},
): Promise<AddedModel> {
  const offer = await offerFromHub(way, NAME, { cache, revision: options.revision });
  return addFromHub(way, offer, { cache, ...options });
}

/** What was asked of the file of weights, by the host that gave it. */
function rangesOfWeights(): (string | undefined)[] {
  return hub.asked
    .filter(({ host, path }) => host === 'files' && path === '/model.safetensors')
    .map(({ range }) => range);
}

async function partOfWeights(): Promise<number> {
  const folder = join(cache, 'hub', STUB_REVISION, ...NAME.split('/'));
  return (await readFile(join(folder, 'model.safetensors.part'))).length;
}

describe('a model of the Hub', () => {
  it('is offered with its family, licence, size and commit before its weights are loaded', async () => {
    const offer = await offerFromHub(connection(), NAME, { cache });
    expect(offer).toMatchObject({ name: NAME, revision: STUB_REVISION, licence: 'cc-by-4.0', family: 'MarianMT' });
    const files = offer.files.map(({ file }) => file);
    expect(files).toContain('model.safetensors');
    expect(files).not.toContain('tf_model.h5');
    expect(files).not.toContain('vectors.json');
    expect(offer.bytes).toBe(offer.files.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(rangesOfWeights()).toEqual([]);
    expect(existsSync(process.env['ATTEND_DATA']!)).toBe(false);
  });

  it('is added as float16 with a checksum a file, and with a card that says where it comes from', async () => {
    const reports: HubProgress[] = [];
    const added = await add(connection(), { report: (progress) => reports.push(progress) });
    expect(added).toMatchObject({ name: 'translator-opus-mt-en-xx', kind: 'translator', family: 'MarianMT' });
    const checkpoint = await readCheckpoint(new DirectoryStore(added.folder));
    for (const { sha256 } of checkpoint.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const manifest = await readFile(join(added.folder, 'model.json'), 'utf8');
    expect(manifest).toContain('float16');
    const card = await readFile(join(added.folder, 'README.md'), 'utf8');
    expect(card).toContain(`${NAME}, revision ${STUB_REVISION}`);
    expect(card).toContain('Licence: cc-by-4.0');
    expect(card).toContain('Limits: it was drawn, and says nothing.');
    expect(reports.at(0)!.bytes).toBeGreaterThan(0);
    expect(reports.map(({ bytes }) => bytes)).toEqual(reports.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
    expect(reports.at(-1)).toEqual({ stage: 'convert', bytes: reports[0]!.of, of: reports[0]!.of });
    // What was loaded is not kept twice.
    expect(await readdir(join(cache, 'hub', STUB_REVISION, 'Toy-NLP'))).toEqual([]);
  });

  it('goes on where the connection was cut, in the same run', async () => {
    hub.trouble.cut = { file: 'model.safetensors', after: 30_000, times: 2 };
    await add();
    expect(rangesOfWeights()).toEqual([undefined, 'bytes=30000-', 'bytes=60000-']);
  });

  it('goes on in the next run where it was given up', async () => {
    hub.trouble.cut = { file: 'model.safetensors', after: 0, times: 99 };
    await expect(add()).rejects.toThrow(/was cut while model.safetensors was loaded.*What is there is kept/);
    hub.trouble.cut = { file: 'model.safetensors', after: 40_000, times: 1 };
    const stop = new AbortController();
    const stopping = add(connection(), {
      signal: stop.signal,
      report: ({ bytes, of }) => of - bytes < 300_000 && stop.abort(new Error('stopped')),
    });
    await expect(stopping).rejects.toThrow('stopped');
    const there = await partOfWeights();
    expect(there).toBeGreaterThan(30_000);
    const offer = await offerFromHub(connection(), NAME, { cache });
    expect(offer.loaded).toBeGreaterThan(there);
    delete hub.trouble.cut;
    await add();
    expect(rangesOfWeights().at(-1)).toBe(`bytes=${there}-`);
  });

  it('is not loaded twice at a time', async () => {
    const offer = await offerFromHub(connection(), NAME, { cache });
    const both = [addFromHub(connection(), offer, { cache }), addFromHub(connection(), offer, { cache })];
    const [first, second] = await Promise.allSettled(both);
    expect(first).toMatchObject({ status: 'fulfilled', value: { kind: 'translator' } });
    const message = expect.stringContaining('is being loaded already') as string;
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'bad-request', message } });
    expect((await add()).kind).toBe('translator');
  });

  it('begins again where the Hub gives no parts', async () => {
    hub.trouble.cut = { file: 'model.safetensors', after: 30_000, times: 1 };
    hub.trouble.withoutRanges = true;
    expect((await add()).kind).toBe('translator');
  });

  it.each(['model.safetensors', 'config.json', 'vocab.json'])('does not take a %s with a wrong byte', async (file) => {
    hub.trouble.damaged = file;
    await expect(add()).rejects.toThrow(`${file} of ${NAME} arrived damaged`);
    expect(existsSync(join(process.env['ATTEND_DATA']!, 'models'))).toBe(false);
    delete hub.trouble.damaged;
    expect((await add()).name).toBe('translator-opus-mt-en-xx');
  });

  it('waits as long as a busy Hub asks for, and no longer than a minute', async () => {
    hub.trouble.statuses = { path: /resolve.*vocab/, codes: [429, 503], headers: { 'retry-after': '7' } };
    await add();
    expect(pauses).toEqual([7000, 7000]);
    hub.trouble.statuses = { path: /revision/, codes: [429], headers: { 'retry-after': '3600' } };
    await expect(add()).rejects.toThrow(/is busy and wants to be asked again in 3600 s/);
    hub.trouble.statuses = { path: /revision/, codes: [500, 500, 500, 500, 500] };
    await expect(add()).rejects.toThrow(/answered 500 5 times/);
  });

  it('is not found under another name or revision, in a sentence', async () => {
    const there = connection();
    await expect(offerFromHub(there, 'Toy-NLP/nothing', { cache })).rejects.toThrow(
      /^There is no Toy-NLP\/nothing \(main\) on 127\.0\.0\.1/,
    );
    await expect(add(there, { revision: 'v9' })).rejects.toThrow(/^There is no Toy-NLP\/opus-mt-en-xx \(v9\) on/);
    await expect(offerFromHub(there, 'nothing', { cache })).rejects.toThrow(/has the form owner\/name/);
    const address = `${hub.address}/${NAME}/tree/v9?not-for-all-audiences=true`;
    await expect(offerFromHub(there, address, { cache })).rejects.toThrow(/^There is no Toy-NLP\/opus-mt-en-xx \(v9\)/);
    expect((await add(there, { revision: STUB_REVISION })).kind).toBe('translator');
  });

  it('is opened by the token of HF_TOKEN, which no other host is told', async () => {
    hub.trouble.token = 'hf_secret';
    await expect(add()).rejects.toThrow(
      /does not show .*: there is no such model, or it is private, and HF_TOKEN is not set/,
    );
    await expect(add(connection({ HF_TOKEN: 'hf_wrong' }))).rejects.toThrow(/the token of HF_TOKEN does not open it/);
    hub.asked.length = 0;
    await add(connection({ HF_TOKEN: 'hf_secret' }));
    expect(hub.asked.some(({ host }) => host === 'files')).toBe(true);
    for (const { authorization, host } of hub.asked) {
      expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
    }
  });

  it('has a list that may go on at another host, which is not told the token either', async () => {
    hub.trouble.token = 'hf_secret';
    hub.trouble.listing = (all) => Array.from({ length: 4001 }, () => all[0]);
    hub.trouble.next = `${hub.otherAddress}/api/models/${NAME}/tree/${STUB_REVISION}?cursor=1`;
    await expect(add(connection({ HF_TOKEN: 'hf_secret' }))).rejects.toThrow(/lists more than 20000 files/);
    const others = hub.asked.filter(({ host }) => host === 'files');
    expect(others.length).toBeGreaterThan(1);
    expect(others.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it.each([undefined, null, -1, 1.5, '7', 1e300])('is not loaded where a size is %s', async (size) => {
    hub.trouble.listing = (all) => all.map((entry) => ({ ...entry, lfs: undefined, size }));
    await expect(add()).rejects.toThrow(/^127\.0\.0\.1:\d+ does not say how large \S+ of \S+ is\.$/);
  });

  it.each([
    ['less', -1, /^model\.safetensors of \S+ is longer than 127\.0\.0\.1:\d+ says\.$/],
    ['more', 1, /^127\.0\.0\.1:\d+ has less of model\.safetensors of \S+ than it says/],
  ])('is not added where the file of weights is said to be %s than it is', async (_, more, sentence) => {
    hub.trouble.listing = (all) =>
      all.map(({ lfs, ...entry }) => {
        const large = lfs as { size: number } | undefined;
        return { ...entry, ...(large && { lfs: { ...large, size: large.size + more } }) };
      });
    await expect(add()).rejects.toThrow(sentence);
    expect(existsSync(join(home, 'data', 'models'))).toBe(false);
  });

  it('has nothing written outside its folder, whatever its files are called', async () => {
    const names = ['../config.json', '..\\source.spm', '/etc/vocab.json', 'a/../../target.spm', 'sub/config.json'];
    hub.trouble.listing = (all) => [...names.map((path) => ({ ...all[0], path })), ...all];
    await add();
    const asked = hub.asked.map(({ path }) => path).filter((path) => path.includes('/resolve/'));
    expect(asked.every((path) => path.split(`${STUB_REVISION}/`)[1]?.match(/^[\w.-]+$/))).toBe(true);
    expect((await readdir(home)).sort()).toEqual(['cache', 'data']);
  });

  it('is not begun on a disk that has no room for it', async () => {
    const freeSpace = (): Promise<{ disk: number; free: number }> => Promise.resolve({ disk: 1, free: 600_000 });
    await expect(offerFromHub(connection(), NAME, { cache, freeSpace })).rejects.toThrow(
      /^There is no room for it: it takes \d+ kB on the disk of .*, where \d+ kB are free\. Free some space/,
    );
    expect(rangesOfWeights()).toEqual([]);
  });

  it('is not asked for again and again where its certificate is not trusted', async () => {
    let times = 0;
    const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const ask = (): Promise<Response> => {
      times++;
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    const untrusted = new HubConnection({ ask, environment: { HF_ENDPOINT: 'https://hub.invalid' } });
    await expect(offerFromHub(untrusted, NAME, { cache })).rejects.toThrow(
      'hub.invalid has a certificate that this computer does not trust: self-signed certificate. Where a proxy',
    );
    expect(times).toBe(1);
  });

  it('is not asked for again and again where it leads in circles', async () => {
    let times = 0;
    const circle = createServer((request, response) => {
      times++;
      response.writeHead(302, { location: request.url }).end();
    });
    await new Promise<void>((resolve) => circle.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(circle.address() as AddressInfo).port}`;
    try {
      await expect(offerFromHub(connection({ HF_ENDPOINT: endpoint }), NAME, { cache })).rejects.toThrow(
        'leads from one address to the next without an end. Is HF_ENDPOINT right?',
      );
      expect(times).toBe(21);
    } finally {
      circle.closeAllConnections();
      await new Promise((resolve) => circle.close(resolve));
    }
  });

  it('is asked for through the proxy that the environment names', async () => {
    const through: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket, head) => {
      through.push(request.url ?? '');
      const { hostname, port } = new URL(`http://${request.url}`);
      const other = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        other.write(head);
        other.pipe(socket).pipe(other);
      });
      other.on('error', () => socket.destroy());
      socket.on('error', () => other.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await offerFromHub(connection({ HTTP_PROXY: address }), NAME, { cache });
      expect(through).toContain(new URL(hub.address).host);
      through.length = 0;
      await offerFromHub(connection({ HTTP_PROXY: address, NO_PROXY: '127.0.0.1' }), NAME, { cache });
      expect(through).toEqual([]);
    } finally {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  });

  it('says in a sentence that nobody answers, that an address is none, and that asking is forbidden', async () => {
    const nobody = connection({ HF_ENDPOINT: 'http://127.0.0.1:1' });
    await expect(offerFromHub(nobody, NAME, { cache })).rejects.toThrow(
      /^127\.0\.0\.1:1 cannot be reached: .*connection/,
    );
    expect(() => connection({ HF_ENDPOINT: 'hub' })).toThrow('HF_ENDPOINT is "hub", which is no address');
    expect(() => connection({ HF_HUB_OFFLINE: '1' })).toThrow('HF_HUB_OFFLINE is set');
  });
});

describe('a name of the Hub', () => {
  it.each(['Helsinki-NLP/opus-mt-en-de', 'a/b.c_d-e'])('is %s', (name) => expect(isHubName(name)).toBe(true));
  it.each(['opus-mt-en-de', '../x', 'a/../b', './a/b', '/a/b', 'a/b/c', 'a b/c', 'a/b?c', 'a/..', 'C:/x'])(
    'is not %s',
    (name) => expect(isHubName(name)).toBe(false),
  );
  it.each([
    ['https://huggingface.co/a/b', { name: 'a/b' }],
    [' https://huggingface.co/a/b/ ', { name: 'a/b' }],
    ['huggingface.co/a/b?library=transformers#use', { name: 'a/b' }],
    ['https://hf.co/a/b/tree/main', { name: 'a/b', revision: 'main' }],
    ['https://huggingface.co/a/b/blob/refs%2Fpr%2F1/config.json', { name: 'a/b', revision: 'refs/pr/1' }],
    ['https://huggingface.co/a/b/discussions/7', { name: 'a/b' }],
    ['https://mirror.example/a/b', { name: 'a/b' }],
    ['https://huggingface.co/models', undefined],
    ['https://huggingface.co/../a/%2e%2e', undefined],
    ['https://example.org/a/b', undefined],
    ['ftp://huggingface.co/a/b', undefined],
  ])('is in the address %s', (address, reference) => {
    expect(hubReference(address, 'mirror.example')).toEqual(reference);
  });
});
