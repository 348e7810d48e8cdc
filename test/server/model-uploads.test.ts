import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/client/http-client.ts';
import type { DroppedFolder } from '../../src/client/attend-client.ts';
import { MOST_SENT, PIECE } from '../../src/contract/constants/published-files.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

let place: TinyPlace;
let service: AttendService;
let server: AttendServer;
let client: HttpClient;

beforeAll(async () => {
  place = await tinyPlace();
  vi.stubEnv('ATTEND_DATA', join(place.folder, 'data'));
  service = await place.open();
  await mkdir(join(place.folder, 'pages'));
  await writeFile(join(place.folder, 'pages', 'index.html'), '<!doctype html>');
  server = await startServer({ service, port: 0, pages: join(place.folder, 'pages'), uploadLimit: 1e6 });
  const tools = { download: () => undefined, copyText: async () => undefined };
  client = new HttpClient(tools, server.origin, { authorization: `Bearer ${server.token}` });
});
afterAll(async () => {
  await server.close();
  await service.close();
  vi.unstubAllEnvs();
  await place.remove();
});

/** A fixture as a page gets it, with some files otherwise; nothing in place of one that is missing. */
async function folder(family: string, other: Record<string, string | Uint8Array | null> = {}): Promise<DroppedFolder> {
  const path = fileURLToPath(new URL(`../engine/published/fixtures/${family}`, import.meta.url));
  const names = new Set([...(await readdir(path)), ...Object.keys(other)]);
  const files: File[] = [];
  for (const name of names) {
    const bytes = name in other ? other[name] : await readFile(join(path, name));
    if (bytes !== null && bytes !== undefined) files.push(new File([bytes], name));
  }
  return { name: family, files };
}

const sent = (): Promise<string[]> => readdir(join(place.folder, 'cache', 'uploads')).catch(() => []);

describe('a folder with a model that a page sends', () => {
  it('is added as one of the disk is, with its progress, and leaves nothing behind', async () => {
    const told: string[] = [];
    const added = await client.addModel(await folder('show-attend-tell', { 'not-a-model.txt': 'left out' }), {
      onProgress: ({ bytes, of, stage }) => told.push(`${stage} ${bytes === of ? 'all' : 'some'}`),
    });
    expect(added).toEqual({ name: 'captioner-show-attend-tell' });
    expect(told.at(0)).toBe('load some');
    expect(told.at(-1)).toBe('convert all');
    expect(await readdir(join(place.folder, 'data', 'models'))).toContain('captioner-show-attend-tell');
    expect(await sent()).toEqual([]);
  });

  const hostile = new Uint8Array(16).fill(255);
  it.each<[string, string, Record<string, string | Uint8Array | null>, string]>([
    ['without its configuration', 'blip', { 'config.json': null }, 'There is no published model in blip: config.json'],
    ['without weights', 'blip', { 'model.safetensors': null }, 'There are no weights in blip'],
    ['without its words', 'show-attend-tell', { 'vocab.json': null }, 'vocab.json'],
    [
      'of another family',
      'blip',
      { 'config.json': '{"model_type":"llama"}' },
      'the family "llama", which Attend cannot',
    ],
    ['with a hostile header', 'blip', { 'model.safetensors': hostile }, 'blip/model.safetensors: '],
    ['that is no JSON', 'blip', { 'config.json': '{' }, 'config.json'],
  ])(
    '%s is refused in a sentence that names its own files, and nothing of it stays',
    async (_, family, other, said) => {
      const adding = client.addModel(await folder(family, other));
      await expect(adding).rejects.toThrow(said);
      await expect(adding).rejects.not.toThrow(place.folder);
      expect(await sent()).toEqual([]);
    },
  );

  it('is given up where somebody stops it', async () => {
    const control = new AbortController();
    const sending = client.addModel(await folder('blip'), {
      signal: control.signal,
      onProgress: ({ bytes }) => {
        if (bytes > 0) control.abort();
      },
    });
    await expect(sending).rejects.toMatchObject({ code: 'cancelled' });
    expect(await sent()).toEqual([]);
  });

  it('is taken piece by piece as it was announced, and not otherwise', async () => {
    const begin = (files: { name: string; bytes: number }[]): Promise<{ upload: string }> =>
      client.request('models.beginUpload', { name: '../x', files });
    const [config, weights] = [
      { name: 'config.json', bytes: 4 },
      { name: 'model.safetensors', bytes: 4 },
    ];
    await expect(begin([config, weights, { name: '../evil', bytes: 1 }])).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(begin([config, config, weights])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(begin([config, { ...weights, bytes: MOST_SENT }])).rejects.toMatchObject({ code: 'too-large' });
    const { upload } = await begin([config, weights]);
    const piece = (file: string, at: number, length: number): Promise<object> =>
      client.request('models.upload', { upload, file, at, bytes: new Uint8Array(length) });
    await piece('config.json', 0, 3);
    for (const [file, at, length] of [
      ['config.json', 0, 3],
      ['config.json', 3, 2],
      ['vocab.json', 0, 1],
    ] as const) {
      await expect(piece(file, at, length)).rejects.toMatchObject({ code: 'bad-request' });
    }
    for (const at of ['at=', 'at=%20', 'at=3e0', 'at=-3', '']) {
      const address = `${server.origin}/api/models.upload?upload=${upload}&file=config.json&${at}`;
      const authorization = `Bearer ${server.token}`;
      const { status } = await fetch(address, { method: 'POST', headers: { authorization }, body: 'x' });
      expect([at, status]).toEqual([at, 400]);
    }
    await expect(piece('config.json', 3, PIECE + 1)).rejects.toMatchObject({ code: 'too-large' });
    await expect(client.request('models.endUpload', { upload, add: true })).rejects.toThrow('was not sent whole');
    await expect(piece('config.json', 3, 1)).rejects.toMatchObject({ code: 'not-found' });
    expect(await sent()).toEqual([]);
  });
});
