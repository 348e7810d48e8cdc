import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionResult, PartialCaption } from '../../../src/contract/data/captions.ts';
import { DEFAULT_SETTINGS } from '../../../src/contract/constants/default-settings.ts';
import type { Photo } from '../../../src/contract/data/photos.ts';
import type { Desk } from '../../../src/renderer/state/desk.ts';
import { Looking } from '../../../src/renderer/state/looking.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const photoOf = (caption: string, edited = false): Photo =>
  ({ id: 'one', name: 'one.jpg', width: 4, height: 3, state: 'done', caption, edited, error: null }) as Photo;
const captionOf = (caption: string): CaptionResult['captions'][number] => ({
  caption,
  score: -1,
  words: caption.split(' ').map((word) => ({ word, probability: 1, weights: [1] })),
});
const resultOf = (caption: string): CaptionResult =>
  ({ photoId: 'one', captions: [captionOf(caption)], grid: [1, 1], given: 0 }) as unknown as CaptionResult;

/** A page whose service answers `caption.get` with what is named last in `kept`. */
function make(kept: (CaptionResult | null)[]): {
  looking: Looking;
  asked: string[];
  problems: string[];
  report: (partial: PartialCaption) => void;
} {
  const asked: string[] = [];
  const problems: string[] = [];
  let onProgress: (partial: PartialCaption) => void = () => undefined;
  const client = {
    request: (name: string, _: unknown, control: { onProgress?: typeof onProgress } = {}): Promise<unknown> => {
      asked.push(name);
      onProgress = control.onProgress ?? onProgress;
      const result = kept.length > 1 ? kept.shift() : kept[0];
      return name === 'caption.get'
        ? Promise.resolve({ result, edited: null, keywords: null })
        : new Promise(() => undefined);
    },
  };
  const desk = {
    client,
    settings: DEFAULT_SETTINGS,
    attempt: (work: Promise<unknown>) => work.catch(() => undefined),
    problem: (message: string) => void problems.push(message),
    news: () => undefined,
    say: () => undefined,
  } as unknown as Desk;
  const library = { get: () => photoOf('A dog runs.'), apply: () => undefined };
  return { looking: new Looking(desk, library), asked, problems, report: (partial) => onProgress(partial) };
}

/** As an effect does it: again whenever what it reads has changed. */
async function watch(looking: Looking, photo: Photo, rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const before = looking.result;
    void looking.refresh(photo);
    await vi.advanceTimersByTimeAsync(500);
    if (looking.result === before && round > 8) return;
  }
}

describe('a photo whose caption the list says otherwise', () => {
  it('is asked for once where the answer agrees', async () => {
    const { asked, looking, problems } = make([resultOf('A dog.'), resultOf('A cat.')]);
    looking.open('one');
    await vi.advanceTimersByTimeAsync(0);
    await watch(looking, photoOf('A cat.'));
    expect(asked).toEqual(['caption.get', 'caption.get']);
    expect(looking.text).toBe('A cat.');
    expect(problems).toEqual([]);
  });

  it('is asked for once more after a moment, and not told of where it agrees by then', async () => {
    const { asked, looking, problems } = make([resultOf('A dog.'), resultOf('A dog.'), resultOf('A cat.')]);
    looking.open('one');
    await vi.advanceTimersByTimeAsync(0);
    await watch(looking, photoOf('A cat.'));
    expect(asked).toHaveLength(3);
    expect(problems).toEqual([]);
  });

  it('is told of, and asked for no more, where the service goes on to disagree with itself', async () => {
    const { asked, looking, problems } = make([resultOf('A dog.')]);
    looking.open('one');
    await vi.advanceTimersByTimeAsync(0);
    // Each answer is a new object, as over HTTP.
    const get = vi.spyOn(looking, 'refresh');
    await watch(looking, photoOf('A cat.'));
    expect(get.mock.calls.length).toBeGreaterThan(5);
    expect(asked).toHaveLength(3);
    expect(problems).toEqual([expect.stringContaining('one.jpg')]);
    // Another state of the list is asked for anew.
    await watch(looking, photoOf('A bird.'));
    expect(asked).toHaveLength(5);
  });

  it('is not told of where the list has said meanwhile what is held: something was done, and undone at once', async () => {
    const { looking, problems } = make([resultOf('A dog.')]);
    looking.open('one');
    await vi.advanceTimersByTimeAsync(0);
    void looking.refresh(photoOf('A cat.'));
    await vi.advanceTimersByTimeAsync(500);
    void looking.refresh(photoOf('A dog.'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(problems).toEqual([]);
  });

  it.each([
    ['stays open where somebody has written', 'Half a sen', true],
    ['is closed where nobody has', 'A dog.', false],
  ])('changes under an editor, which %s', async (_, draft, isOpen) => {
    const { looking } = make([resultOf('A dog.'), resultOf('A cat.')]);
    looking.open('one');
    await vi.advanceTimersByTimeAsync(0);
    Object.assign(looking.panels, { editing: true, draft });
    await looking.renew(['one']);
    expect(looking.text).toBe('A cat.');
    expect(looking.panels.editing).toBe(isOpen);
  });
});

it('says that words are still to come until the caption is whole, and goes on running for the others', async () => {
  const { looking, report } = make([null]);
  looking.open('one');
  await vi.advanceTimersByTimeAsync(0);
  const { words } = captionOf('A dog');
  report({ words, grid: [1, 1], isWhole: false });
  expect(looking.coming).toBe(true);
  expect(looking.line.map(({ text }) => text)).toEqual(['A', 'dog']);
  report({ words, grid: [1, 1], isWhole: true });
  expect(looking.coming).toBe(false);
  expect(looking.line.map(({ text }) => text)).toEqual(['A', 'dog', '.']);
  expect(looking.running).toBe(true);
});
