import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BridgeClient } from '../../src/client/bridge-client.ts';
import { CHANNELS, type AttendBridge, type BridgeAnswer } from '../../src/contract/bridge.ts';
import { DraggedFiles } from '../../src/main/dragged-files.ts';
import { answerAppRequest } from '../../src/main/app-protocol.ts';
import { doorHandlers, type DoorParts } from '../../src/main/door-handlers.ts';
import { connectPages } from '../../src/main/ipc.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { useTestBackend } from '../support/backend.ts';
import { describeDoor } from '../support/door-flows.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

type Listener = (...parameters: unknown[]) => unknown;

/** Electron's two ends of a message channel, as far as the app uses them, with a page at an address. */
class FakeElectron {
  readonly handlers = new Map<string, Listener>();
  readonly toPage: [channel: string, ...parameters: unknown[]][] = [];
  readonly page = {
    id: 1,
    mainFrame: { url: 'app://attend/index.html' },
    send: (channel: string, ...parameters: unknown[]) => {
      // What cannot be cloned cannot be sent.
      structuredClone(parameters);
      this.toPage.push([channel, ...parameters]);
      for (const listener of this.#listeners.get(channel) ?? []) listener({}, ...parameters);
    },
    isDestroyed: () => false,
    once: () => undefined,
    off: () => undefined,
  };
  readonly #listeners = new Map<string, Listener[]>();

  readonly ipc = {
    handle: (channel: string, listener: Listener) => void this.handlers.set(channel, listener),
    on: (channel: string, listener: Listener) => void this.handlers.set(channel, listener),
  };

  invoke(channel: string, ...parameters: unknown[]): Promise<BridgeAnswer> {
    return this.from({ sender: this.page, senderFrame: this.page.mainFrame }, channel, ...parameters);
  }

  async from(event: object, channel: string, ...parameters: unknown[]): Promise<BridgeAnswer> {
    return (await this.handlers.get(channel)!(event, ...structuredClone(parameters))) as BridgeAnswer;
  }

  listen(channel: string, listener: Listener): void {
    this.#listeners.set(channel, [...(this.#listeners.get(channel) ?? []), listener]);
  }
}

let place: TinyPlace;
let service: AttendService;
let electron: FakeElectron;
let chosen: { canceled: boolean; filePaths: string[] } = { canceled: true, filePaths: [] };
const opened: string[][] = [];
const dragged: string[] = [];
let files: DraggedFiles;
const copied: unknown[] = [];
const shown: string[] = [];
let onClipboard: { types: string[]; getType: () => Promise<Blob> }[] = [];

beforeAll(async () => {
  place = await tinyPlace();
  service = await place.open({ door: 'electron', samples: place.folder });
  electron = new FakeElectron();
  const parts = {
    openDialog: () => Promise.resolve(chosen),
    clipboard: {
      read: () => Promise.resolve(onClipboard),
      write: (items: unknown[]) => Promise.resolve(void copied.push(...items)),
      writeText: (text: string) => Promise.resolve(void copied.push(text)),
    },
    clipboardItem: (items: Record<string, Blob>) => items,
    shell: { showItemInFolder: (path: string) => void shown.push(path) },
    onOpened: (paths: string[]) => void opened.push(paths),
  } as unknown as DoorParts;
  files = new DraggedFiles(service, join(place.folder, 'dragged'));
  connectPages(doorHandlers(service, parts), service.events, {
    ipc: electron.ipc as never,
    isOwnPage: (address) => address.startsWith('app://attend/'),
    pages: () => [electron.page] as never,
    drag: async (_, wanted) => void dragged.push((await files.fileFor(wanted)).file),
  });
});
afterAll(async () => {
  await service.close();
  await place.remove();
});

/** The preload's bridge, over the fake channel. */
function bridge(): AttendBridge {
  return {
    versions: { electron: '', chrome: '', node: '' },
    platform: 'linux',
    origin: 'app://attend',
    request: (id, name, input) => electron.invoke(CHANNELS.request, id, name, input),
    drag: (photoId, map) => void electron.invoke(CHANNELS.drag, { photoId, map }),
    cancel: (id) => void electron.invoke(CHANNELS.cancel, id),
    addFiles: (files) =>
      electron.invoke(
        CHANNELS.addFiles,
        -1,
        (files as File[]).map(({ name }) => place.photos.find((path) => path.endsWith(name))!),
      ),
    addModel: (folder) => electron.invoke(CHANNELS.addModel, -1, (folder as File).name),
    onProgress: (listener) => electron.listen(CHANNELS.progress, (_, id, progress) => listener(id as number, progress)),
    onEvent: (listener) => electron.listen(CHANNELS.event, (_, name, event) => listener(name as never, event)),
  };
}

describe('messages from pages', () => {
  it.each<[string, () => object]>([
    ['a page of another address', () => ({ sender: electron.page, senderFrame: { url: 'https://example.com/' } })],
    ['a frame inside the page', () => ({ sender: electron.page, senderFrame: { url: 'app://attend/index.html' } })],
    ['a frame that is gone', () => ({ sender: electron.page, senderFrame: null })],
    [
      'a page of another address in the main frame',
      () => {
        const frame = { url: 'https://attend/index.html' };
        return { sender: { ...electron.page, mainFrame: frame }, senderFrame: frame };
      },
    ],
  ])('are refused from %s', async (_, event) => {
    expect(await electron.from(event(), CHANNELS.request, 1, 'app.info', {})).toMatchObject({
      error: { code: 'forbidden' },
    });
  });

  it.each<[string, unknown[], string]>([
    ['a name that is no text', [1, 7, {}], 'forbidden'],
    ['a number that is none', ['1', 'app.info', {}], 'forbidden'],
    ['an unknown name', [1, 'constructor', {}], 'unknown-request'],
    ['an input of another form', [1, 'photos.remove', { photoIds: 'all' }], 'bad-request'],
    ['paths that a page names', [1, 'photos.open', { paths: ['/etc/passwd'] }], 'forbidden'],
    ['a folder that a page names', [1, 'models.addFolder', { path: '/etc' }], 'forbidden'],
  ])('are refused with %s', async (_, parameters, code) => {
    expect(await electron.invoke(CHANNELS.request, ...parameters)).toMatchObject({ error: { code } });
  });
});

describe('what only a window can do', () => {
  const client = (): BridgeClient => new BridgeClient(bridge(), { download: () => undefined });

  it('opens what was chosen in a dialog, and remembers it', async () => {
    chosen = { canceled: false, filePaths: [place.photos[0]!] };
    const { photos } = await client().request('photos.dialog', { kind: 'files' });
    expect(photos.map(({ path }) => path)).toEqual([place.photos[0]]);
    expect(opened.at(-1)).toEqual([place.photos[0]]);
    chosen = { canceled: true, filePaths: [] };
    expect((await client().request('photos.dialog', { kind: 'folder' })).photos).toEqual([]);
  });

  it('exports to a folder that was chosen, and to no other', async () => {
    const [photo] = (await client().request('photos.list', {})).photos;
    await client().request('caption.edit', { photoId: photo!.id, caption: 'Mine.' });
    const wanted = { photoIds: [photo!.id], formats: ['txt' as const], existing: 'skip' as const };
    const target = { kind: 'folder' as const, path: place.folder };
    await expect(client().request('export.run', { ...wanted, target })).rejects.toMatchObject({ code: 'forbidden' });
    chosen = { canceled: false, filePaths: [place.folder] };
    expect(await client().request('export.folder', {})).toEqual({ path: place.folder });
    const { written } = await client().request('export.run', { ...wanted, target });
    expect(written).toHaveLength(1);
    await client().request('caption.edit', { photoId: photo!.id, caption: null });
    await client().request('export.show', { path: written[0]! });
    expect(shown.at(-1)).toBe(written[0]);
    await expect(client().request('export.show', { path: '/etc' })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('pastes a picture and copies text and drawings', async () => {
    expect((await client().request('photos.paste', {})).photos).toEqual([]);
    const blob = new Blob([await readFile(place.photos[1]!)]);
    onClipboard = [{ types: ['text/plain', 'image/png'], getType: () => Promise.resolve(blob) }];
    const [pasted] = (await client().request('photos.paste', {})).photos;
    expect(pasted).toMatchObject({ width: 40, path: null, error: null });
    await client().request('caption.run', { photoId: pasted!.id });
    await client().copyText('A dog.');
    await client().request('export.copy', { picture: { photoId: pasted!.id, word: 0 } });
    expect(copied[0]).toBe('A dog.');
    const png = new Uint8Array(await (copied[1] as Record<string, Blob>)['image/png']!.arrayBuffer());
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  });

  it('lets photos and maps be dragged out as files, and nothing else', async () => {
    const next = async (...[photoId, map]: Parameters<AttendBridge['drag']>): Promise<string> => {
      const before = dragged.length;
      expect(client().dragFile(photoId, map)).toBe(true);
      await expect.poll(() => dragged.length, { timeout: 10_000 }).toBe(before + 1);
      return dragged.at(-1)!;
    };
    const { photos } = await client().request('photos.list', {});
    const own = photos.find(({ path }) => path !== null)!;
    const pasted = photos.find(({ path }) => path === null)!;
    // The user's own file; what was pasted, under the name that it has in the list.
    expect(await next(own.id, null)).toBe(own.path);
    const copy = await next(pasted.id, null);
    expect(copy.endsWith(pasted.name)).toBe(true);
    expect(await readFile(copy)).toEqual(await readFile(place.photos[1]!));
    const { captions } = await client().request('caption.run', { photoId: pasted.id });
    const map = await next(pasted.id, { caption: 0, word: 0 });
    expect(map).toMatch(new RegExp(`pasted-0?1-${captions[0]!.words[0]!.word}\\.png$`));
    expect((await readFile(map)).subarray(1, 4).toString()).toBe('PNG');
    expect(await next(pasted.id, { caption: 0, word: null })).toMatch(/pasted-sheet\.png$/);
    const before = dragged.length;
    for (const wanted of ['/etc/passwd', { photoId: '../x', map: null }, { photoId: 'nothere', map: null }]) {
      await electron.invoke(CHANNELS.drag, wanted);
    }
    const foreign = { sender: electron.page, senderFrame: { url: 'https://example.com/' } };
    await electron.from(foreign, CHANNELS.drag, { photoId: own.id, map: null });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dragged).toHaveLength(before);
    await files.clear();
    await expect(readFile(copy)).rejects.toThrow('ENOENT');
    expect((await readFile(own.path!)).length).toBeGreaterThan(0);
  });
});

describe('app://', () => {
  it.each([
    ['app://attend/photos/nothere/picture'],
    ['app://attend/downloads/nothere'],
    ['app://attend/..%2fphotos/photo-0.png'],
    ['app://elsewhere/index.html'],
    ['app://attend/missing.js'],
  ])('has no %s', async (address) => {
    expect((await answerAppRequest(service, place.folder, address)).status).toBe(404);
  });
});

describeDoor('Electron', () => ({
  place,
  client: new BridgeClient(bridge(), { download: () => undefined }),
  async fetch(address) {
    const response = await answerAppRequest(service, place.folder, `app://attend${address}`);
    return { type: response.headers.get('content-type'), bytes: new Uint8Array(await response.arrayBuffer()) };
  },
}));
