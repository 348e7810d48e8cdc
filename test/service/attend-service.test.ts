import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../src/contract/data/app.ts';
import type { CaptionResult } from '../../src/contract/data/captions.ts';
import type { Photo } from '../../src/contract/data/photos.ts';
import type { MapStyle } from '../../src/contract/data/settings.ts';
import { dispatch } from '../../src/service/dispatch.ts';
import type { PictureTasks } from '../../src/service/export/picture-tasks.ts';
import { ModelHost } from '../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

let place: TinyPlace;
beforeEach(async () => {
  place = await tinyPlace();
});
afterEach(() => place.remove());

describe('the service', () => {
  it('removes exported files that a crash has left to be fetched', async () => {
    const session = join(place.folder, 'data', 'session');
    await mkdir(join(session, 'downloads'), { recursive: true });
    await writeFile(join(session, 'downloads', 'left'), 'much');
    const service = await place.open();
    expect(await readdir(session)).not.toContain('downloads');
    await service.close();
  });

  it.each<[string, (id: string) => [string, object] | 'picture']>([
    ['its caption', (photoId) => ['caption.run', { photoId }]],
    ['what mattered', (photoId) => ['caption.mattered', { photoId, words: ['a'] }]],
    ['its posterior', (photoId) => ['caption.posterior', { photoId, words: ['a'] }]],
    ['its picture', () => 'picture'],
  ])('puts photos that were swapped into their places before it is asked for %s, and says so', async (_, asked) => {
    const first = await place.open();
    const send = async (i: number): Promise<Photo> => {
      const input = { name: `${i}.png`, bytes: await readFile(place.photos[i]!) };
      return (await dispatch(first.handlers, 'photos.upload', input)) as Photo;
    };
    const [one, two] = [await send(0), await send(1)];
    const files = [one, two].map(({ id }) => first.library.uploadFile(first.library.get(id).upload!));
    await first.close();
    const before = await Promise.all(files.map((file) => readFile(file)));
    await writeFile(files[0]!, before[1]!);
    await writeFile(files[1]!, before[0]!);
    const service = await place.open();
    const damages: unknown[] = [];
    service.events.subscribe('damage', (damage) => damages.push(damage));
    const wanted = asked(one.id);
    if (wanted === 'picture') await service.picture(one.id, 'picture');
    else await dispatch(service.handlers, ...wanted);
    expect(await Promise.all(files.map((file) => readFile(file)))).toEqual(before);
    expect(damages).toEqual([{ kind: 'sent', how: 'moved', photos: ['0.png', '1.png'], more: 0 }]);
    await service.close();
  });

  it('has what is asked for drawn: the word, the caption, and the style over the one of the settings', async () => {
    type Drawn = Parameters<PictureTasks['picture']>[0] | Parameters<PictureTasks['draw']>[0];
    const drawn: Drawn[] = [];
    const pictures = new LocalTasks<PictureTasks>(
      {
        picture: async (input) => (drawn.push(input), Buffer.from('picture')),
        draw: async (input) => (drawn.push(input), [{ suffix: '.svg', data: 'drawing' }]),
      },
      TASK_ERRORS,
    );
    const service = await place.open({ door: 'electron', pictures });
    const ask = async <T>(name: string, input: object): Promise<T> =>
      (await dispatch(service.handlers, name, input)) as T;
    const { photos } = await ask<{ photos: Photo[] }>('photos.open', { paths: [place.photos[0]!] });
    const photoId = photos[0]!.id;
    const { captions } = await ask<CaptionResult>('caption.run', { photoId, alternatives: 1 });
    const last = async (name: string, input: object): Promise<Drawn> => {
      await ask(name, input);
      return drawn.at(-1)!;
    };
    const picture = (input: object): Promise<Drawn> => last('export.picture', { photoId, word: null, ...input });
    const files = (input: object): Promise<Drawn> =>
      last('export.run', {
        photoIds: [photoId],
        formats: ['svg'],
        target: { kind: 'download' },
        existing: 'skip',
        ...input,
      });

    for (const word of [null, 0, 2]) expect(await picture({ word })).toMatchObject({ word });
    for (const caption of [0, 1]) {
      expect((await picture({ caption })).explanation.words).toEqual(captions[caption]!.words);
    }
    const own: MapStyle = { mode: 'dim', colourMap: 'viridis', strength: 0.25, shape: 'cells', range: 'caption' };
    await ask('settings.set', { mapStyle: own });
    for (const draw of [picture, files]) {
      expect((await draw({})).style).toEqual(own);
      const changes = { mode: 'heat', colourMap: 'inferno', range: 'word' };
      expect((await draw({ style: changes })).style).toEqual({ ...own, ...changes });
      expect((await draw({ style: { strength: 1, shape: 'smooth' } })).style).toEqual({
        ...own,
        strength: 1,
        shape: 'smooth',
      });
    }
    await service.close();
  });

  it('loads the captioner anew where the settings say that photos are encoded elsewhere', async () => {
    const host = new ModelHost({ captioner: join(place.folder, 'captioner-tiny'), backend: backendUnderTest });
    const loaded: unknown[] = [];
    const { load } = host;
    host.load = (input, control) => (loaded.push(input.device), load(input, control));
    const service = await place.open({ models: new LocalTasks<ModelTasks>(host, TASK_ERRORS) });
    const told: (ModelStatus | undefined)[] = [];
    service.events.subscribe('model', (status) => told.push(status));
    await service.warmUp();
    expect(told.at(-1)).not.toHaveProperty('device');
    // No system has this one.
    const device = process.platform === 'darwin' ? 'dml' : 'coreml';
    await dispatch(service.handlers, 'settings.set', { device });
    await dispatch(service.handlers, 'settings.set', { alternatives: 2 });
    await expect.poll(() => told).toHaveLength(2);
    expect(told[1]).toMatchObject({ state: 'ready', device: { wanted: device, used: 'cpu' } });
    expect(told[1]?.device?.problem).toContain('Photos are encoded on the processor');
    await dispatch(service.handlers, 'settings.set', { device: 'cpu' });
    await expect.poll(() => told).toHaveLength(3);
    expect(told[2]).not.toHaveProperty('device');
    expect(loaded).toEqual(['cpu', device, 'cpu']);
    await service.close();
  });

  it('asks about words with the checksum of the photo’s caption, unless others are asked about', async () => {
    const service = await place.open();
    const ask = async <T>(name: string, input: object): Promise<T> =>
      (await dispatch(service.handlers, name, input)) as T;
    const [photo] = (await ask<{ photos: Photo[] }>('photos.open', { paths: [place.photos[0]] })).photos as [Photo];
    const result = await ask<CaptionResult>('caption.run', { photoId: photo.id });
    await service.library.setResult(photo.id, { ...result, checksum: 'that of before' });
    const about = { photoId: photo.id, prefix: ['a'] };
    expect(await ask('caption.candidates', about)).toMatchObject({ writtenEarlier: true });
    const { checksum, model } = result;
    expect(await ask('caption.candidates', { ...about, model, checksum })).not.toHaveProperty('writtenEarlier');
    await service.library.setResult(photo.id, { ...result, checksum: undefined });
    expect(await ask('caption.candidates', about)).not.toHaveProperty('writtenEarlier');
    await service.close();
  });

  it.each([true, false])('captions other photos while one is read, a captioner loaded before: %s', async (isLoaded) => {
    const host = new ModelHost({ captioner: join(place.folder, 'captioner-tiny'), backend: backendUnderTest });
    const { readPhoto } = host;
    let slow = '';
    const given: (() => void)[] = [];
    host.readPhoto = async (photo, control) => {
      if (photo.key.startsWith(slow) || photo.key.startsWith('sent '))
        await new Promise<void>((resolve) => given.push(resolve));
      return readPhoto(photo, control);
    };
    const service = await place.open({ models: new LocalTasks<ModelTasks>(host, TASK_ERRORS) });
    if (isLoaded) await service.warmUp();
    const ask = async <T>(name: string, input: object): Promise<T> =>
      (await dispatch(service.handlers, name, input)) as T;
    const { photos } = await ask<{ photos: Photo[] }>('photos.open', { paths: [...place.photos] });
    const [photo, other] = photos as [Photo, Photo];
    slow = photo.id;
    const asked = [
      ask('caption.candidates', { photoId: photo.id, prefix: ['a'] }),
      ask('caption.occlusion', { photoId: photo.id, words: ['a', 'dog'], position: 1 }),
      ask('learn.caption', { photoId: photo.id, prefix: ['a'] }),
      ask('learn.captionTree', { photoId: photo.id }),
      service.photoJson({ name: 'sent.png', bytes: await readFile(place.photos[0]!) }, {}),
    ];
    await expect.poll(() => given).toHaveLength(5);
    expect(await ask<CaptionResult>('caption.run', { photoId: other.id })).toHaveProperty('captions');
    for (const give of given) give();
    expect(await Promise.all(asked)).toHaveLength(5);
    await service.close();
  });
});
