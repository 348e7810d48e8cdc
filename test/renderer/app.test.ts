import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { FakeClient } from './support/fake-service/fake-client.ts';
import { close, open, settled } from './support/open-app.ts';

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
    expect(text('.bar h1')).toBe('dog-in-snow-2.jpg');
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
      close();
    }
  });

  it('has a caption whose words say how likely they are and where they looked', async () => {
    await open({ photos: 3 });
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
    // Whoever points at a word sees its map, and the two again afterwards.
    const point = async (type: string): Promise<void> => {
      words()[3]!.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: 'mouse' }));
      await settled();
    };
    await point('pointerenter');
    expect(document.querySelectorAll('figure')).toHaveLength(0);
    await point('pointerleave');
    expect(document.querySelectorAll('figure')).toHaveLength(2);
    await press(document.body, 'Escape');
    expect(document.querySelectorAll('figure')).toHaveLength(0);
  });

  it('lays the map of a word that is pointed at over the comparison, for as long', async () => {
    await open({ photos: 1 });
    await press(words()[1]!, 'Enter');
    await press(words()[2]!, 'Enter');
    words()[4]!.dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }));
    await settled();
    expect(document.querySelectorAll('figure')).toHaveLength(0);
    words()[4]!.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }));
    await settled();
    expect(document.querySelectorAll('figure')).toHaveLength(2);
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

  it('has keywords, which somebody may choose otherwise', async () => {
    const client = await open({ photos: 1 });
    const shown = (): string[] =>
      [...document.querySelectorAll('.keywords li')].map(({ textContent }) => textContent.trim());
    const found = shown();
    expect(found).toEqual(['airplane', 'sky', 'flying']);
    await click(button('Remove “flying”'));
    expect(document.activeElement).toBe(document.querySelector('.keywords input'));
    const field = document.querySelector<HTMLInputElement>('.keywords input')!;
    field.value = ' Lisbon, holidays';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await press(field, 'Enter');
    expect(shown()).toEqual(['airplane', 'sky', 'Lisbon', 'holidays']);
    expect(field.value).toBe('');
    await press(field, 'Backspace');
    expect(shown()).toEqual(['airplane', 'sky', 'Lisbon']);

    await click(button('Copy keywords'));
    expect(client.copied).toBe('airplane, sky, Lisbon');
    await click(button('Back to those found'));
    expect(shown()).toEqual(found);
    expect(client.asked.findLast(({ name }) => name === 'caption.keywords')?.input).toMatchObject({ keywords: null });
  });

  it('gives a keyword back that could not be kept', async () => {
    const client = await open({ photos: 1 });
    const failing = vi.spyOn(client.handlers as { 'caption.keywords': () => unknown }, 'caption.keywords');
    failing.mockRejectedValueOnce(Object.assign(new Error('A keyword is too long.'), { code: 'bad-request' }));
    const field = document.querySelector<HTMLInputElement>('.keywords input')!;
    field.value = 'a very long keyword';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await press(field, 'Enter');
    expect(text('.notice')).toContain('A keyword is too long.');
    expect(field.value).toBe('a very long keyword');
    expect(document.querySelectorAll('.keywords li')).toHaveLength(3);
  });

  it('has no keyword that was given up while it was typed', async () => {
    const client = await open({ photos: 1 });
    const field = document.querySelector<HTMLInputElement>('.keywords input')!;
    field.focus();
    field.value = 'Lisb';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await press(field, 'Escape');
    expect(document.activeElement).not.toBe(field);
    expect(client.asked.some(({ name }) => name === 'caption.keywords')).toBe(false);
  });

  it('is translated by a model that was made for captions, unless it was written by hand', async () => {
    const client = await open({ photos: 1, settings: { language: 'en', page: { captionLanguage: 'de' } } });
    const asked = (): unknown => client.asked.findLast(({ name }) => name === 'caption.translate')?.input;
    expect(asked()).toMatchObject({ caption: text('.line'), to: 'de', byHand: false });
    await click(button('Edit'));
    const field = document.querySelector('textarea')!;
    field.value = 'Grandmother in Lisbon.';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await press(field, 'Enter');
    expect(asked()).toMatchObject({ caption: 'Grandmother in Lisbon.', to: 'de', byHand: true });
    expect(document.body.textContent).not.toContain('Not translated');
    await click(button('Edit'));
    const again = document.querySelector('textarea')!;
    again.value = 'Meine Oma in Lissabon.';
    again.dispatchEvent(new Event('input', { bubbles: true }));
    await press(again, 'Enter');
    expect(document.body.textContent).toContain('Not translated: this does not seem to be English.');
    expect(text('.translated')).toBe('');
  });

  it('shows which words of its translation the translator is unsure of', async () => {
    await open({ photos: 1, settings: { language: 'en', page: { captionLanguage: 'de' } } });
    const unsure = [...document.querySelectorAll<HTMLElement>('.translated .unsure')];
    expect(unsure.map(({ textContent }) => textContent)).toEqual(['large', 'airplane', 'flying', 'in', 'sky']);
    expect(unsure[0]!.title).toBe('The translator is unsure of this word.');
    expect(text('.translated')).toBe('Ein large airplane ist flying in den sky.');
  });

  it('gives the keyboard back to the word that was asked about', async () => {
    await open({ photos: 1 });
    words()[1]!.focus();
    await press(words()[1]!, 'Enter');
    await click(button(/^Why “/));
    await click(button('Blank that region and see'));
    const card = document.querySelector('.card')!;
    expect(card.contains(document.activeElement)).toBe(true);
    await press(document.activeElement!, 'Escape');
    expect(document.querySelector('.card')).toBeNull();
    expect(document.activeElement).toBe(words()[1]);
  });

  it('is said to be of an earlier version of the captioner, where that had other weights', async () => {
    const client = await open({ photos: 1, model: { checksum: 'others' } });
    expect(text('.writer')).toBe('by an earlier version');
    await click(words()[1]!);
    await click(button(/^Why “/));
    expect(text('.facts')).toContain('An earlier version of this captioner wrote the caption.');
    client.emit('model', { ...(await client.request('app.model', {})), checksum: '0123456789abcdef' });
    await settled();
    expect(document.querySelector('.writer')).toBeNull();
  });

  it('goes back to what the model said by itself', async () => {
    const client = await open({ photos: 1 });
    const before = text('.line');
    await click(words()[1]!);
    await click(button(/^Why “/));
    await click([...document.querySelectorAll<HTMLButtonElement>('.card li button:not([disabled])')][0]!);
    expect(text('.line')).not.toBe(before);
    await click(button('Back to the model’s caption'));
    expect(client.asked.findLast(({ name }) => name === 'caption.run')?.input).not.toHaveProperty('prefix');
    expect(text('.line')).toBe(before);
  });

  it('is shown anew when something else has captioned it again', async () => {
    const client = await open({ photos: 1 });
    await client.request('caption.choose', { photoId: 'p1', caption: 1 });
    await settled();
    const { photos } = await client.request('photos.list', {});
    expect(text('.line')).toBe(photos[0]?.caption);
  });

  it('lends the clipboard the picture of the caption that is shown, kept or not', async () => {
    const client = await open({ photos: 1, door: 'electron' });
    const copied: unknown[] = [];
    Object.assign(client.handlers, { 'export.copy': (input: unknown) => (copied.push(input), {}) });
    await click(words()[1]!);
    await click(button('Copy picture'));
    await press(document.body, 'Escape');
    await press(document.body, 'n');
    await click(words()[1]!);
    await click(button('Copy picture'));
    expect(copied).toEqual([
      { picture: expect.objectContaining({ word: 1, caption: 0 }) },
      { picture: expect.objectContaining({ word: 1, drawn: expect.objectContaining({ caption: text('.line') }) }) },
    ]);
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

  it('that turns out to be torn as it is shown says so in its place, until something happens to it', async () => {
    const client = await open({ photos: 1 });
    const fail = async (): Promise<void> => {
      document.querySelector('img.picture')!.dispatchEvent(new Event('error'));
      await settled();
    };
    await fail();
    expect(text('.broken p')).toBe('This photo cannot be shown');
    const [photo] = (await client.request('photos.list', {})).photos;
    client.emit('photos', { changed: [{ ...photo!, state: 'waiting' }], removed: [] });
    await settled();
    expect(document.querySelector('.broken')).toBeNull();
    // Without the service nothing can be shown, and no photo is to blame.
    client.leave();
    await settled();
    await fail();
    expect(document.querySelector('.broken')).toBeNull();
  });
});

