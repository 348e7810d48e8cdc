import { describe, expect, it } from 'vitest';
import { cancelled } from '../../src/service/describe-failure.ts';
import { JobQueue } from '../../src/tasks/job-queue.ts';

/** A job that ends when it is told to. */
function held(): {
  job: (signal: AbortSignal) => Promise<string>;
  end: () => void;
  signal: () => AbortSignal | undefined;
} {
  let end = (): void => undefined;
  let given: AbortSignal | undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    job: async (signal) => {
      given = signal;
      await ended;
      return 'done';
    },
    end: () => end(),
    signal: () => given,
  };
}

describe('the queue', () => {
  it('runs one job at a time, those in the foreground first', async () => {
    const queue = new JobQueue(cancelled);
    const order: string[] = [];
    const first = held();
    const note = (name: string) => async () => void order.push(name);
    const all = [
      queue.add(first.job),
      queue.add(note('background 1'), { priority: 'background' }),
      queue.add(note('background 2'), { priority: 'background' }),
      queue.add(note('foreground 1')),
      queue.add(note('foreground 2')),
    ];
    expect(queue.waiting).toBe(4);
    first.end();
    await Promise.all(all);
    expect(order).toEqual(['foreground 1', 'foreground 2', 'background 1', 'background 2']);
  });

  it('forgets a job that waits when it is cancelled', async () => {
    const queue = new JobQueue(cancelled);
    const first = held();
    const running = queue.add(first.job);
    const controller = new AbortController();
    let hasRun = false;
    const waiting = queue.add(async () => (hasRun = true), { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    first.end();
    expect(await running).toBe('done');
    expect(hasRun).toBe(false);
  });

  it('leaves those that wait beside a job that is cancelled', async () => {
    const queue = new JobQueue(cancelled);
    const first = held();
    const running = queue.add(first.job);
    const controller = new AbortController();
    const order: number[] = [];
    const add = (number: number, signal?: AbortSignal): Promise<void> =>
      queue.add(async () => void order.push(number), { signal });
    const [one, two, three] = [add(1), add(2, controller.signal), add(3)];
    controller.abort();
    expect(queue.waiting).toBe(2);
    first.end();
    await Promise.all([running, one, three, expect(two).rejects.toMatchObject({ code: 'cancelled' })]);
    expect(order).toEqual([1, 3]);
    await expect(add(4, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(order).toEqual([1, 3]);
  });

  it('answers at once when the job that runs is cancelled, and begins the next when that has stopped', async () => {
    const queue = new JobQueue(cancelled);
    const first = held();
    const controller = new AbortController();
    const running = queue.add(first.job, { signal: controller.signal });
    let hasNext = false;
    const next = queue.add(async () => void (hasNext = true));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(first.signal()?.aborted).toBe(true);
    expect(hasNext).toBe(false);
    first.end();
    await next;
    expect(hasNext).toBe(true);
  });

  it('goes on after a job that fails', async () => {
    const queue = new JobQueue(cancelled);
    const failing = queue.add(() => Promise.reject(new Error('broken')));
    const next = queue.add(() => Promise.resolve('fine'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });

  it('runs a job that comes when all others are done, also when the last one failed', async () => {
    const queue = new JobQueue(cancelled);
    expect(await queue.add(() => Promise.resolve('first'))).toBe('first');
    expect(await queue.add(() => Promise.resolve('second'))).toBe('second');
    await expect(queue.add(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await queue.add(() => Promise.resolve('third'), { priority: 'background' })).toBe('third');
  });
});
