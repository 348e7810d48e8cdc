import { describe, expect, it } from 'vitest';
import { PhotoQueue } from '../../src/photos/read-ahead.ts';

const read = (source: string): Promise<string> => Promise.resolve(source.toUpperCase());

describe('a queue of photos', () => {
  it('hands them out in batches, in their order, and none at the end', async () => {
    const queue = new PhotoQueue(['a', 'b', 'c'], read);
    expect(await queue.take(2)).toEqual(['A', 'B']);
    expect(await queue.take(2)).toEqual(['C']);
    expect(await queue.take(2)).toEqual([]);
  });

  it('does not wait for a source that is slower to come than the others are to read', async () => {
    async function* slowly(): AsyncGenerator<string> {
      yield 'a';
      await new Promise(() => undefined);
    }
    expect(await new PhotoQueue(slowly(), read).take(5)).toEqual(['A']);
  });

  it('ends when it is aborted, before it is asked and while it waits', async () => {
    const begun: string[] = [];
    const note = (source: string): Promise<string> => (begun.push(source), read(source));
    expect(await new PhotoQueue(['a'], note, AbortSignal.abort()).take(1)).toEqual([]);
    expect(begun).toEqual([]);
    async function* never(): AsyncGenerator<string> {
      await new Promise(() => undefined);
      yield 'a';
    }
    const control = new AbortController();
    const waiting = new PhotoQueue(never(), note, control.signal).take(1);
    control.abort();
    expect(await waiting).toEqual([]);
  });

  it('lets what it reads from clean up', async () => {
    let isClean = false;
    function* sources(): Generator<string> {
      try {
        yield 'a';
        yield 'b';
      } finally {
        isClean = true;
      }
    }
    const queue = new PhotoQueue(sources(), read);
    await queue.take(1);
    queue.close();
    expect(isClean).toBe(true);
    expect(await queue.take(1)).toEqual([]);
  });
});
