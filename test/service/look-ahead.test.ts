import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../src/contract/data/captions.ts';
import type { Photo } from '../../src/contract/data/photos.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { dispatch } from '../../src/service/dispatch.ts';
import { ModelHost } from '../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

/** Notes the tasks in the order in which they begin. */
class NotedTasks extends LocalTasks<ModelTasks> {
  readonly begun: string[] = [];

  override run: LocalTasks<ModelTasks>['run'] = (task, input, control) => {
    this.begun.push(task);
    return super.run(task, input, control);
  };
}

let place: TinyPlace;
let models: NotedTasks;
let service: AttendService;
beforeEach(async () => {
  place = await tinyPlace();
  const host = new ModelHost({
    captioner: `${place.folder}/captioner-tiny`,
    models: place.folder,
    backend: backendUnderTest,
  });
  models = new NotedTasks(host, TASK_ERRORS);
  service = await place.open({ models });
  await service.warmUp();
  models.begun.length = 0;
});
afterEach(async () => {
  await service.close();
  await place.remove();
});

const ask = async <T>(name: string, input: object): Promise<T> => (await dispatch(service.handlers, name, input)) as T;
const send = async (index: number): Promise<Photo> =>
  ask('photos.upload', { name: `${index}.png`, bytes: new Uint8Array(await readFile(place.photos[index]!)) });
const caption = ({ id }: Photo): Promise<CaptionResult> => ask('caption.run', { photoId: id });
/** Lets what goes on in the background come to its end. */
const settled = (): Promise<unknown> => ask('caption.vocabulary', { text: 'a dog' });

describe('looking ahead', () => {
  it('has a photo that was sent read and encoded before anybody asks, and reads it once', async () => {
    const photo = await send(0);
    expect(models.begun[0]).toBe('readPhoto');
    await expect.poll(() => models.begun).toContain('encode');
    await settled();
    const { captions, milliseconds } = await caption(photo);
    expect(captions.length).toBeGreaterThan(0);
    expect(milliseconds.read).toBeGreaterThan(0);
    expect(models.begun.filter((task) => task === 'readPhoto')).toHaveLength(1);
  });

  it('says of it what it says of any other', async () => {
    const ahead = await caption(await send(0));
    const { photos } = await ask<{ photos: Photo[] }>('photos.open', { paths: [...place.photos] });
    const { captions } = await caption(photos[0]!);
    expect(ahead.captions).toEqual(captions);
  });

  it('looks at the first of many alone', async () => {
    const photos = [await send(0), await send(1), await send(2)];
    expect(models.begun.filter((task) => task === 'readPhoto')).toHaveLength(1);
    for (const photo of photos) await caption(photo);
    expect(models.begun.filter((task) => task === 'readPhoto')).toHaveLength(3);
  });

  it('looks at a single photo of a folder, and at none of several', async () => {
    await ask('photos.open', { paths: [...place.photos] });
    expect(models.begun).not.toContain('readPhoto');
    await ask('photos.open', { paths: [place.photos[0]!] });
    expect(models.begun).toContain('readPhoto');
  });

  it('does not where photos are captioned only when somebody asks', async () => {
    await ask('settings.set', { captionOnOpen: false });
    await send(0);
    expect(models.begun).not.toContain('readPhoto');
  });
});
