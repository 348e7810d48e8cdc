import { describe, expect, it, vi } from 'vitest';
import type { Photo } from '../../src/contract/data/photos.ts';
import type { FakeClient } from './support/fake-service/fake-client.ts';
import { open, settled } from './support/open-app.ts';

async function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  await settled();
}

async function click(selector: string): Promise<void> {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  found.click();
  await settled();
}

async function write(text: string): Promise<HTMLTextAreaElement> {
  const field = document.querySelector<HTMLTextAreaElement>('.editor textarea')!;
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settled();
  return field;
}

async function drop(...files: File[]): Promise<void> {
  const transfer = { types: ['Files'], files, items: files.map(() => ({ webkitGetAsEntry: () => null })) };
  const event = Object.assign(new Event('drop', { bubbles: true, cancelable: true }), { dataTransfer: transfer });
  document.body.dispatchEvent(event);
  await settled();
}

const shown = (selector: string): string =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim()).join(' | ');

describe('the keyboard', () => {
  it('has single letters that can be turned off; the others go on', async () => {
    await open({ photos: 2, settings: { language: 'en', page: { letterKeys: false } } });
    for (const key of ['g', '?', 'e', 's']) await press(key);
    expect(document.querySelector('.grid, dialog, .editor, .sheet')).toBeNull();
    await press('ArrowRight');
    expect((document.activeElement as HTMLElement).dataset['index']).toBe('0');
    await press(',', document.body, { ctrlKey: true });
    expect(document.querySelector('dialog')).not.toBeNull();
  });

  it('exports from the editor as well, and letters are written there', async () => {
    await open({ photos: 1 });
    await press('e');
    const field = document.querySelector('.editor textarea')!;
    await press('s', field);
    expect(document.querySelector('.sheet')).toBeNull();
    await press('e', field, { ctrlKey: true });
    expect(shown('dialog h2')).toBe('Export 1 photo');
  });

  it('is on the new screen when what it was on has gone', async () => {
    await open({ settings: { language: 'en', captionOnOpen: false } });
    const samples = document.querySelectorAll<HTMLElement>('.empty .button')[1]!;
    samples.focus();
    samples.click();
    await settled();
    expect(document.activeElement?.className).toContain('photo');
    await click('.grid .photo');
    expect(document.activeElement?.className).toContain('stage');
  });
});

describe('a dialog', () => {
  it.each([
    ['its cross', 'dialog header button'],
    ['a button at its foot', 'dialog footer button'],
  ])('gives the focus back that it took, closed by %s', async (_, closing) => {
    await open({ photos: 2 });
    const opening = [...document.querySelectorAll<HTMLElement>('.bar .button')].find((one) => one.title === 'Export')!;
    opening.focus();
    opening.click();
    await settled();
    document.querySelector<HTMLElement>('dialog input')!.focus();
    await click(closing);
    expect(document.querySelector('dialog')).toBeNull();
    expect(document.activeElement).toBe(opening);
  });

  it('that came out of another gives it back to what was before both', async () => {
    await open({ photos: 1 });
    const opening = document.querySelector<HTMLElement>('.rail .last')!;
    opening.focus();
    opening.click();
    await settled();
    const about = [...document.querySelectorAll<HTMLElement>('.ways .button')].at(-1)!;
    about.focus();
    about.click();
    await settled();
    expect(shown('dialog h2')).toBe('About Attend');
    await click('dialog header button');
    expect(document.activeElement).toBe(opening);
  });
});

describe('the count of files that are added', () => {
  it('counts those that fail as well, and those of a second time with the first', async () => {
    const client = await open({ photos: 1 });
    const ways: { onAdded: (photo: Photo) => void; onFailed: () => void; end: () => void }[] = [];
    client.addFiles = (_, control) =>
      new Promise((resolve) => {
        ways.push({
          onAdded: control!.onAdded!,
          onFailed: control!.onFailed!,
          end: () => resolve({ photos: [], failed: [{ name: 'c.jpg', message: 'It is damaged.' }] }),
        });
      });
    const image = (name: string): File => new File(['x'], name, { type: 'image/jpeg' });
    const { photos } = await client.request('photos.list', {});
    const said = async (): Promise<string> => {
      await settled();
      return /Adding photos: [^.]*/.exec(document.body.textContent)?.[0].trim() ?? '';
    };
    await drop(image('a.jpg'), image('b.jpg'), image('c.jpg'));
    expect(await said()).toBe('Adding photos: 0 of 3');
    ways[0]!.onFailed();
    ways[0]!.onAdded(photos[0]!);
    expect(await said()).toBe('Adding photos: 2 of 3');
    await drop(image('d.jpg'));
    expect(await said()).toBe('Adding photos: 2 of 4');
    ways[0]!.end();
    expect(await said()).toBe('Adding photos: 3 of 4');
    ways[1]!.end();
    expect(await said()).toBe('');
  });
});

describe('many files', () => {
  const files = Array.from({ length: 50 }, (_, i) => new File(['x'], `photo-${i}.jpg`, { type: 'image/jpeg' }));
  const asked = (client: FakeClient): number[] =>
    client.asked.flatMap(({ name, input }) =>
      name === 'batch.start' ? [(input as { photoIds: string[] }).photoIds.length] : [],
    );

  it('are captioned while the rest are added, and counted once at the end', async () => {
    const client = await open({ photos: 1 });
    await drop(...files);
    expect(asked(client)).toEqual([20, 20, 10]);
    await vi.waitFor(() => expect(document.body.textContent).toContain('50 photos captioned.'));
  });

  it('wait where somebody cancels while they are added', async () => {
    const client = await open({ photos: 1, pace: 100 });
    const add = client.addFiles.bind(client);
    let goOn!: () => void;
    client.addFiles = async (all, control) => {
      const first = await add(all.slice(0, 20), control);
      await new Promise<void>((resolve) => (goOn = resolve));
      const rest = await add(all.slice(20), control);
      return { photos: [...first.photos, ...rest.photos], failed: [] };
    };
    await drop(...files);
    expect(asked(client)).toEqual([20]);
    await click('.batch .button:last-child');
    goOn();
    await settled();
    expect(asked(client)).toEqual([20]);
  });
});

