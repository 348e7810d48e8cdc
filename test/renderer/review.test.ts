import { describe, expect, it, vi } from 'vitest';
import { AttendError } from '../../src/contract/attend-error.ts';
import type { FakeClient } from './support/fake-service/fake-client.ts';
import { open, settled } from './support/open-app.ts';

const text = (selector: string): string =>
  (document.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').replace(/ \.$/, '.').trim();

async function press(key: string, more: KeyboardEventInit = {}, target: Element = document.body): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  await settled();
}

async function click(name: string | RegExp): Promise<void> {
  const found = [...document.querySelectorAll('button')].find((one) => {
    const own = (one.getAttribute('aria-label') ?? one.textContent).replace(/\s+/g, ' ').trim();
    return typeof name === 'string' ? own === name : name.test(own);
  });
  if (!found) throw new Error(`there is no button ${name}`);
  found.click();
  await settled();
}

async function write(words: string): Promise<HTMLTextAreaElement> {
  const field = document.querySelector('textarea')!;
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
  return field;
}

const place = (): string => text('.rail [aria-current]');
const shown = (): string => text('.screen .bar h1');
const progress = (): string => text('.progress');
const photo = async (client: FakeClient, name: string) =>
  (await client.request('photos.list', {})).photos.find((one) => one.name === name)!;

/** Photos by how sure the model was of them, the least first. */
async function bySureness(client: FakeClient): Promise<string[]> {
  const { photos } = await client.request('photos.list', {});
  return [...photos].sort((a, b) => a.confidence! - b.confidence!).map(({ name }) => name);
}

async function review(photos = 4): Promise<{ client: FakeClient; names: string[] }> {
  const client = await open({ photos });
  const names = await bySureness(client);
  await press('r');
  return { client, names };
}

describe('the review', () => {
  it('begins with the least sure caption, and goes on with the next least sure when one is accepted', async () => {
    const { client, names } = await review();
    expect(place()).toBe('Review');
    expect([shown(), progress()]).toEqual([names[0], '0 of 4 reviewed']);
    await press('Enter');
    expect([shown(), progress()]).toEqual([names[1], '1 of 4 reviewed']);
    expect((await photo(client, names[0]!)).review).toBe('accepted');
    await press('x');
    expect([shown(), progress()]).toEqual([names[2], '2 of 4 reviewed']);
    expect((await photo(client, names[1]!)).review).toBe('rejected');
  });

  it('takes an alternative by its number, and an edited caption by Enter', async () => {
    const { client, names } = await review();
    const wanted = text('aside li:nth-child(2) span');
    await press('2');
    expect(await photo(client, names[0]!)).toMatchObject({ review: 'accepted', caption: wanted, edited: false });
    expect(shown()).toBe(names[1]);
    await press('e');
    await press('Enter', {}, await write('Our own words.'));
    expect(await photo(client, names[1]!)).toMatchObject({ review: 'edited', caption: 'Our own words.' });
    expect(shown()).toBe(names[2]);
    // There is no ninth alternative, nor a zeroth.
    for (const key of ['9', '0']) await press(key);
    expect(shown()).toBe(names[2]);
  });

  it('goes to and fro by arrows, also from a word of the caption, and gives an edit up by Escape', async () => {
    const { client, names } = await review();
    await press('ArrowRight', {}, document.querySelector('[data-index]')!);
    expect(shown()).toBe(names[1]);
    await press('ArrowLeft');
    await press('ArrowLeft');
    expect(shown()).toBe(names[0]);
    await press('End');
    expect(shown()).toBe(names[3]);
    await press('e');
    await press('Escape', {}, await write('Never mind.'));
    expect(place()).toBe('Review');
    expect(client.asked.some(({ name }) => name === 'caption.edit')).toBe(false);
    await press('Escape');
    expect(place()).toBe('Caption');
    expect(shown()).toBe(names[3]);
  });

  it('passes over what is decided, and says when there is nothing left', async () => {
    const { names } = await review(3);
    await press('ArrowRight');
    await press('Enter');
    expect(shown()).toBe(names[2]);
    await press('Enter');
    expect(shown()).toBe(names[0]);
    await press('Enter');
    expect(progress()).toBe('3 of 3 reviewed');
    expect(text('.finished')).toBe('All 3 captions reviewed.');
  });

  it('decides one photo for a key that is held or pressed twice', async () => {
    const { names } = await review();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await press('Enter');
    expect(shown()).toBe(names[1]);
    await press('Enter', { repeat: true });
    expect(progress()).toBe('1 of 4 reviewed');
  });

  it('stays where the service refuses', async () => {
    const { client, names } = await review();
    vi.spyOn(client.handlers as { 'review.set': () => unknown }, 'review.set').mockImplementationOnce(() => {
      throw new AttendError('cannot-write', 'The disk is full.');
    });
    await press('Enter');
    expect(shown()).toBe(names[0]);
    expect(document.querySelector('[role=alert]')).not.toBeNull();
    await press('Enter');
    expect(shown()).toBe(names[1]);
  });

  it('is about the chosen photos alone where some are chosen, and gives all back when it is left', async () => {
    await open({ photos: 4 });
    await press('g');
    for (const box of [0, 1]) {
      document.querySelectorAll<HTMLInputElement>('.check input')[box]!.click();
      await settled();
    }
    await press('r');
    expect(progress()).toBe('0 of 2 reviewed');
    await press('Escape');
    expect(document.querySelector('.grid li')?.getAttribute('aria-setsize')).toBe('4');
  });

  it('has no single letters where these are turned off', async () => {
    const client = await open({
      photos: 2,
      settings: { language: 'en', page: { letterKeys: false, place: 'review' } },
    });
    const [first, second] = await bySureness(client);
    for (const key of ['x', 'e', '1']) await press(key);
    expect([shown(), progress()]).toEqual([first, '0 of 2 reviewed']);
    await press('Enter');
    expect(shown()).toBe(second);
  });

  it('says so where there is nothing to review', async () => {
    await open();
    await click('Review');
    expect(text('.nothing p')).toContain('nothing to review yet');
    await click('Leave the review');
    expect(place()).toBe('Caption');
  });
});

