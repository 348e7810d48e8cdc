import { describe, expect, it } from 'vitest';
import { ALL_MEMORY, LEAST_MEMORY, MOST_MEMORY } from '../../../src/photos/decoders/budget.ts';
import { CannotDecode, DecoderPool } from '../../../src/photos/decoders/decoder-pool.ts';
import type { DecoderProcess } from '../../../src/photos/decoders/decoder-process.ts';
import type { Decoded, DecodeTask, FromDecoder, ToDecoder } from '../../../src/photos/decoders/protocol.ts';

/** A process that does what the test says. */
class FakeProcess implements DecoderProcess {
  sent: ToDecoder[] = [];
  isAlive = true;
  isNeeded = false;
  #hear: (message: FromDecoder) => void = () => undefined;
  #end: () => void = () => undefined;

  send = (message: ToDecoder): void => void this.sent.push(message);
  onMessage = (listener: (message: FromDecoder) => void): void => void (this.#hear = listener);
  onExit = (listener: () => void): void => void (this.#end = listener);
  keepAlive = (isNeeded: boolean): void => void (this.isNeeded = isNeeded);
  kill = (): void => this.end();

  say(message: FromDecoder): void {
    this.#hear(message);
  }
  end(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#end();
  }
  get task(): string {
    return (this.sent.at(-1)?.task.data as { path: string }).path;
  }
}

function pool(limit = 2): {
  pool: DecoderPool;
  started: FakeProcess[];
  decode: (path: string, signal?: AbortSignal) => Promise<Decoded>;
} {
  const started: FakeProcess[] = [];
  const made = new DecoderPool(
    () => {
      const process = new FakeProcess();
      started.push(process);
      return process;
    },
    'script',
    limit,
  );
  const task = (path: string): DecodeTask => ({ data: { path }, pixelLimit: 1e6 });
  return { pool: made, started, decode: (path, signal) => made.decode(task(path), signal) };
}

const DECODED: Decoded = { header: { width: 1, height: 2, format: 'png' }, pixels: undefined };
const done: FromDecoder = { decoded: DECODED, resident: 0 };

describe('a pool of decoders', () => {
  it('leaves one process to ordinary photos, however many drawings wait', async () => {
    const { pool: made, started, decode } = pool();
    const drawings = Array.from({ length: 3 }, () =>
      made.decode({ data: { bytes: Buffer.from(' <svg>') }, pixelLimit: 1e6 }),
    );
    expect(started).toHaveLength(1);
    const photo = decode('a');
    expect(started.map(({ sent }) => sent.length)).toEqual([1, 1]);
    started[1]!.say(done);
    await photo;
    // Nor do they get the second one afterwards.
    expect(started.map(({ sent }) => sent.length)).toEqual([1, 1]);
    for (const place of [1, 2, 3]) {
      started[0]!.say(done);
      await drawings[place - 1];
    }
    expect(started.map(({ sent }) => sent.length)).toEqual([3, 1]);
  });

  it('starts no more processes than it may, and gives each the next photo', async () => {
    const { decode, started } = pool();
    const photos = ['a', 'b', 'c'].map((path) => decode(path));
    expect(started.map(({ task }) => task)).toEqual(['a', 'b']);
    started[0]!.say(done);
    expect(started[0]!.task).toBe('c');
    started[1]!.say(done);
    started[0]!.say(done);
    expect(await Promise.all(photos)).toEqual([DECODED, DECODED, DECODED]);
  });

  it('keeps its own process alive only while there is work', async () => {
    const { decode, pool: one, started } = pool();
    one.warm();
    expect(started[0]!.isNeeded).toBe(false);
    const photo = decode('a');
    expect(started[0]!.isNeeded).toBe(true);
    started[0]!.say(done);
    await photo;
    expect(started[0]!.isNeeded).toBe(false);
  });

  it('gives up a photo that takes too long, and goes on with the next', async () => {
    const { decode, started } = pool(1);
    const slow = decode('slow');
    const next = decode('next');
    started[0]!.say({ over: 'time' });
    started[0]!.end();
    await expect(slow).rejects.toThrow(/takes too long/);
    expect(started[1]!.task).toBe('next');
    started[1]!.say(done);
    await next;
  });

  it('lets a photo that needs more memory have it, but not two at a time', async () => {
    const { decode, started } = pool(4);
    const large = ['large', 'larger'].map((path) => decode(path));
    const small = ['small', 'smaller'].map((path) => decode(path));
    started[0]!.say({ needs: 600_000_000, resident: 0 });
    started[1]!.say({ needs: 600_000_000, resident: 0 });
    const running = (): number[] =>
      started.filter(({ isNeeded }) => isNeeded).map(({ sent }) => sent.at(-1)!.allowance);
    expect(Math.max(...running())).toBeGreaterThan(600_000_000);
    expect(running().reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(ALL_MEMORY);
    for (let rounds = 0; rounds < 4; rounds++) {
      for (const process of started) if (process.isNeeded) process.say(done);
      expect(running().reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(ALL_MEMORY);
    }
    await Promise.all([...large, ...small]);
  });

  it('tries once more, nearly alone, what takes more memory than its header promised', async () => {
    const { decode, started } = pool(1);
    const photo = decode('liar');
    expect(started[0]!.sent[0]!.allowance).toBe(LEAST_MEMORY);
    started[0]!.say({ over: 'memory' });
    started[0]!.end();
    expect(started[1]!.sent[0]!.allowance).toBe(MOST_MEMORY);
    started[1]!.say({ over: 'memory' });
    started[1]!.end();
    await expect(photo).rejects.toThrow(/more than 900 MB of memory/);
  });

  it('tries once more where a decoder ended without a word, and then blames the photo', async () => {
    const { decode, started } = pool(1);
    const photo = decode('breaker');
    const next = decode('next');
    started[0]!.end();
    expect(started[1]!.task).toBe('breaker');
    started[1]!.end();
    await expect(photo).rejects.toMatchObject({ code: 'unreadable' });
    started[2]!.say(done);
    await next;
  });

  it('gives up at once what nobody waits for, whether it runs or waits', async () => {
    const { decode, started } = pool(1);
    const controller = new AbortController();
    const running = decode('running', controller.signal);
    const waiting = decode('waiting', controller.signal);
    const other = decode('other');
    controller.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
    await expect(waiting).rejects.toThrow('stopped');
    expect(started[0]!.isAlive).toBe(false);
    expect(started[1]!.task).toBe('other');
    started[1]!.say(done);
    await other;
    await expect(decode('late', controller.signal)).rejects.toThrow('stopped');
  });

  it('replaces a process that has grown', async () => {
    const { decode, started } = pool(1);
    const photo = decode('a');
    started[0]!.say({ decoded: DECODED, resident: 2e9 });
    await photo;
    expect(started[0]!.isAlive).toBe(false);
  });

  it('says why a photo cannot be read', async () => {
    const { decode, started } = pool(1);
    const photo = decode('a');
    started[0]!.say({ failure: { code: 'empty', reason: 'the file is empty.' }, resident: 0 });
    await expect(photo).rejects.toEqual(new CannotDecode({ code: 'empty', reason: 'the file is empty.' }));
  });
});
