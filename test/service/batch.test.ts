import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch, Photo } from '../../src/contract/data/photos.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { dispatch } from '../../src/service/dispatch.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

let place: TinyPlace;
let service: AttendService;
let seen: Batch[];

beforeEach(async () => {
  place = await tinyPlace();
  service = await place.open();
  seen = [];
  service.events.subscribe('batch', (batch) => seen.push(batch));
});
afterEach(async () => {
  await service.close();
  await place.remove();
});

const ask = async <T>(name: string, input: object = {}): Promise<T> =>
  (await dispatch(service.handlers, name, input)) as T;
const photos = async (): Promise<Photo[]> => (await ask<{ photos: Photo[] }>('photos.list')).photos;
const idle = (): Promise<void> => expect.poll(() => seen.at(-1)?.state, { timeout: 20_000 }).toBe('idle');

describe('many photos', () => {
  it('are captioned one after the other; one that is broken does not stop the others', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [, second] = await photos();

    await rm(place.photos[1]!);
    expect(await ask<Batch>('batch.start')).toMatchObject({ state: 'running', total: 3, done: 0 });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 3, done: 2, failed: 1 });
    expect((await photos()).map(({ error, state }) => [state, error?.code])).toEqual([
      ['done', undefined],
      ['failed', 'file-gone'],
      ['done', undefined],
    ]);
    // What failed is tried again where somebody says so.
    expect((await ask<Batch>('batch.start')).state).toBe('idle');
    await ask('batch.start', { photoIds: [second!.id] });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 1, failed: 1 });
  });

  it('can be paused, gone on with and cancelled', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    await ask('batch.start');
    expect((await ask<Batch>('batch.pause')).state).toBe('paused');
    await expect.poll(() => seen.at(-1)?.done, { timeout: 20_000 }).toBe(1);
    expect((await photos()).map(({ state }) => state)).toEqual(['done', 'waiting', 'waiting']);
    await ask('batch.resume');
    await ask('batch.cancel');
    await expect.poll(async () => (await photos()).filter(({ state }) => state === 'waiting').length).toBe(0);
    expect((await ask<{ batch: Batch }>('photos.list')).batch.state).toBe('idle');
  });

  it('are over, not paused for ever, where the last one was running when they were paused', async () => {
    await ask('photos.open', { paths: [place.photos[0]!] });
    await ask('batch.start');
    expect((await ask<Batch>('batch.pause')).state).toBe('paused');
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 1, done: 1 });
  });

  it('begin to be counted anew after a cancel, whatever still runs', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    await ask('batch.start');
    await ask('batch.cancel');
    expect(await ask<Batch>('batch.start')).toMatchObject({ state: 'running', total: 3, done: 0, failed: 0 });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 3, done: 3, failed: 0 });
  });

  it('go on without one that is removed while it runs', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [first] = await photos();
    await ask('batch.start');
    await ask('photos.remove', { photoIds: [first!.id] });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 2, done: 2, failed: 0 });
  });

  it('go on without one that is removed when its caption is found', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [first] = await photos();
    const setResult = service.library.setResult.bind(service.library);
    service.library.setResult = async (id, result) => {
      if (id === first!.id) await ask('photos.remove', { photoIds: [id] });
      return setResult(id, result);
    };
    await ask('batch.start');
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 2, done: 2, failed: 0 });
  });

  it('are not left out because somebody has another caption drawn for one that waits', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [, , third] = await photos();
    await ask('batch.start');
    await ask('caption.run', { photoId: third!.id, sample: { seed: 1 } });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 3, done: 3, failed: 0 });
  });

  it('are looked at again on another try, when their files are sound by now', async () => {
    const [path] = place.photos;
    const sound = await readFile(path!);
    await writeFile(path!, '');
    await ask('photos.open', { paths: [path!] });
    const [broken] = await photos();
    expect(broken).toMatchObject({
      width: 0,
      error: { code: 'empty', message: expect.stringMatching(/^The file is/) },
    });
    await expect(ask('caption.run', { photoId: broken!.id })).rejects.toMatchObject({ code: 'empty' });
    await writeFile(path!, sound);
    await ask('batch.start', { photoIds: [broken!.id] });
    await idle();
    expect((await photos())[0]).toMatchObject({ state: 'done', width: 40, error: null });
  });

  it('have one wait again that somebody looked at and away from before it was captioned', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [, , third] = await photos();
    await ask('batch.start');
    const controller = new AbortController();
    const looked = dispatch(service.handlers, 'caption.run', { photoId: third!.id }, { signal: controller.signal });
    controller.abort();
    await expect(looked).rejects.toMatchObject({ code: 'cancelled' });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 3, done: 3, failed: 0 });
    expect((await photos()).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('are gone on with after a crash', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    await ask('batch.start');
    await ask('batch.pause');
    await expect.poll(() => seen.at(-1)?.done, { timeout: 20_000 }).toBe(1);
    await service.close();
    service = await place.open();
    service.events.subscribe('batch', (batch) => seen.push(batch));
    expect((await ask<{ batch: Batch }>('photos.list')).batch).toMatchObject({ state: 'paused', total: 2 });
    await ask('batch.resume');
    await idle();
    expect((await photos()).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('come after what somebody looks at', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    const [, second, third] = await photos();
    await ask('batch.start');
    await ask('caption.run', { photoId: third!.id });
    await idle();
    expect(seen.at(-1)).toMatchObject({ total: 3, done: 3, failed: 0 });
    const at = async ({ id }: Photo): Promise<number> => {
      const { result } = await ask<{ result: { at: string } }>('caption.get', { photoId: id });
      return Date.parse(result.at);
    };
    expect(await at(third!)).toBeLessThanOrEqual(await at(second!));
  });
});