describe('undoing', () => {
  const undo = (): Promise<void> => press('z', { ctrlKey: true });

  it('takes back a decision, and shows the photo that it was about', async () => {
    const { client, names } = await review();
    await press('Enter');
    await press('x');
    await undo();
    expect([shown(), progress()]).toEqual([names[1], '1 of 4 reviewed']);
    expect(text('.notice p')).toBe('Undone: a caption reviewed');
    await undo();
    expect([shown(), progress()]).toEqual([names[0], '0 of 4 reviewed']);
    expect((await photo(client, names[0]!)).review).toBe('new');
    // And can be decided again.
    await press('Enter');
    expect(shown()).toBe(names[1]);
  });

  it('brings removed photos back to their places, by the notice', async () => {
    await open({ photos: 3 });
    await press('g');
    await press('Delete', {}, document.querySelectorAll('.photo')[1]);
    const shown = (): (string | null | undefined)[] => {
      const [, second] = document.querySelectorAll('.grid li');
      return [second?.getAttribute('aria-setsize'), second?.querySelector('[data-photo]')?.getAttribute('data-photo')];
    };
    expect(shown()).toEqual(['2', 'p3']);
    await click('Undo');
    expect(shown()).toEqual(['3', 'p2']);
  });

  it('is the text field’s own while somebody writes', async () => {
    const client = await open({ photos: 1 });
    await press('e');
    await press('z', { ctrlKey: true }, await write('Words.'));
    expect(client.asked.some(({ name }) => name === 'history.undo')).toBe(false);
  });

  it('takes back what an editor kept when it was left, which is said', async () => {
    const client = await open({ photos: 2 });
    const { caption: before } = (await client.request('photos.list', {})).photos[0]!;
    await press('e');
    await write('Half a sen');
    await press('PageDown');
    expect(text('.notice p')).toMatch(/^The caption of .* was kept as you left it: “Half a sen”$/);
    await click('Undo');
    expect((await client.request('photos.list', {})).photos[0]).toMatchObject({ caption: before, edited: false });
  });

  it('gives keywords back that were on the screen', async () => {
    await open({ photos: 1 });
    const shown = (): number => document.querySelectorAll('.keywords li').length;
    const before = shown();
    await click(/^Remove “/);
    expect(shown()).toBe(before - 1);
    // The focus is in the empty field.
    await press('z', { ctrlKey: true }, document.activeElement!);
    expect(shown()).toBe(before);
  });

  it('is asked for by the menu, and says when there is nothing', async () => {
    const client = await open({ photos: 1 });
    client.emit('menu', { command: 'redo' });
    await settled();
    expect(text('.notice p')).toBe('There is nothing to undo or redo.');
  });
});

