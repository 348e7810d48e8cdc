import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ModelUploads } from '../../../src/service/models/model-uploads.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';

let place: Awaited<ReturnType<typeof temporaryFolder>>;
let uploads: ModelUploads;

beforeEach(async () => {
  place = await temporaryFolder();
  vi.stubEnv('ATTEND_DATA', place.path);
  uploads = new ModelUploads(place.path);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await place.remove();
});

const begin = (bytes: number): Promise<string> =>
  uploads.begin('toy', [
    { name: 'config.json', bytes: 0 },
    { name: 'model.safetensors', bytes },
  ]);

it('writes pieces that come at the same time one after the other', async () => {
  const pieces = [4e6, 1, 3e6, 2].map((length, number) => new Uint8Array(length).fill(number + 1));
  const whole = Buffer.concat(pieces);
  const id = await begin(whole.length);
  let at = 0;
  const writing = pieces.map((piece) => {
    const begun = uploads.write(id, 'model.safetensors', at, piece);
    at += piece.length;
    return begun;
  });
  // Asked for before the last piece is there.
  const sent = await uploads.end(id, (folder) => readFile(join(folder, 'model.safetensors')));
  expect(sent.equals(whole)).toBe(true);
  await Promise.all(writing);
});

it('is not whole where a piece could not be written, however the next ones were', async () => {
  const id = await begin(4);
  await rm(join(place.path, 'uploads', id), { recursive: true });
  await expect(uploads.write(id, 'model.safetensors', 0, new Uint8Array(2))).rejects.toThrow('cannot write');
  await expect(uploads.write(id, 'model.safetensors', 2, new Uint8Array(2))).rejects.toThrow('cannot write');
  await expect(uploads.end(id, async () => undefined)).rejects.toThrow('cannot write');
});

it('is used by one at a time: nobody else ends it, adds to it or takes it away meanwhile', async () => {
  const id = await begin(2);
  await uploads.write(id, 'model.safetensors', 0, new Uint8Array(2));
  let folder = '';
  await uploads.end(id, async (path) => {
    folder = path;
    await expect(uploads.end(id, async () => undefined)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(uploads.write(id, 'model.safetensors', 2, new Uint8Array(1))).rejects.toThrow(
      'is being added already',
    );
    await uploads.forget(id);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
  });
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
});
