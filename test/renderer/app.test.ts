import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../src/renderer/app.svelte';
import { FakeClient, type FakeOptions } from './support/fake-service/fake-client.ts';

let unmountLast: (() => void) | undefined;
afterEach(() => {
  unmountLast?.();
  document.body.replaceChildren();
});

async function open(options: FakeOptions = {}): Promise<FakeClient> {
  const client = new FakeClient({ settings: { language: 'en' }, ...options });
  const app = mount(App, { target: document.body, props: { client } });
  unmountLast = () => void unmount(app);
  await settled();
  return client;
}

/** Lets answers arrive and be shown. */
async function settled(): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    flushSync();
  }
}

function button(name: string | RegExp): HTMLButtonElement {
  const found = [...document.querySelectorAll('button')].find((one) => {
    const own = (one.getAttribute('aria-label') ?? one.textContent).trim();
    return typeof name === 'string' ? own === name : name.test(own);
  });
  if (!found) throw new Error(`there is no button ${name}`);
  return found;
}

async function press(target: Element, key: string, more: KeyboardEventInit = {}): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  await settled();
}

async function click(target: HTMLElement): Promise<void> {
  target.click();
  await settled();
}

const text = (selector: string): string =>
  (document.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').replace(/ \.$/, '.').trim();
const words = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('.line [data-index]')];

describe('the window', () => {
  it('says in one sentence what to do when it is empty', async () => {
    await open();
    expect(text('h1')).toBe('Drop a photo anywhere in this window, and read what it shows.');
  });

  it('speaks German where that is preferred', async () => {
    await open({ settings: { language: 'de' } });
    expect(document.documentElement.lang).toBe('de');
    expect(text('h1')).toContain('Ziehen Sie ein Foto');
  });

  it.each([
    ['light', 'normal'],
    ['dark', 'high'],
  ] as const)('wears the chosen colours: %s, %s contrast', async (theme, contrast) => {
    await open({ settings: { theme, contrast } });
    expect(document.documentElement.dataset).toMatchObject({ theme, contrast });
  });

  it('shows photos that come in from outside', async () => {
    const client = await open({ photos: 3 });
    client.emit('opened', { photoIds: ['p2'] });
    await settled();
    expect(text('.bar h1')).toBe('beach-at-sunset-2.jpg');
  });

  it('does what the menu says', async () => {
    const client = await open({ photos: 2 });
    client.emit('menu', { command: 'select-all' });
    await settled();
    expect(text('.chosen strong')).toBe('2 selected');
    client.emit('menu', { command: 'place-translate' });
    await settled();
    expect(document.querySelector('.rail [aria-current]')?.textContent.trim()).toBe('Translate');
  });

  it('says what went wrong, and lets the message be put away', async () => {
    const client = await open({ photos: 1 });
    vi.spyOn(client, 'copyText').mockRejectedValueOnce(new Error('The clipboard is locked.'));
    await click(button('Copy caption'));
    expect(text('[role=alert]')).toBe('The clipboard is locked.');
    await click(button('Close this message'));
    expect(document.querySelector('[role=alert]')).toBeNull();
  });
});