describe('what was begun', () => {
  it('comes back as it was left, and with it all that was kept', async () => {
    const page = { view: 'all', photo: 'p2', exportFormats: 'csv' };
    const client = new FakeClient({ photos: 3, settings: { language: 'en', page } });
    // However long the settings take.
    vi.spyOn(client.handlers as { 'settings.get': () => unknown }, 'settings.get').mockImplementation(
      () => new Promise((resolve) => setTimeout(() => resolve(client.settings), 20)),
    );
    await open({}, client);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await settled();
    expect(document.querySelector('.grid')).not.toBeNull();
    expect(client.settings.page).toEqual(page);
  });

  it('is kept when another photo is opened while somebody writes, and not when they give it up', async () => {
    const client = await open({ photos: 2 });
    const edits = (): unknown[] => client.asked.filter(({ name }) => name === 'caption.edit').map(({ input }) => input);
    const write = async (words: string): Promise<void> => {
      await click(button('Edit'));
      const field = document.querySelector('textarea')!;
      field.value = words;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await settled();
    };
    await write('Given up.');
    await press(document.querySelector('textarea')!, 'Escape');
    await press(document.body, 'PageDown');
    expect(edits()).toEqual([]);
    await write('Our beach.');
    await press(document.body, 'PageUp');
    expect(edits()).toEqual([{ photoId: 'p2', caption: 'Our beach.' }]);
    expect(text('.line')).not.toBe('Our beach.');
    await press(document.body, 'PageDown');
    expect(text('.line')).toBe('Our beach.');
  });

  it('of the settings is not drawn back by news of an earlier change', async () => {
    const client = await open({ photos: 1 });
    await click(button('Map'));
    const slider = document.querySelector<HTMLInputElement>('input[type=range]')!;
    const earlier = { ...client.settings, mapStyle: { ...client.settings.mapStyle, strength: 0.2 } };
    slider.value = '0.9';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    client.emit('settings', earlier);
    flushSync();
    expect(slider.value).toBe('0.9');
    await settled();
    client.emit('settings', earlier);
    await settled();
    expect(slider.value).toBe('0.2');
  });
});

