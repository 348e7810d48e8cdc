import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttendError } from '../../src/contract/attend-error.ts';
import type { CaptionOptions, CaptionResult } from '../../src/contract/data/captions.ts';
import type { Batch } from '../../src/contract/data/photos.ts';
import { BatchRun } from '../../src/service/batch.ts';
import { cancelled } from '../../src/service/describe-failure.ts';
import type { Entry } from '../../src/service/library/entry.ts';
import type { Library } from '../../src/service/library/library.ts';

// The count alone, without models and files: each caption ends when a test says so, and takes as long as it says.

type Kept = Pick<Entry, 'id' | 'width' | 'state' | 'caption'>;

/** A captioning that waits for the test. */
interface Captioning {
  id: string;
  options: CaptionOptions;
  signal: AbortSignal;
  end: (failure?: Error) => void;
}

let entries: Map<string, Kept>;
let captionings: Captioning[];
let told: Batch[];
/** In milliseconds. */
let now: number;

beforeEach(() => {
  now = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  [entries, captionings, told] = [new Map(), [], []];
});
afterEach(() => vi.restoreAllMocks());

const photos = (...given: Partial<Kept>[]): void => {
  for (const [i, one] of given.entries()) {
    const id = 'abcdefghij'[i]!;
    entries.set(id, { id, width: 40, state: 'none', caption: null, ...one });
  }
};

function batch(): BatchRun {
  const library = {
    list: () => [...entries.values()],
    has: (id: string) => entries.has(id),
    get: (id: string) => {
      const entry = entries.get(id);
      if (!entry) throw new Error(`There is no ${id}.`);
      return entry;
    },
    change: (id: string, change: Partial<Kept>) => Object.assign(entries.get(id)!, change),
  } as unknown as Library;
  const caption = (id: string, options: CaptionOptions, signal: AbortSignal): Promise<CaptionResult> =>
    new Promise((resolve, reject) => {
      const end = (failure?: Error): void => (failure ? reject(failure) : resolve({} as CaptionResult));
      captionings.push({ id, options, signal, end });
      signal.addEventListener('abort', () => end(cancelled()));
    });
  return new BatchRun(library, caption, (state) => told.push(state));
}

const running = (): Captioning => captionings.at(-1)!;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function end(milliseconds: number, failure?: Error): Promise<void> {
  now += milliseconds;
  running().end(failure);
  await turn();
}

describe('the time that is left', () => {
  it('is that of the photos that wait and the one that runs, by the mean of those before', async () => {
    photos({}, {}, {}, {});
    const run = batch();
    expect(run.start(undefined, false, {}).secondsLeft).toBeNull();
    await end(1_000);
    expect(run.status()).toMatchObject({ done: 1, secondsLeft: 3 });
    await end(3_000);
    expect(run.status()).toMatchObject({ done: 2, secondsLeft: 4 });
  });

  it('is none where nothing runs any more', async () => {
    photos({});
    const run = batch();
    run.start(undefined, false, {});
    await end(1_000);
    expect(run.status()).toMatchObject({ state: 'idle', done: 1, secondsLeft: null });
  });

  it('forgets the run before, and all but the last twenty of this one', async () => {
    photos({});
    const run = batch();
    run.start(undefined, false, {});
    await end(60_000);
    for (let i = 0; i < 23; i++) entries.set(`n${i}`, { id: `n${i}`, width: 40, state: 'none', caption: null });
    expect(run.start(undefined, false, {}).secondsLeft).toBeNull();
    await end(41_000);
    expect(run.status().secondsLeft).toBe(22 * 41);
    for (let i = 0; i < 20; i++) await end(1_000);
    expect(run.status()).toMatchObject({ done: 21, secondsLeft: 2 });
  });
});