describe('a photo', () => {
  it('is captioned when it is added, unless the settings say otherwise', async () => {
    for (const captionOnOpen of [true, false]) {
      const client = await open({ settings: { captionOnOpen, language: 'en' }, door: 'electron' });
      await click(button('Open photos…'));
      expect(client.asked.some(({ name }) => name === 'caption.run')).toBe(captionOnOpen);
      expect(words().length > 0).toBe(captionOnOpen);
      unmountLast?.();
    }
  });

  it('has a caption whose words say how likely they are and where they looked', async () => {
    await open({ photos: 3 });
    await press(document.body, 'PageDown');
    await press(document.body, 'PageDown');
    expect(text('.line')).toBe('A black dog is running in the snow.');
    expect(words()[2]?.getAttribute('aria-label')).toMatch(/^dog, \d+%, looked at: [a-z ]+$/);
    // One stop for the Tab key; the arrows do the rest.
    expect(words().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
  });

  it('is pinned and compared by Enter, and let go by Escape', async () => {
    await open({ photos: 1 });
    await press(words()[1]!, 'Enter');
    await press(words()[2]!, 'Enter');
    expect(words().map((word) => word.getAttribute('aria-pressed'))).toEqual([
      'false',
      'true',
      'true',
      ...Array.from({ length: words().length - 3 }, () => 'false'),
    ]);
    expect(document.querySelectorAll('figure')).toHaveLength(2);
    await press(document.body, 'Escape');
    expect(document.querySelectorAll('figure')).toHaveLength(0);
  });

  it('is decoded on from another word', async () => {
    const client = await open({ photos: 1 });
    await click(words()[1]!);
    await click(button(/^Why “/));
    const others = [...document.querySelectorAll<HTMLButtonElement>('.card li button:not([disabled])')];
    const chosen = others[0]?.querySelector('.name')?.textContent ?? '';
    await click(others[0]!);
    expect(client.asked.findLast(({ name }) => name === 'caption.run')?.input).toMatchObject({
      prefix: ['a', chosen],
      keep: true,
    });
    expect(text('.line')).toMatch(new RegExp(`^A ${chosen} `));
  });

  it('keeps what was written by hand when the model tries again', async () => {
    const client = await open({ photos: 1 });
    await click(button('Edit'));
    const field = document.querySelector('textarea')!;
    field.value = 'Our airplane flying home.';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await press(field, 'Enter');
    expect(text('.line')).toBe('Our airplane flying home.');
    // The words that are the model's own still know where it looked.
    expect(words().map(({ textContent }) => textContent.trim())).toEqual(['airplane', 'flying']);

    await press(document.body, 'n');
    expect(client.asked.findLast(({ name }) => name === 'caption.run')?.input).toMatchObject({ keep: false });
    expect(client.asked.filter(({ name }) => name === 'caption.edit')).toHaveLength(1);
  });

  it('shows why it has no caption, and tries again', async () => {
    const client = await open({ photos: 0, settings: { language: 'en' } });
    const failing = vi.spyOn(client.handlers as { 'caption.run': () => unknown }, 'caption.run');
    failing.mockRejectedValueOnce(Object.assign(new Error('The disk is full.'), { code: 'internal' }));
    await client.addFiles([new File(['x'], 'dog.jpg')]);
    client.emit('photos', { changed: (await client.request('photos.list', {})).photos, removed: [] });
    client.emit('opened', { photoIds: ['p1'] });
    await settled();
    expect(text('.trouble p')).toBe('The disk is full.');
    await click(button('Try again'));
    expect(words().length).toBeGreaterThan(0);
  });

  it('that is broken says so in its place', async () => {
    const client = await open();
    await client.addFiles([new File(['x'], 'broken.jpg')]);
    client.emit('photos', { changed: (await client.request('photos.list', {})).photos, removed: [] });
    client.emit('opened', { photoIds: ['p1'] });
    await settled();
    expect(text('.broken p')).toContain('“broken.jpg” is damaged');
  });
});

describe('settings', () => {
  it('of the map are kept', async () => {
    const client = await open({ photos: 1 });
    await click(button('Map'));
    const dim = [...document.querySelectorAll<HTMLInputElement>('.controls input[type=radio]')].find(
      ({ value }) => value === 'dim',
    )!;
    await click(dim);
    expect(client.settings.mapStyle).toMatchObject({ mode: 'dim', colourMap: 'cividis' });
    expect(document.documentElement.style.getPropertyValue('--scale')).toContain('rgb(40 40 40)');
  });

  it('of the place are found again', async () => {
    const client = await open({ photos: 1 });
    await click([...document.querySelectorAll<HTMLButtonElement>('.rail button')][2]!);
    expect(client.settings.page['place']).toBe('look-inside');
  });
});

describe('an export', () => {
  it('asks for the chosen formats, and downloads what comes of it', async () => {
    const client = await open({ photos: 2 });
    await press(document.body, 'e', { ctrlKey: true });
    const csv = [...document.querySelectorAll('dialog label')].find((label) => label.textContent.includes('CSV'))!;
    await click(csv.querySelector('input')!);
    await click([...document.querySelectorAll<HTMLButtonElement>('dialog footer button')].at(-1)!);
    expect(client.asked.findLast(({ name }) => name === 'export.run')?.input).toMatchObject({
      photoIds: ['p1'],
      formats: ['sheet', 'csv'],
      target: { kind: 'download' },
    });
    expect(client.downloads).toHaveLength(1);
    expect(text('dialog .much')).toBe('2 files written.');
  });
});
