import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finish, useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { writeTinyTranslatorRun } from '../support/tiny-translator.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();
const cli = useCli();

let folder: { path: string; remove: () => Promise<void> };
let model: string;
let photo: string;
let translator: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeTinyModel(folder.path);
  photo = join(folder.path, 'photo.png');
  await writeTinyPhoto(photo, 3);
  translator = join(await writeTinyTranslatorRun(join(folder.path, 'run')), 'final');
});
afterAll(() => folder.remove());

it('serves, with the models in a thread, until it is told to stop', async () => {
  const env = { ATTEND_DATA: join(folder.path, 'data') };
  const child = cli.start(['serve', '--port', '0', '--model', model, '--translator', translator], { env });
  const ended = finish(child);
  const address = await new Promise<string>((resolve) => {
    child.stdout.on('data', (text: string) => resolve(text.trim()));
  });
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{20,}$/);
  const { origin, searchParams } = new URL(address);
  const headers = { authorization: `Bearer ${searchParams.get('token')}` };
  const body = await readFile(photo);
  const answer = await fetch(`${origin}/v1/caption?name=photo.png`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
  const printed = await cli.run(['caption', photo, '--json', '--model', model]);
  const [{ caption, words }] = JSON.parse(printed.stdout);
  expect(await answer.json()).toMatchObject({ file: 'photo.png', caption, words });
  const asked = { method: 'POST', headers, body: JSON.stringify({ text: 'A dog runs.', to: 'fr' }) };
  const translated = await fetch(`${origin}/v1/translate`, asked);
  const printedToo = await cli.run(['translate', '--to', 'fr', '--model', translator, 'A dog runs.']);
  expect(await translated.json()).toMatchObject({ text: printedToo.stdout.replace(/\n$/, ''), model: 'tiny-run' });
  // Another one with the same photos and captions says where they are open, and has none of its own.
  const second = await cli.run(['serve', '--port', '0', '--model', model], { env });
  expect([second.code, second.stdout]).toEqual([0, `${address}\n`]);
  expect(second.stderr).toContain('runs already');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

it('says so where a port is taken, or is none', async () => {
  const env = { ATTEND_DATA: join(folder.path, 'data') };
  expect((await cli.run(['serve', '--port', '70000'], { env })).code).toBe(2);
});

it('refuses a captioner that is none', async () => {
  const env = { ATTEND_DATA: join(folder.path, 'data') };
  const { code, stderr, stdout } = await cli.run(['serve', '--port', '0', '--model', 'nowhere'], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('There is no model "nowhere"');
});

it('refuses a translator that is none', async () => {
  const env = { ATTEND_DATA: join(folder.path, 'data') };
  for (const wrong of ['nowhere', model]) {
    const { code, stderr, stdout } = await cli.run(['serve', '--port', '0', '--translator', wrong], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(wrong);
  }
});
