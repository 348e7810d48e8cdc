import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstalledModel } from '../../../src/contract/data/models.ts';
import { REQUESTS, type Input, type Output, type Progress, type RequestName } from '../../../src/contract/requests.ts';
import { AttendService } from '../../../src/service/attend-service.ts';
import { dispatch } from '../../../src/service/dispatch.ts';
import { ModelHost } from '../../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../../src/service/task-errors.ts';
import { LocalTasks } from '../../../src/tasks/local-tasks.ts';
import { backendUnderTest, useTestBackend } from '../../support/backend.ts';
import { StubHub } from '../../support/stub-hub.ts';

useTestBackend();

const published = (family: string): string =>
  fileURLToPath(new URL(`../../engine/published/fixtures/${family}`, import.meta.url));
const NAME = 'Toy/blip-image-captioning-toy';
const ADDED = 'captioner-blip-image-captioning-toy';

let home: string;
let hub: StubHub;
let service: AttendService;
const before = { ...process.env };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'attend-models-'));
  hub = await StubHub.start(NAME, published('blip'));
  Object.assign(process.env, {
    ATTEND_DATA: join(home, 'data'),
    ATTEND_CACHE: join(home, 'cache'),
    HF_ENDPOINT: hub.address,
  });
  service = await AttendService.open({
    door: 'browser',
    models: new LocalTasks<ModelTasks>(new ModelHost({ backend: backendUnderTest }), TASK_ERRORS),
  });
});
afterAll(async () => {
  await service.close();
  await hub.stop();
  process.env = before;
  await rm(home, { recursive: true, force: true });
});

async function ask<Name extends RequestName>(
  name: Name,
  input: Input<Name>,
  report: (progress: Progress<Name>) => void = () => undefined,
): Promise<Output<Name>> {
  const output = await dispatch(service.handlers, name, input, { report: report as never });
  expect(REQUESTS[name].output.safeParse(output).error).toBeUndefined();
  return output as Output<Name>;
}

async function listed(name: string): Promise<InstalledModel | undefined> {
  const { models } = await ask('models.list', {});
  return models.find((model) => model.name === name);
}

describe('the models of a service', () => {
  it('are listed with what a person wants to know of them', async () => {
    expect(await listed('captioner-flickr8k-coco')).toMatchObject({
      kind: 'captioner',
      isFirst: true,
      isAdded: false,
      from: null,
      to: ['en'],
      licence: 'Apache-2.0',
      speed: null,
    });
    expect(await listed('translator-everyday')).toMatchObject({ kind: 'translator', isFirst: true, from: 'en' });
    const { models } = await ask('models.list', {});
    expect(models.filter(({ licence }) => licence === null).map(({ name }) => name)).toEqual([]);
    expect((await ask('models.card', { name: 'translator-everyday' })).card).toMatch(/^# /);
  });

  it('are joined by one of the Hub, which captions from then on once it is taken first', async () => {
    const changes: unknown[] = [];
    service.events.subscribe('models', (event) => changes.push(event));
    const offer = await ask('models.offer', { name: NAME });
    expect(offer).toMatchObject({ family: 'BLIP', licence: 'cc-by-4.0', host: new URL(hub.address).host });
    const stages: string[] = [];
    const added = await ask('models.add', { name: NAME, revision: offer.revision }, ({ stage }) => stages.push(stage));
    expect(added).toEqual({ name: ADDED });
    expect(stages[0]).toBe('load');
    expect(stages.at(-1)).toBe('convert');
    expect(changes).toHaveLength(1);
    expect(await listed(ADDED)).toMatchObject({ title: 'BLIP', isFirst: false, isAdded: true, licence: 'cc-by-4.0' });

    await ask('models.choose', { name: ADDED });
    expect((await service.warmUp()).name).toBe(ADDED);
    expect(await listed(ADDED)).toMatchObject({ isFirst: true });
    const { photos } = await ask('photos.samples', {});
    const result = await ask('caption.run', { photoId: photos[0]!.id, alternatives: 0 });
    expect(result.model).toBe(ADDED);
    const [rows, columns] = result.grid;
    for (const { weights } of result.captions[0]!.words) expect(weights).toHaveLength(rows * columns);
  });

  it('caption a photo that names one of them, and the first one stays the first', async () => {
    const bytes = await readFile(join(published('blip'), 'photo.png'));
    const gridBy = async (model?: string): Promise<unknown> => {
      const result = await service.photoJson({ name: 'photo', bytes }, { model });
      return 'error' in result ? result.error : result.grid;
    };
    const first = await gridBy();
    const other = await gridBy('captioner-flickr8k-coco');
    expect(other).not.toEqual(first);
    expect(await gridBy(ADDED)).toEqual(first);
    expect(await gridBy('captioner-flickr8k-coco')).toEqual(other);
    expect(await gridBy()).toEqual(first);
    await expect(gridBy('captioner-nobody')).rejects.toMatchObject({ code: 'not-found' });
    await expect(gridBy(published('blip'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(gridBy('translator-everyday')).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are measured, and the measure is kept', async () => {
    const { milliseconds } = await ask('models.measure', { name: ADDED });
    expect(milliseconds).toBeGreaterThan(0);
    expect((await listed(ADDED))?.speed).toEqual({ milliseconds, backend: backendUnderTest });
  });

  it('go back to the one that came with Attend where the first one is removed', async () => {
    await ask('models.remove', { name: ADDED });
    expect(await listed(ADDED)).toBeUndefined();
    expect((await service.warmUp()).name).toBe('captioner-flickr8k-coco');
    await expect(ask('models.remove', { name: 'captioner-flickr8k-coco' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('came with Attend and stays') as string,
    });
    await expect(ask('models.choose', { name: ADDED })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are joined by a folder, whose translator the page then lists', async () => {
    const path = join(home, 'opus-mt-en-xx');
    await cp(published('marian'), path, { recursive: true });
    expect(await ask('models.addFolder', { path })).toEqual({ name: 'translator-opus-mt-en-xx' });
    const { models } = await ask('translate.models', {});
    expect(models.map(({ name }) => name)).toContain('translator-opus-mt-en-xx');
    await ask('models.choose', { name: 'translator-opus-mt-en-xx' });
    expect((await ask('translate.models', {})).models[0]?.name).toBe('translator-opus-mt-en-xx');
    await ask('models.remove', { name: 'translator-opus-mt-en-xx' });
  });

  it('are not joined by what is none', async () => {
    const isRefused = async (name: 'models.addFolder' | 'models.offer', input: object, failure: object) =>
      expect(ask(name, input as never)).rejects.toMatchObject(failure);
    const missing = expect.stringContaining('config.json is missing') as string;
    await isRefused('models.addFolder', { path: home }, { code: 'bad-request', message: missing });
    const absent = expect.stringContaining('There is no Toy/nothing') as string;
    await isRefused('models.offer', { name: 'Toy/nothing' }, { code: 'not-found', message: absent });
    await isRefused('models.offer', { name: 'no name' }, { code: 'bad-request' });
    hub.trouble.statuses = { path: /revision/, codes: [429], headers: { 'retry-after': '3600' } };
    await isRefused('models.offer', { name: NAME }, { code: 'no-hub' });
  });
});
