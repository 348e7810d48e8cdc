import { describe, expect, it } from 'vitest';
import { FakeClient } from './support/fake-service/fake-client.ts';
import { open, settled } from './support/open-app.ts';

const notices = (): string[] =>
  [...document.querySelectorAll('.notice p')].map(({ textContent }) => textContent.trim());
const all = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim());

/** How many photos the grid has, those that are not in the document counted. */
const photos = (): string | null | undefined => document.querySelector('.grid li')?.getAttribute('aria-setsize');

async function press(key: string): Promise<void> {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settled();
}

describe('a service that goes away', () => {
  it('is missed in one plain sentence, however much fails because of it', async () => {
    const client = await open({ photos: 3 });
    client.leave();
    await settled();
    expect(notices()).toEqual(['Attend does not run any more. Start it again: this page goes on by itself.']);
    expect(document.querySelector('.notice')?.getAttribute('role')).toBe('alert');
    // Settings, another photo: all of that fails now.
    await press('g');
    await press('g');
    await press('PageDown');
    expect(notices()).toHaveLength(1);

    client.comeBack();
    await settled();
    expect(notices()).toEqual(['Attend is back.']);
  });

  it('is told from one that does not know the page any more', async () => {
    const client = await open({ photos: 1 });
    client.leave('refused');
    await settled();
    expect(notices()).toEqual([expect.stringMatching(/does not know this page any more.*Run “attend serve”/)]);
  });

  it('says nothing of a break that is over before anybody could notice', async () => {
    const client = await open({ photos: 1 });
    client.comeBack();
    await settled();
    expect(notices()).toEqual([]);
  });
});

describe('a library that was damaged', () => {
  it('is told of, with where the damaged file lies, and once', async () => {
    const client = await open({
      photos: 1,
      damages: [{ kind: 'library', records: 2, disordered: false, back: 1, captions: 0, file: '/data/library.jsonl' }],
    });
    const [told] = notices();
    expect(told).toMatch(/2 records are unreadable.* 1 of the photos came back.*beside \/data\/library\.jsonl/);
    client.leave();
    client.comeBack();
    await settled();
    expect(notices().filter((text) => text === told)).toHaveLength(1);
  });
});

describe('a service that is back', () => {
  it('is asked for all that happened meanwhile', async () => {
    const client = await open({ photos: 3 });
    await press('g');
    expect(photos()).toBe('3');
    client.leave();
    await settled();
    // What happens now is not heard here: another page removes a photo and writes a caption.
    await Promise.all([
      client.handlers['photos.remove']!({ photoIds: ['p2'] }, { signal: new AbortController().signal, report: never }),
      client.handlers['caption.edit']!(
        { photoId: 'p1', caption: 'Written elsewhere.' },
        { signal: new AbortController().signal, report: never },
      ),
    ]);
    expect(photos()).toBe('3');
    client.comeBack();
    await settled();
    expect(photos()).toBe('2');
    expect(all('.grid .text')[0]).toBe('Written elsewhere.');
  });

  it('tells of its run over many photos as it is now, and not as it was', async () => {
    const client = await open({ photos: 2 });
    client.emit('batch', { state: 'running', total: 9, done: 3, failed: 0, secondsLeft: 60 });
    await settled();
    expect(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('3');
    client.leave();
    client.comeBack();
    await settled();
    // It has none.
    expect(document.querySelector('[role=progressbar]')).toBeNull();
  });

  it('is asked again for a caption that it did not come to answer', async () => {
    const client = await open({ photos: 0, pace: 20 });
    const added = client.handlers['photos.dialog']!(
      { kind: 'files' },
      { signal: new AbortController().signal, report: never },
    );
    const { photos: changed } = await added;
    client.emit('photos', { changed, removed: [] });
    client.emit('opened', { photoIds: changed.map(({ id }) => id) });
    await expect.poll(() => document.querySelector('.line')?.getAttribute('aria-busy')).toBe('true');
    client.leave();
    await expect.poll(() => all('.trouble')).toHaveLength(1);
    client.comeBack();
    await expect.poll(() => document.querySelector('.line')?.getAttribute('aria-busy')).toBe('false');
    expect(all('.trouble')).toEqual([]);
  });

  it('is begun with where it was not there from the start', async () => {
    const client = new FakeClient({ settings: { language: 'en' }, photos: 1 });
    client.leave();
    await open({}, client);
    expect(document.querySelector('.line')).toBeNull();
    client.comeBack();
    await settled();
    expect(document.querySelectorAll('.line [data-index]').length).toBeGreaterThan(3);
  });
});

function never(): never {
  throw new Error('Nothing reports here.');
}