describe('what is wanted', () => {
  it('is what has no caption; what failed, and what is done, where somebody names it', () => {
    photos({}, { state: 'failed' }, { state: 'done', caption: 'A dog.' }, { width: 0 });
    expect(batch().start(undefined, false, {}).total).toBe(1);
    photos({}, { state: 'failed' }, { state: 'done', caption: 'A dog.' }, { width: 0 });
    expect(batch().start(['a', 'b', 'c', 'd', 'gone'], false, {}).total).toBe(2);
    photos({}, { state: 'failed' }, { state: 'done', caption: 'A dog.' }, { width: 0 });
    expect(batch().start(undefined, true, {}).total).toBe(3);
  });

  it('is asked for once, with the options that it was asked for with', async () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, { beam: 2 });
    expect(run.start(['a', 'b'], true, { beam: 3 }).total).toBe(2);
    await end(1);
    expect(captionings.map(({ id, options }) => [id, options.beam])).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
  });

  it('is what a crash left waiting or running', () => {
    photos({ state: 'waiting' }, { state: 'running' }, { state: 'done', caption: 'A dog.' });
    const run = batch();
    expect(run.status()).toMatchObject({ state: 'paused', total: 2, done: 0 });
    expect(entries.get('b')).toMatchObject({ state: 'waiting' });
    expect(captionings).toEqual([]);
  });
});

describe('a photo that is forgotten', () => {
  it('is not waited for, and not counted; who looks is told', () => {
    photos({ state: 'waiting' }, {}, { state: 'waiting', caption: 'A dog.' });
    const run = batch();
    run.start(undefined, false, {});
    expect(run.status().total).toBe(3);
    const before = told.length;
    run.forget('c');
    expect(told.slice(before)).toEqual([expect.objectContaining({ total: 2 })]);
    // It has the caption that it had.
    expect(entries.get('c')).toMatchObject({ state: 'done' });
    run.forget('b');
    expect(entries.get('b')).toMatchObject({ state: 'none' });
    expect(run.status().total).toBe(1);
  });

  it('is given up where it runs, and does not count', async () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, {});
    run.forget('a');
    expect(captionings[0]!.signal.aborted).toBe(true);
    await turn();
    expect(run.status()).toMatchObject({ total: 1, done: 0, failed: 0 });
    expect(running().id).toBe('b');
  });

  it('is nothing to a batch that does not know it, and may be gone from the library', () => {
    photos({}, {}, { state: 'done', caption: 'A dog.' });
    const run = batch();
    run.start(undefined, false, {});
    const before = told.length;
    run.forget('c');
    expect(told).toHaveLength(before);
    expect(run.status().total).toBe(2);
    entries.delete('b');
    run.forget('b');
    expect(run.status().total).toBe(1);
  });

  it('stays as it was changed meanwhile', () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, {});
    entries.get('b')!.state = 'failed';
    run.forget('b');
    expect(entries.get('b')).toMatchObject({ state: 'failed' });
  });
});

describe('a batch', () => {
  it('counts what fails, and goes on', async () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, {});
    await end(1, new AttendError('truncated', 'Half a photo.'));
    await end(1);
    expect(run.status()).toMatchObject({ state: 'idle', total: 2, done: 1, failed: 1 });
  });

  it('gives up what runs when it is cancelled, which does not count in the next', async () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, {});
    expect(run.cancel()).toMatchObject({ state: 'idle' });
    expect(captionings[0]!.signal.aborted).toBe(true);
    expect(entries.get('b')).toMatchObject({ state: 'none' });
    expect(run.start(['b'], false, {})).toMatchObject({ state: 'running', total: 1 });
    await turn();
    expect(run.status()).toMatchObject({ total: 1, done: 0, failed: 0 });
    await end(1);
    expect(run.status()).toMatchObject({ state: 'idle', total: 1, done: 1 });
  });

  it('that is paused lets what runs end, and begins nothing', async () => {
    photos({}, {});
    const run = batch();
    run.start(undefined, false, {});
    expect(run.pause().state).toBe('paused');
    await end(1);
    expect(captionings).toHaveLength(1);
    expect(run.status()).toMatchObject({ state: 'paused', done: 1 });
    run.resume();
    expect(running().id).toBe('b');
  });
});
