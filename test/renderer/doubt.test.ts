import { describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../src/contract/data/captions.ts';
import { open, settled } from './support/open-app.ts';

async function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  await settled();
}

const texts = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());

/** The pizza: its caption is sure enough, the three others are not. */
const PIZZA = 6;

async function openPizza(): Promise<Awaited<ReturnType<typeof open>>> {
  const client = await open({ photos: PIZZA });
  for (let step = 1; step < PIZZA; step++) await press('PageDown');
  return client;
}

describe('the other captions', () => {
  it('say of each whether the model is not sure of it', async () => {
    await openPizza();
    await press('a');
    const marks = [...document.querySelectorAll('.panel li')].map((one) => one.querySelector('.not-sure') !== null);
    expect(marks).toEqual([false, true, true, true]);
  });

  it('have their unsure words underlined', async () => {
    const client = await openPizza();
    const { result } = await client.request('caption.get', { photoId: `p${PIZZA}` });
    const [best, ...others] = result!.captions;
    const doubtful = others.map((one) => ({ ...one, words: one.words.map((w) => ({ ...w, confidence: 0.33 })) }));
    const known = client.handlers['caption.get']!;
    client.handlers['caption.get'] = (input, control) =>
      input.photoId === result!.photoId
        ? { result: { ...result!, captions: [best!, ...doubtful] }, edited: null, keywords: null }
        : known(input, control);
    await press('PageUp');
    await press('PageDown');
    await press('a');
    const lines = [...document.querySelectorAll('.panel li .words')];
    expect(lines.map((line) => line.querySelectorAll('.unsure').length > 0)).toEqual([false, true, true, true]);
  });

  it('say it in the review as well', async () => {
    await openPizza();
    await press('r');
    expect(texts('h1')).toEqual(['pizza-on-table-6.jpg']);
    expect(texts('aside li .not-sure')).toEqual(['Not sure · 16%', 'Not sure · 14%', 'Not sure · 9%']);
  });
});

describe('careful wording', () => {
  it('is a setting, off at first', async () => {
    const client = await open({ photos: 1 });
    expect(client.settings.wording).toBe('plain');
    await press(',', document.body, { ctrlKey: true });
    const careful = document.querySelector<HTMLInputElement>('dialog input[value=careful]')!;
    expect(careful.checked).toBe(false);
    careful.click();
    await settled();
    expect(client.settings.wording).toBe('careful');
  });

  it('shows the word that is said, and on its card the model’s own', async () => {
    const client = await open({ photos: 1 });
    const word = (own: string, said?: string): CaptionResult['captions'][number]['words'][number] => ({
      word: own,
      probability: 0.4,
      weights: [1],
      ...(said === undefined ? {} : { said }),
    });
    client.handlers['caption.get'] = ({ photoId }) => ({
      result: {
        photoId,
        captions: [
          {
            caption: 'An animal runs.',
            score: -1,
            words: [word('a', 'an'), word('dog', 'animal'), word('runs')],
          },
        ],
        grid: [1, 1],
        given: 0,
        model: 'captioner',
        backend: 'wasm',
        milliseconds: { read: 1, encode: 1, decode: 1 },
        at: '2026-01-01T00:00:00.000Z',
      },
      edited: null,
      keywords: null,
    });
    const { photos } = await client.request('photos.list', {});
    client.emit('photos', { changed: [{ ...photos[0]!, caption: 'An animal runs.' }], removed: [] });
    await settled();
    expect(texts('.line')[0]).toMatch(/^An animal runs ?\.$/);
    const animal = document.querySelector<HTMLElement>('.line [data-index="1"]')!;
    expect(animal.getAttribute('aria-label')).toBe('animal, 40%, looked at: all over the photo, for “dog”');
    animal.click();
    await settled();
    await press('w');
    expect(texts('.card h2')).toEqual(['Why “animal”?']);
    expect(texts('.card .facts p')[0]).toBe('“animal” is said with care: the model’s own word is “dog”.');
    // What is asked of the model is asked in its own words.
    expect(client.asked.filter(({ name }) => name === 'caption.candidates').at(-1)!.input).toMatchObject({
      prefix: ['a'],
    });
  });
});
