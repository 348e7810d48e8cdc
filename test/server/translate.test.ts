import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpClient } from '../../src/client/http-client.ts';
import { REQUESTS, type Progress } from '../../src/contract/requests.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { writeTinyTranslator } from '../support/tiny-translator.ts';

useTestBackend();

const LIMIT = 100_000;
let place: TinyPlace;
let service: AttendService;
let server: AttendServer;
let client: HttpClient;

beforeAll(async () => {
  place = await tinyPlace();
  await writeTinyTranslator(join(place.folder, 'translator-tiny'));
  service = await place.open({ uploadLimit: LIMIT });
  server = await startServer({ service, port: 0, pages: place.folder, uploadLimit: LIMIT });
  const tools = { download: () => undefined, copyText: () => Promise.resolve() };
  client = new HttpClient(tools, server.origin, { authorization: `Bearer ${server.token}` });
});
afterAll(async () => {
  await server.close();
  await service.close();
  await place.remove();
});

const post = (path: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(`${server.origin}${path}`, { method: 'POST', headers: { authorization: `Bearer ${server.token}` }, body });

it('translates a text for a script', async () => {
  const answer = await post('/v1/translate', '{"text":"A dog runs.\\nTwo cats.","to":"de","alternatives":1}');
  expect(answer.status).toBe(200);
  const output = REQUESTS['translate.run'].output.parse(await answer.json());
  expect(output).toMatchObject({ from: 'en', to: 'de', model: 'translator-tiny' });
  expect(output.sentences.map(({ source }) => source.text)).toEqual(['A dog runs.', 'Two cats.']);
});

it('translates a document for a script, whose mark-up stays', async () => {
  const text = '# A dog\n\n```\nThe dog\n```\n';
  const answer = await post('/v1/translate', JSON.stringify({ text, to: 'de', format: 'markdown' }));
  expect(((await answer.json()) as { text: string }).text).toMatch(/^# .*\n\n```\nThe dog\n```\n$/);
});

it.each([
  ['an unknown format', '{"text":"A dog.","to":"de","format":"pdf"}', 400, 'bad-request'],
  ['an unknown language', '{"text":"A dog.","to":"xx"}', 422, 'unknown-language'],
  ['an unknown model', '{"text":"A dog.","to":"de","model":"/etc"}', 404, 'not-found'],
])('refuses %s', async (_, body, status, code) => {
  const answer = await post('/v1/translate', body);
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([status, code]);
});

it('captions a photo in another language, and refuses one that nobody knows', async () => {
  const photo = new Uint8Array(await readFile(place.photos[0]!));
  const own = (await (await post('/v1/caption', photo)).json()) as CaptionedPhoto;
  const answer = (await (await post('/v1/caption?language=fr', photo)).json()) as CaptionedPhoto;
  expect(answer).toMatchObject({ language: 'fr', translator: 'translator-tiny' });
  expect(answer.original).toEqual({ caption: own.caption, words: own.words });
  expect((await post('/v1/caption?language=xx', photo)).status).toBe(422);
});

it('lists translators, reports every sentence and looks inside, for the page', async () => {
  const { models } = await client.request('translate.models', {});
  expect(models.map(({ name }) => name)).toEqual(['translator-tiny']);
  const told: Progress<'translate.run'>[] = [];
  const output = await client.request(
    'translate.run',
    { text: 'A dog runs.\nTwo cats.', to: 'de' },
    { onProgress: (progress) => told.push(progress) },
  );
  expect(told.map(({ translated }) => translated)).toEqual(expect.arrayContaining(output.sentences));
  const look = await client.request('translate.lookInside', { text: 'A dog runs.', to: 'de' });
  expect(REQUESTS['translate.lookInside'].output.parse(look)).toEqual(look);
});

it('cancels a long text, and answers the next request', async () => {
  const controller = new AbortController();
  const text = 'A dog and a cat sleep.\n'.repeat(500);
  const running = client.request(
    'translate.run',
    { text, to: 'de' },
    { signal: controller.signal, onProgress: () => controller.abort() },
  );
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(await client.request('translate.run', { text: 'A dog.', to: 'fr' })).toMatchObject({ to: 'fr' });
});
