import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHANNELS, type BridgeAnswer } from '../../src/contract/bridge.ts';
import type { Input, Output, RequestName } from '../../src/contract/requests.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';
import { useBuiltApp } from '../support/built-app.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { writeTinyTranslatorRun } from '../support/tiny-translator.ts';
import { FakeApp, type Told } from './fake-electron/launch.ts';

// What electron-vite makes of the main process, run as Electron runs it: everything is real but Electron.
useTestBackend();
const built = useBuiltApp();
let folder: { path: string; remove: () => Promise<void> };
let model: string;
let translator: string;
let photos: string[];
const started: FakeApp[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeTinyModel(folder.path);
  translator = join(await writeTinyTranslatorRun(join(folder.path, 'run')), 'final');
  await mkdir(join(folder.path, 'photos'));
  photos = [0, 1, 2, 3].map((i) => join(folder.path, 'photos', `photo-${i}.png`));
  await Promise.all(photos.map((photo, seed) => writeTinyPhoto(photo, seed)));
});
afterAll(async () => {
  for (const app of started) app.kill();
  await Promise.all(started.map(({ ended }) => ended));
  await folder.remove();
});

function launch(name: string, args: readonly string[], env: Record<string, string> = {}): FakeApp {
  const app = new FakeApp(built.main, args, {
    ATTEND_BACKEND: backendUnderTest,
    ATTEND_DATA: join(folder.path, name, 'data'),
    ATTEND_CACHE: join(folder.path, name, 'cache'),
    ...env,
  });
  started.push(app);
  return app;
}

/** Asks as the preload does. */
async function ask<Name extends RequestName>(app: FakeApp, name: Name, input: Input<Name>): Promise<Output<Name>> {
  const answer = await app.do<BridgeAnswer>('invoke', CHANNELS.request, [1, name, input]);
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.output as Output<Name>;
}

async function photoNames(app: FakeApp): Promise<string[]> {
  return (await ask(app, 'photos.list', {})).photos.map(({ name }) => name);
}

/** What the page was told, by channel. */
async function sent(app: FakeApp, channel: string): Promise<unknown[][]> {
  const all = await app.do<[string, ...unknown[]][]>('sent');
  return all.flatMap(([name, ...parameters]) => (name === channel ? [parameters] : []));
}