describe('many photos', () => {
  it('that a cancel has left without a caption are captioned on request', async () => {
    const client = await open({ settings: { language: 'en', captionOnOpen: false } });
    await client.request('photos.samples', {});
    const { photos } = await client.request('photos.list', {});
    client.emit('photos', { changed: photos, removed: [] });
    client.emit('opened', { photoIds: photos.map(({ id }) => id) });
    await settled();
    expect(text('.batch p')).toBe(`${photos.length} photos without a caption`);
    await click(button('Caption them'));
    await settled();
    expect(client.asked.findLast(({ name }) => name === 'batch.start')?.input).toEqual({ again: false });
    expect(document.querySelector('.batch')).toBeNull();
  });
});

describe('translating', () => {
  const typed = async (words: string): Promise<void> => {
    const field = document.querySelector('textarea')!;
    field.value = words;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 260));
    await settled();
  };
  const runs = (client: FakeClient): number => client.asked.filter(({ name }) => name === 'translate.run').length;

  it('is done once a text, however often the settings are kept', async () => {
    const client = await open({ settings: { language: 'en', page: { place: 'translate' } } });
    await typed('A dog runs.');
    expect(text('.target .text')).toContain('Hund');
    expect(client.settings.page['translateText']).toBe('A dog runs.');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await settled();
    expect(runs(client)).toBe(1);
    expect(client.asked.filter(({ name }) => name === 'translate.models')).toHaveLength(1);
  });

  it('shows doubt: words that the model is unsure of, sentences to check, and text that it is not made for', async () => {
    await open({ settings: { language: 'en', page: { place: 'translate' } } });
    await typed('A dog runs. The jurisdiction has 12 dogs.');
    const unsure = [...document.querySelectorAll<HTMLElement>('.target .unsure')];
    expect(unsure.map((word) => word.textContent)).toContain('jurisdiction');
    expect(unsure[0]!.title).toBe('The translator is unsure of this word.');
    expect(text('.target .banner')).toContain('unlike what the translator learned from');
    expect(text('.target .note')).toContain('Check one sentence');
    await typed('A dog runs.');
    expect(document.querySelector('.target .banner, .target .note')).toBeNull();
  });

  it('takes the file of a document for one, and gives one back', async () => {
    const client = await open({ settings: { language: 'en' } });
    const files = [new File(['1\n00:00:01,000 --> 00:00:02,000\nA dog.\n'], 'film.srt')];
    const pasted = Object.assign(new Event('paste', { bubbles: true }), { clipboardData: { files } });
    document.body.dispatchEvent(pasted);
    await settled();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await settled();
    const input = client.asked.findLast(({ name }) => name === 'translate.run')?.input;
    expect(input).toMatchObject({ format: 'srt' });
    expect(button('Save as a file')).toBeDefined();
  });

  it('says so where a text is too long, and asks for nothing', async () => {
    const client = await open({ settings: { language: 'en', page: { place: 'translate' } } });
    await typed('a'.repeat(100_001));
    expect(text('[role=alert]')).toContain('too long');
    expect(runs(client)).toBe(0);
  });

  it('stands side by side for several models, each with what it looked at', async () => {
    const client = await open({ settings: { language: 'en', page: { place: 'look-inside' } } });
    await settled();
    await click(button('Compare models'));
    await click(button('All'));
    await new Promise((resolve) => setTimeout(resolve, 360));
    await settled();
    const cards = [...document.querySelectorAll('.views section')];
    expect(cards.map((card) => card.querySelector('h2')?.textContent)).toEqual([
      'Transformer',
      'GRU with additive attention',
      'GRU without attention',
    ]);
    expect(cards.map((card) => card.querySelectorAll('.matrix').length)).toEqual([1, 1, 0]);
    expect(cards[2]?.textContent).toContain('no attention');
    expect(client.settings.page['comparedModels']).toBe('additive,none');
    // What is known already is not asked again.
    const asked = client.asked.filter(({ name }) => name === 'translate.lookInside');
    expect(asked.map(({ input }) => (input as { model: string }).model)).toEqual(['translator', 'additive', 'none']);
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

  it.each([
    ['en', 'webgpu', null, 'The graphics card is used, by WebGPU.'],
    ['de', 'cpu', 'webgpu: No adapter.', 'Der Prozessor wird benutzt. webgpu: No adapter.'],
  ] as const)('say in %s whether photos are encoded on a graphics card: %s', async (language, used, problem, said) => {
    const device = { wanted: 'gpu', used, problem } as const;
    const client = await open({ photos: 1, settings: { language }, model: { device } });
    await press(document.body, ',', { ctrlKey: true });
    expect(text('dialog .settings')).not.toContain(said);
    const box = [...document.querySelectorAll<HTMLInputElement>('dialog input')].find(({ value }) => value === 'gpu');
    await click(box!);
    expect(client.settings.device).toBe('gpu');
    expect(text('dialog .settings')).toContain(said);
  });

  it('of the place are found again', async () => {
    const client = await open({ photos: 1 });
    await click([...document.querySelectorAll<HTMLButtonElement>('.rail button')][3]!);
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
    // A copy of the photo takes the caption along; the photo itself is out of a browser's reach.
    expect(text('dialog')).not.toContain('This changes');
    expect(client.downloads).toHaveLength(1);
    expect(text('dialog .much')).toBe('2 files written.');
  });

  it('says captions in the language that they are read in, unless another one is chosen', async () => {
    const client = await open({ photos: 1, settings: { language: 'en', page: { captionLanguage: 'de' } } });
    const asked = (): unknown => client.asked.findLast(({ name }) => name === 'export.run')?.input;
    const exportNow = (): Promise<void> =>
      click([...document.querySelectorAll<HTMLButtonElement>('dialog footer button')].at(-1)!);
    await press(document.body, 'e', { ctrlKey: true });
    await exportNow();
    expect(asked()).toMatchObject({ language: 'de' });
    await exportNow();
    await press(document.body, 'e', { ctrlKey: true });
    const select = document.querySelector<HTMLSelectElement>('dialog select')!;
    select.value = '';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    await exportNow();
    expect(asked()).not.toHaveProperty('language');
  });

  it('leaves keywords out of the metadata where they are not wanted', async () => {
    const client = await open({ photos: 1 });
    await press(document.body, 'e', { ctrlKey: true });
    const label = (name: string): HTMLElement =>
      [...document.querySelectorAll<HTMLElement>('dialog label')].find(({ textContent }) =>
        textContent.includes(name),
      )!;
    await click(label('XMP').querySelector('input')!);
    await click(label('With keywords').querySelector('input')!);
    await click([...document.querySelectorAll<HTMLButtonElement>('dialog footer button')].at(-1)!);
    expect(client.asked.findLast(({ name }) => name === 'export.run')?.input).toMatchObject({
      formats: ['sheet', 'xmp'],
      keywords: false,
    });
  });
});