describe('the grid', () => {
  const listed = (): string[] =>
    [...document.querySelectorAll('.grid [data-photo]')].map((one) => one.getAttribute('data-photo')!);
  const count = (): string | null | undefined => document.querySelector('.grid li')?.getAttribute('aria-setsize');
  const tick = async (label: string): Promise<void> => {
    const box = [...document.querySelectorAll('.arrange label')].find((one) =>
      one.textContent.trim().startsWith(label),
    );
    box!.querySelector('input')!.click();
    await settled();
  };

  it('shows only photos of some states, and all again', async () => {
    const client = await open({ photos: 4 });
    await client.request('review.set', { photoIds: ['p2', 'p3'], state: 'rejected' });
    await press('g');
    await click(/^Filter/);
    await tick('Rejected');
    expect([count(), ...listed()]).toEqual(['2', 'p2', 'p3']);
    await tick('New');
    expect(count()).toBe('4');
    await tick('Rejected');
    await tick('Only those that failed');
    expect(text('.nothing')).toBe('No photo is like that.');
    await click('Show all');
    expect(count()).toBe('4');
  });

  it('shows only photos of whose captions the model is not sure', async () => {
    const client = await open({ photos: 3 });
    const { photos } = await client.request('photos.list', {});
    client.emit('photos', { changed: [{ ...photos[1]!, notSure: true }], removed: [] });
    await press('g');
    await click(/^Filter/);
    await tick('Only those that the model is not sure of');
    expect([count(), ...listed()]).toEqual(['1', 'p2']);
    await click('Show all');
    expect(count()).toBe('3');
  });

  it('is in the order that somebody chose, also the next time', async () => {
    const client = await open({ photos: 4 });
    await press('g');
    const order = async (wanted: string): Promise<void> => {
      const select = document.querySelector<HTMLSelectElement>('.arrange select')!;
      select.value = wanted;
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await settled();
    };
    await click(/^Filter/);
    await order('latest');
    expect(listed()[0]).toBe('p4');
    await order('least-sure');
    const { photos } = await client.request('photos.list', {});
    const [least] = [...photos].sort((a, b) => a.confidence! - b.confidence!);
    expect(listed()[0]).toBe(least!.id);
    expect(client.settings.page['order']).toBe('least-sure');
    await order('name');
    expect(listed()[0]).toBe([...photos].sort((a, b) => (a.name < b.name ? -1 : 1))[0]!.id);
    // One without a date stands where it was added.
    const dates = ['2024-05-01T00:00:00.000Z', null, '2019-05-01T00:00:00.000Z', '2020-05-01T00:00:00.000Z'];
    const changed = photos.map((one, i) => ({ ...one, taken: dates[i]! }));
    client.emit('photos', { changed, removed: [] });
    await order('taken');
    expect(listed().slice(0, 2)).toEqual(['p3', 'p4']);
    await order('taken-latest');
    expect(listed().slice(0, 2)).toEqual(['p2', 'p1']);
  });

  it('is the order and the choice of the film strip, too, and of the keys that go along it', async () => {
    const client = await open({ photos: 4, settings: { language: 'en', page: { order: 'latest', photo: 'p2' } } });
    const strip = (): string[] =>
      [...document.querySelectorAll<HTMLImageElement>('.strip img')].map((image) => /id=(\w+)/.exec(image.src)![1]!);
    const { photos } = await client.request('photos.list', {});
    client.emit('photos', { changed: [{ ...photos[2]!, notSure: true }], removed: [] });
    await settled();
    expect(strip()).toEqual(['p4', 'p3', 'p2', 'p1']);
    expect(text('.bar .count')).toBe('3 of 4');
    await press('PageUp');
    expect(client.settings.page['photo']).toBe('p3');
    // The one that is looked at stays in its place among those that are wanted.
    await press('g');
    await click(/^Filter/);
    await tick('Only those that the model is not sure of');
    await press('g');
    expect(strip()).toEqual(['p3']);
    await press('g');
    await click(/^Filter/);
    await tick('Only those that the model is not sure of');
    await tick('New');
    await press('g');
    await press('PageUp');
    const { photos: accepted } = await client.request('review.set', { photoIds: ['p4', 'p2'], state: 'accepted' });
    client.emit('photos', { changed: accepted, removed: [] });
    await settled();
    expect(strip()).toEqual(['p4', 'p3', 'p1']);
    expect(text('.bar .count')).toBe('1 of 3');
    await press('PageDown');
    expect([strip(), text('.bar .count')]).toEqual([['p3', 'p1'], '1 of 2']);
    // Whoever removes one comes to the next along the strip.
    await press('Delete');
    expect([strip(), client.settings.page['photo']]).toEqual([['p1'], 'p1']);
  });
});

describe('find and replace', () => {
  const type = async (place: number, words: string): Promise<void> => {
    const field = document.querySelectorAll<HTMLInputElement>('dialog .text input')[place]!;
    field.value = words;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await settled();
  };

  it('says how often it finds, shows what becomes of it, and is undone by its notice', async () => {
    const client = await open({ photos: 3 });
    const captions = async () => (await client.request('photos.list', {})).photos.map(({ caption }) => caption);
    const before = await captions();
    await press('F', { ctrlKey: true, shiftKey: true });
    await type(0, 'dog');
    await type(1, 'puppy');
    expect(text('.preview p')).toBe('2 places in 2 captions');
    expect(text('.preview ins')).toContain('puppy');
    expect(await captions()).toEqual(before);
    await click('Replace');
    expect(document.querySelector('dialog')).toBeNull();
    expect(await captions()).toEqual(before.map((caption) => caption?.replace('dog', 'puppy')));
    await click('Undo');
    expect(await captions()).toEqual(before);
  });

  it('is about the selected photos alone where some are selected, and does nothing where nothing is found', async () => {
    const client = await open({ photos: 3 });
    await press('g');
    document.querySelectorAll<HTMLInputElement>('.check input')[1]!.click();
    await settled();
    await click('Find and replace…');
    await type(0, 'nothing like it');
    expect(text('.preview p')).toBe('No caption has this.');
    await type(0, 'dog');
    expect(text('.preview p')).toBe('1 place in 1 caption');
    await click('Replace');
    expect(client.asked.findLast(({ name }) => name === 'caption.replace')?.input).toMatchObject({
      photoIds: ['p2'],
      wholeWords: true,
    });
  });
});