describe('the caption', () => {
  it('is one sentence for who listens', async () => {
    await open({ photos: 1 });
    expect(shown('.words > .heard')).toBe('A large airplane is flying in the sky.');
  });

  it('stays in the editor where the model does not know a word, however fast one is', async () => {
    const client = await open({ photos: 1 });
    await press('e');
    const field = await write('A zzebra');
    await press('Enter', field, { ctrlKey: true });
    expect(document.querySelector<HTMLTextAreaElement>('.editor textarea')?.value).toBe('A zzebra');
    expect(shown('.hint')).toBe('The model does not know: zzebra');
    expect(client.asked.filter(({ name }) => name === 'caption.run')).toEqual([]);
  });

  it('comes back into the editor where the model fails at it', async () => {
    const client = await open({ photos: 1 });
    client.handlers['caption.run'] = () => Promise.reject(new Error('The model has gone.'));
    await press('e');
    await press('Enter', await write('A dog'), { ctrlKey: true });
    expect(document.querySelector<HTMLTextAreaElement>('.editor textarea')?.value).toBe('A dog');
    expect(shown('.notice.problem p')).toBe('The model has gone.');
  });
});

describe('what is dropped', () => {
  it('is translated where it is a text', async () => {
    await open({ photos: 1 });
    await drop(new File(['A dog runs.'], 'dog.txt'));
    expect(document.querySelector<HTMLTextAreaElement>('textarea.passage')?.value).toBe('A dog runs.');
  });

  it('is not taken for a photo or a plain text where it is a text of another kind', async () => {
    const client = await open({ photos: 1 });
    await drop(new File(['WEBVTT'], 'film.vtt'));
    expect(shown('.notice.problem p')).toContain('film.vtt is a kind of text');
    expect(document.querySelector('.line')).not.toBeNull();
    expect(client.asked.some(({ name }) => name.startsWith('translate.run'))).toBe(false);
  });

  it('is sorted: photos come in, and the text beside them is named as left out', async () => {
    await open({ photos: 1 });
    await drop(new File(['x'], 'a.jpg', { type: 'image/jpeg' }), new File(['A dog.'], 'dog.txt'));
    expect(shown('.notice.problem p')).toBe('The text was left out: drop it by itself.');
    expect(shown('.bar h1')).toBe('a.jpg');
  });
});

describe('a photo that is removed', () => {
  it('leaves one in the grid who works there', async () => {
    await open({ photos: 3, settings: { language: 'en', page: { view: 'all', photo: 'p2' } } });
    await press('Delete', document.querySelector('.grid .photo[tabindex="0"]')!);
    expect(document.querySelectorAll('.grid .photo')).toHaveLength(2);
  });
});

describe('a first look', () => {
  it('has hints, which go when they are read and come back from Help', async () => {
    const client = await open({ photos: 1 });
    expect(document.querySelectorAll('.hints li')).toHaveLength(3);
    await click('.hints .button');
    expect(document.querySelector('.hints')).toBeNull();
    expect(client.settings.page['hintsSeen']).toBe(true);
    await click('.rail .last');
    await click('dialog .ways .button');
    expect(document.querySelectorAll('.hints li')).toHaveLength(3);
  });

  it('tells of itself: what it cannot do, the cards of its models, and where it keeps what', async () => {
    await open({ photos: 1 });
    await press('?');
    await click('dialog .ways .button:last-child');
    await vi.waitFor(() => expect(shown('dialog td')).toBe('a | b | 1 | 2'));
    expect(shown('dialog summary')).toBe('captioner-soft | Third-party notices');
    const notices = [...document.querySelectorAll('dialog details')].at(-1) as HTMLDetailsElement;
    notices.open = true;
    notices.dispatchEvent(new Event('toggle'));
    await vi.waitFor(() => expect(shown('dialog pre')).toBe('svelte 5 (MIT), in the bundles'));
    expect(shown('dialog code')).toBe('/home/user/.local/share/attend | /home/user/.cache/attend');
    await click('dialog dd .button');
    expect(shown('dialog dt')).toContain('(0.0 MB)');
  });

  it('holds what a word looked at against other places, and says what that shows', async () => {
    const client = await open({ photos: 1 });
    const occlusion = client.handlers['caption.occlusion']!;
    client.handlers['caption.occlusion'] = async (input, control) => {
      const found = await occlusion(input, control);
      return { ...found, centre: { region: [1], probability: found.blanked } };
    };
    await click('[data-index="2"]');
    await press('w');
    await click('.card section .button');
    await vi.waitFor(() => expect(document.querySelectorAll('.card dt')).toHaveLength(5));
    expect(shown('.card dt')).toContain('without the photo’s centre | without what “a” looked at');
    expect(shown('.verdict')).toContain('but about as far without another one');
  });

  it('says of a map how sharp it is', async () => {
    await open({ photos: 1 });
    document
      .querySelector('[data-index="2"]')!
      .dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }));
    await settled();
    expect(shown('.tip')).toMatch(/half on \d+% of the photo$/);
  });
});
