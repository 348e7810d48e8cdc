import { describe, expect, it, vi } from 'vitest';
import { open, settled } from './support/open-app.ts';

// What people know from other programs for photos.

const all = { settings: { language: 'en', page: { view: 'all', photo: 'p1' } } } as const;

async function press(key: string, target: Element = document.body): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settled();
}

async function click(selector: string | Element, more: MouseEventInit = {}): Promise<void> {
  const found = typeof selector === 'string' ? document.querySelector(selector) : selector;
  if (!found) throw new Error('there is nothing to be clicked');
  found.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...more }));
  await settled();
}

const shown = (selector: string): string =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim()).join(' | ');

describe('in the grid', () => {
  it('Shift on a box chooses all from the last one to it', async () => {
    await open({ photos: 6, ...all });
    const box = (place: number): Element => document.querySelectorAll('.grid .check input')[place]!;
    // The first one is where it begins, chosen or not any more.
    await click(box(0));
    await click(box(0));
    await click(box(1), { shiftKey: true });
    expect(shown('.chosen strong')).toBe('2 selected');
  });

  it('a menu stands at a photo for the other button of the mouse', async () => {
    const client = await open({ photos: 2, ...all });
    const [, second] = document.querySelectorAll('.grid .photo');
    second!.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: 9, clientY: 9 }));
    await settled();
    expect(shown('[role=menuitem]')).toBe('Open | Copy caption | Caption again | Export | Remove');
    await click('[role=menuitem]:nth-child(2)');
    expect(client.copied).toBe('A black dog is running in the snow.');
    expect(document.querySelector('[role=menu]')).toBeNull();
  });

  it('a photo that is dragged out takes its caption and its picture along', async () => {
    await open({ photos: 1 });
    await press('g');
    const sent: Record<string, string> = {};
    const dataTransfer = { setData: (type: string, value: string) => void (sent[type] = value) };
    document.querySelector('.grid .photo')!.dispatchEvent(Object.assign(new Event('dragstart'), { dataTransfer }));
    expect(sent['text/plain']).toBe('A large airplane is flying in the sky.');
    expect(sent['DownloadURL']).toMatch(/^image\/jpeg:airplane-in-sky-1\.jpg:http.*\/samples\/airplane-in-sky\.jpg/);
  });

  it('a word is dragged out of the contact sheet as a picture with its map', async () => {
    await open({ photos: 1 });
    await press('s');
    const sent: Record<string, string> = {};
    const dataTransfer = { setData: (type: string, value: string) => void (sent[type] = value) };
    const tile = [...document.querySelectorAll<HTMLElement>('.sheet button.tile')][2]!;
    expect(tile.getAttribute('draggable')).toBe('true');
    tile.dispatchEvent(Object.assign(new Event('dragstart'), { dataTransfer }));
    expect(sent['text/plain']).toBe('airplane');
    expect(sent['DownloadURL']).toMatch(
      /^image\/png:airplane-in-sky-1-03-airplane\.png:http.*\/photos\/p1\/maps\/0\/2\.png$/,
    );
    // The same from the word that is held.
    await press('s');
    await click('.line [data-index="2"]');
    const button = document.querySelector('.actions [title="Copy picture"]')!;
    sent['DownloadURL'] = '';
    button.dispatchEvent(Object.assign(new Event('dragstart'), { dataTransfer }));
    expect(sent['DownloadURL']).toMatch(/maps\/0\/2\.png$/);
  });

  it('a window of its own drags files instead: the photo’s, and pictures of maps', async () => {
    const client = await open({ photos: 1, door: 'electron' });
    const drag = (selector: string): Event => {
      const event = Object.assign(new Event('dragstart', { cancelable: true }), { dataTransfer: {} });
      document.querySelector(selector)!.dispatchEvent(event);
      return event;
    };
    await press('s');
    expect(drag('.sheet li:nth-child(3) .tile').defaultPrevented).toBe(true);
    await press('g');
    expect(drag('.grid .photo').defaultPrevented).toBe(true);
    expect(client.dragged).toEqual([
      ['p1', { caption: 0, word: 1 }],
      ['p1', null],
    ]);
  });

  it('those that failed are removed together', async () => {
    const client = await open({ photos: 2, ...all });
    await client.addFiles([new File(['x'], 'broken.jpg')], {
      onAdded: (photo) => client.emit('photos', { changed: [photo], removed: [] }),
    });
    await settled();
    await click([...document.querySelectorAll('.batch .button')].at(-1)!);
    expect(client.asked.find(({ name }) => name === 'photos.remove')?.input).toEqual({ photoIds: ['p3'] });
  });
});

describe('the photo', () => {
  it('is removed by the Delete key', async () => {
    const client = await open({ photos: 2 });
    await press('Delete');
    expect(client.asked.find(({ name }) => name === 'photos.remove')?.input).toEqual({ photoIds: ['p1'] });
    expect(shown('.bar h1')).toBe('dog-in-snow-2.jpg');
  });
});

describe('the way back', () => {
  it('leads from a dialog, a photo and a place to where one was', async () => {
    await open({ photos: 3, ...all });
    expect(location.hash).toBe('#/caption/all');
    await click('.grid .photo');
    expect(location.hash).toBe('#/caption/p1');
    const photo: unknown = history.state;
    await press('?');
    expect(document.querySelector('dialog')).not.toBeNull();
    window.dispatchEvent(new PopStateEvent('popstate', { state: photo }));
    await settled();
    expect(document.querySelector('dialog')).toBeNull();
    expect(shown('.bar h1')).toBe('airplane-in-sky-1.jpg');
  });

  it('is not made longer by looking through the photos', async () => {
    await open({ photos: 3 });
    const { length } = history;
    await press('PageDown');
    await press('PageDown');
    expect(location.hash).toBe('#/caption/p3');
    expect(history.length).toBe(length);
  });

  it('begins where the address says', async () => {
    history.replaceState(null, '', '#/caption/p2');
    await open({ photos: 3, ...all });
    expect(shown('.bar h1')).toBe('dog-in-snow-2.jpg');
  });
});

describe('the language of captions', () => {
  it('is that of the page until somebody chooses; keywords come in it as well', async () => {
    const client = await open({ photos: 1, settings: { language: 'de' } });
    const translate = client.handlers['caption.translate']!;
    client.handlers['caption.translate'] = async (input, control) => ({
      ...(await translate(input, control)),
      keywords: ['Flugzeug'],
    });
    await press('g');
    await press('g');
    expect(document.querySelector('.translated')?.getAttribute('lang')).toBe('de');
    await vi.waitFor(() => expect(shown('.keywords li')).toBe('Flugzeug'));
  });
});