describe('the built main process', () => {
  let app: FakeApp;
  let told: Told;

  beforeAll(async () => {
    app = launch('main', [photos[0]!, `--model=${model}`, '--translator', translator]);
    await app.do('ready');
    told = await vi.waitFor(
      async () => {
        const now = await app.told();
        expect(now.windows[0]?.loaded).toBe('app://attend/index.html');
        return now;
      },
      { timeout: 60_000 },
    );
  });

  it('has a scheme of its own before it is ready, with no right that it does not need', () => {
    expect(told.lateSchemes).toBe(false);
    expect(told.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
  });

  it('opens one window, isolated, in a sandbox and without Node', () => {
    expect(told.windows).toHaveLength(1);
    const { options } = told.windows[0]!;
    expect(options['webPreferences']).toEqual({
      preload: join(built.folder, 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    });
    // No white flash: it is shown when there is something to see.
    expect(options['show']).toBe(false);
    expect(told.windows[0]!.calls).toEqual(['show']);
  });

  it('has a preload that a sandbox can run: one file that requires nothing but Electron', async () => {
    const preload = await readFile(join(built.folder, 'preload', 'index.cjs'), 'utf8');
    const required = [...preload.matchAll(/\brequire\(([^)]*)\)/g)].map(([, name]) => name);
    expect(new Set(required)).toEqual(new Set(['"electron"']));
    expect(preload).not.toMatch(/^\s*(import|export) /m);
    // The page gets one object of functions, and never the messages themselves.
    expect(preload).toMatch(/exposeInMainWorld\("attend", /);
    expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1);
  });

  it('loads nothing into the main process that must stay beside its own files', async () => {
    const folder = dirname(built.main);
    const importsOf = (text: string): string[] =>
      [...text.matchAll(/^(?:import|export)\b[^"]*?"([^"]+)"/gm)].map(([, name = '']) => name);
    const first = await readFile(built.main, 'utf8');
    const app = (await readdir(folder)).find((name) => name.startsWith('app-'))!;
    const needed = new Set([`./${app}`]);
    for (const name of needed) {
      for (const other of importsOf(await readFile(join(folder, name), 'utf8'))) {
        // What is asked for later is another matter.
        if (other.startsWith('.')) needed.add(other);
        else expect(other).not.toContain('tfjs');
      }
    }
    const text = await readFile(join(folder, app), 'utf8');
    for (const name of ['sharp', 'exiftool-vendored', 'zod']) {
      expect(text).toMatch(new RegExp(`(from|import\\()\\s*"${name}"`));
    }
    // The first of them needs nothing but Electron and Node, and what of this it shares with the others.
    const needs = importsOf(first);
    expect(needs.filter((name) => !/^(electron$|node:|\.\/)/.test(name))).toEqual([]);
  });

  it('adds a model by the folder that was dropped, and says what is wrong with one that is none', async () => {
    const blip = fileURLToPath(new URL('../engine/published/fixtures/blip', import.meta.url));
    const added = await app.do<BridgeAnswer>('invoke', CHANNELS.addModel, [-1, blip]);
    expect(added).toMatchObject({ output: { name: 'captioner-blip' } });
    const { models } = await ask(app, 'models.list', {});
    expect(models.find(({ name }) => name === 'captioner-blip')).toMatchObject({ title: 'BLIP', isAdded: true });
    const other = await app.do<BridgeAnswer>('invoke', CHANNELS.addModel, [-1, dirname(photos[0]!)]);
    expect(other).toMatchObject({ error: { message: expect.stringContaining('config.json is missing') as string } });
  });

  it.each(['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'usb', 'fileSystem'])(
    'refuses the permission %s',
    async (name) => {
      expect(await app.do('permission', name)).toEqual([false, false, false]);
    },
  );

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('lets a page go nowhere: %s', async (name) => {
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      'app://elsewhere/index.html',
      'app://attend.example.com/index.html',
      'javascript:alert(1)',
      'data:text/html,hello',
    ]) {
      expect([url, await app.do('navigate', name, url)]).toEqual([url, true]);
    }
  });

  it('opens no second window, embeds no page, and hands nothing but its own links to the system', async () => {
    expect(await app.do('embed')).toBe(true);
    const paper = 'https://arxiv.org/abs/1502.03044';
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://attend/index.html', paper]) {
      expect(await app.do('openWindow', url)).toBe('deny');
    }
    expect((await app.told()).outside).toEqual([paper]);
  });

  it('serves its pages with a policy that allows nothing inline and nothing from elsewhere', async () => {
    const page = await app.fetch('app://attend/index.html');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const policy = page.headers['content-security-policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    // All that the page asks for is there, and nothing in it is inline.
    const html = page.body.toString();
    const named = [...html.matchAll(/(?:src|href)="\.?\/?(?!data:)([^"]+)"/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(1);
    for (const path of named) expect((await app.fetch(`app://attend/${path}`)).status).toBe(200);
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  });

  it.each([
    'app://attend/..%2f..%2fpackage.json',
    'app://attend/%2e%2e/main/index.js',
    'app://attend/assets/..%2f..%2fmain/index.js',
    'app://attend/..%5cmain%5cindex.js',
    'app://attend/%00index.html',
    'app://attend//etc/passwd',
    'app://attend/photos/..%2f..%2f/thumbnail',
    'app://attend/downloads/..%2f..%2fdata',
    'app://elsewhere/index.html',
    'app://attend/',
  ])('serves nothing for %s', async (address) => {
    const { body, status } = await app.fetch(address);
    expect(status).toBe(404);
    expect(body.toString()).toBe('Not found');
  });

  it.each<[string, { url: string } | undefined]>([
    ['a page of another site', { url: 'https://example.com/' }],
    ['a file', { url: pathToFileURL('/tmp/index.html').href }],
    ['a host that only looks like its own', { url: 'app://attend.example.com/index.html' }],
    ['a frame inside its own page', { url: 'app://attend/index.html' }],
  ])('answers nothing to %s', async (_, frame) => {
    const answer = await app.do<BridgeAnswer>('invoke', CHANNELS.request, [1, 'photos.list', {}], frame);
    expect(answer).toMatchObject({ error: { code: 'forbidden' } });
  });

  it.each<[string, unknown[], string]>([
    ['a request that does not exist', [1, 'process.exit', {}], 'unknown-request'],
    ['a name of every object', [1, 'constructor', {}], 'unknown-request'],
    ['an input of another form', [1, 'photos.remove', { photoIds: '/etc' }], 'bad-request'],
    ['no number of a request', ['1', 'photos.list', {}], 'forbidden'],
    ['a folder that nobody chose', [1, 'export.run', toFolder('/tmp')], 'forbidden'],
    ['a file that was not exported', [1, 'export.show', { path: '/etc/passwd' }], 'forbidden'],
  ])('refuses %s', async (_, parameters, code) => {
    const answer = await app.do<BridgeAnswer>('invoke', CHANNELS.request, parameters);
    expect(answer).toMatchObject({ error: { code } });
  });

  it('opens the photo of its command line, and captions it with the model named there', async () => {
    await expect.poll(() => photoNames(app)).toEqual(['photo-0.png']);
    const [photo] = (await ask(app, 'photos.list', {})).photos;
    await expect.poll(() => sent(app, CHANNELS.event)).toContainEqual(['opened', { photoIds: [photo!.id] }]);
    const picture = await app.fetch(`app://attend${photo!.thumbnail}`);
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/jpeg']);

    const result = await ask(app, 'caption.run', { photoId: photo!.id });
    expect(result.model).toBe('captioner-tiny');
    expect(result.captions[0]!.words.length).toBeGreaterThan(0);
    // Word by word, on the way.
    const partial = (await sent(app, CHANNELS.progress)).map(([, progress]) => progress as { words: unknown[] });
    expect(partial[0]!.words).toHaveLength(1);
    expect((await app.told()).recentDocuments).toEqual([photos[0]]);
  });

  it('translates with the translator named there', async () => {
    const { models } = await ask(app, 'translate.models', {});
    expect(models[0]!.name).toBe('tiny-run');
    expect((await ask(app, 'translate.run', { text: 'A dog runs.', to: 'fr' })).model).toBe('tiny-run');
  });

  it('has a menu that asks the page', async () => {
    expect(told.menu.map(({ label }) => label.replace('&', ''))).toEqual(
      expect.arrayContaining(['File', 'Edit', 'View', 'Help']),
    );
    await app.do('click', '&File', 'Export…');
    expect(await sent(app, CHANNELS.event)).toContainEqual(['menu', { command: 'export' }]);
  });

  it('changes its menu to the language that was chosen', async () => {
    const first = async (): Promise<string> => (await app.told()).menu[0]!.label;
    await ask(app, 'settings.set', { language: 'de' });
    expect(await first()).toBe('&Datei');
    await ask(app, 'settings.set', { language: 'system' });
    expect(await first()).toBe('&File');
  });

  it('takes the files of a second start, and comes to the front', async () => {
    await app.do('secondInstance', { files: [photos[1]] });
    await expect.poll(() => photoNames(app)).toEqual(['photo-0.png', 'photo-1.png']);
    expect((await app.told()).windows[0]!.calls.at(-1)).toBe('focus');
    // Whatever else may come from there is nothing.
    for (const odd of [undefined, null, 'files', { files: 'a.png' }, { files: [1] }, { files: [] }]) {
      await app.do('secondInstance', odd);
    }
    expect(await photoNames(app)).toHaveLength(2);
  });

  it('opens its window again for files that come when it is closed, as on a Mac', async () => {
    const other = launch('mac', [`--model=${model}`]);
    await other.do('ready');
    await expect.poll(async () => (await other.told()).windows.length).toBe(1);
    // There the app stays when its last window closes; elsewhere it quits (below).
    if (process.platform === 'darwin') await other.do('closeWindow');
    expect(await other.do('openFile', photos[2])).toBe(true);
    await expect.poll(() => photoNames(other)).toEqual(['photo-2.png']);
    await other.do('quit');
    expect((await other.ended).code).toBe(0);
  });

  it('keeps the window’s place, lets the library go and ends when its window is closed', async () => {
    if (process.platform === 'darwin') await app.do('quit');
    else await app.do('closeWindow');
    const { code, stderr } = await app.ended;
    expect([code, stderr.replace(/^.*(Deprecation|trace-dep).*\n?/gm, '')]).toEqual([0, '']);
    const data = join(folder.path, 'main', 'data');
    expect(existsSync(join(data, 'running.json'))).toBe(false);
    expect(await readFile(join(data, 'session', 'library.jsonl'), 'utf8')).toContain('photo-1.png');
    if (process.platform !== 'darwin') {
      const kept = JSON.parse(await readFile(join(data, 'window', 'window.json'), 'utf8'));
      expect(kept).toEqual({ bounds: { x: 10, y: 20, width: 1000, height: 700 }, maximised: false });
    }
  });
});

describe('a second start', () => {
  it('hands its files to the first and ends, with no window and no library of its own', async () => {
    const app = launch('second', ['--', photos[0]!, '-odd.png'], { FAKE_OTHER_INSTANCE: '1' });
    const { code, told } = await app.ended;
    expect(code).toBe(0);
    expect(told!.lock).toEqual({ files: [photos[0], join(process.cwd(), '-odd.png')] });
    expect(told!.windows).toEqual([]);
    expect(existsSync(join(folder.path, 'second', 'data', 'session'))).toBe(false);
  });
});

describe('a command line that cannot be followed', () => {
  it.each<[string, string[], RegExp]>([
    ['a captioner that is none', ['--model=nowhere'], /There is no model "nowhere"/],
    ['a translator that is none', ['--translator', 'nowhere'], /There is no model "nowhere"/],
    ['an option without a value', ['--translator'], /--translator needs a folder or a name/],
  ])('is refused with a message: %s', async (_, args, message) => {
    const app = launch(`wrong-${args.join('')}`, args);
    await app.do('ready');
    const { code, told } = await app.ended;
    expect(code).toBe(2);
    expect(told!.errors).toHaveLength(1);
    expect(told!.errors[0]!.content).toMatch(message);
    expect(told!.windows).toEqual([]);
  });

  it('says so where the library cannot be opened', async () => {
    // A file where the folder should be.
    const app = launch('file', [], { ATTEND_DATA: photos[0]! });
    await app.do('ready');
    const { code, told } = await app.ended;
    expect(code).toBe(1);
    expect(told!.errors[0]!.content).toMatch(/there is a file where a folder should be. Set ATTEND_DATA/);
  });
});

function toFolder(path: string): Input<'export.run'> {
  return { photoIds: ['a'], formats: ['txt'], existing: 'skip', target: { kind: 'folder', path } };
}

describe('the installed main process', () => {
  it('runs nothing of what lies beside its archive before it was looked through', async () => {
    // Packages cannot be found from here: whatever is run ends in another error.
    const archive = join(folder.path, 'installed', 'app.asar');
    await cp(dirname(built.main), join(archive, 'out', 'main'), { recursive: true });
    await writeFile(join(archive, 'package.json'), '{ "type": "module" }');
    await mkdir(join(`${archive}.unpacked`, 'dist'), { recursive: true });
    const sums = { 'dist/workers.js': ['0'] };
    await writeFile(join(archive, 'out', 'main', 'checksums.json'), JSON.stringify(sums));
    await writeFile(join(`${archive}.unpacked`, 'dist', 'workers.js'), '');
    const app = new FakeApp(join(archive, 'out', 'main', 'index.js'), [], {
      ATTEND_DATA: join(folder.path, 'installed'),
    });
    started.push(app);
    const { code, told, stderr } = await app.ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(told?.errors).toEqual([{ title: 'Attend', content: expect.stringContaining('workers.js was changed') }]);
  });
});
