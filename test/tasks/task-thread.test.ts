import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { TaskThread } from '../../src/tasks/task-thread.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

// What a thread says and hears, without a model in it.
const SCRIPT = `
import { parentPort, workerData } from 'node:worker_threads';
const waiting = new Map();
parentPort.on('message', ({ id, task, input, cancel, close }) => {
  const answer = (message) => parentPort.postMessage({ id, ...message });
  if (close) process.exit();
  else if (cancel) answer({ failure: { code: 'cancelled', message: waiting.get(id) } });
  else if (task === 'twice') answer({ report: 1 }), answer({ output: 2 * input + workerData.more });
  else if (task === 'refuse') answer({ failure: { code: 'too-long', message: 'Too long.', stack: 'at line 1' } });
  else if (task === 'wait') waiting.set(id, 'Stopped.');
  else if (task === 'throw') throw new Error('It broke');
  else if (task === 'repeat') answer({ output: input }), answer({ output: input }), answer({ report: 1 });
  else if (task === 'compute') {
    Atomics.store(input, 0, 1);
    for (const begin = Date.now(); Date.now() < begin + 200;);
    Atomics.store(input, 0, 2);
  } else if (task === 'set') answer({ output: (process.env.ATTEND_TEST_THREAD = input) });
  else process.exit(3);
});
`;

interface Tasks {
  twice(input: number, control: { signal: AbortSignal; report: (report: number) => void }): Promise<number>;
  refuse(input: null): Promise<never>;
  wait(input: null): Promise<never>;
  throw(input: null): Promise<never>;
  repeat(input: string): Promise<string>;
  compute(input: Int32Array): Promise<never>;
  set(input: string): Promise<string>;
  die(input: null): Promise<never>;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let thread: TaskThread<Tasks>;
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder.path, 'thread.mjs'), SCRIPT);
  thread = new TaskThread<Tasks>(join(folder.path, 'thread.mjs'), {
    errors: TASK_ERRORS,
    name: 'The test',
    data: { more: 1 },
  });
});
afterEach(async () => {
  await thread.close();
  await folder.remove();
});

describe('a thread', () => {
  it('answers, reports and fails with a code', async () => {
    const reports: number[] = [];
    expect(await thread.run('twice', 4, { onReport: (report) => reports.push(report) })).toBe(9);
    expect(reports).toEqual([1]);
    await expect(thread.run('refuse', null)).rejects.toMatchObject({ code: 'too-long', message: 'Too long.' });
  });

  it('is told what is not wanted any more', async () => {
    const control = new AbortController();
    const waiting = thread.run('wait', null, { signal: control.signal });
    control.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled', message: 'Stopped.' });
    await expect(thread.run('twice', 1, { signal: control.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that dies fails what ran in it, and is started anew by the next task', async () => {
    const [waiting, dying] = [thread.run('wait', null), thread.run('die', null)];
    await expect(waiting).rejects.toMatchObject({
      code: 'internal',
      message: 'The test stopped (exit code 3). Try again.',
    });
    await expect(dying).rejects.toMatchObject({ code: 'internal' });
    expect(await thread.run('twice', 1)).toBe(3);
  });

  it('that breaks says why, once: its end is not that of the one started after it', async () => {
    await expect(thread.run('throw', null)).rejects.toMatchObject({
      message: 'The test stopped: It broke. Try again.',
    });
    // The broken thread still has to end, and does so while the new one works.
    const waiting = thread.run('wait', null);
    const failed = expect(waiting).rejects.toMatchObject({ message: 'The service has ended.' });
    for (let i = 0; i < 5; i++) expect(await thread.run('twice', i)).toBe(2 * i + 1);
    await thread.close();
    await failed;
  });

  it('may say more of a task that has ended, which nobody hears', async () => {
    expect(await thread.run('repeat', 'a')).toBe('a');
    expect(await thread.run('repeat', 'b')).toBe('b');
    expect(await thread.run('twice', 1)).toBe(3);
  });

  it('shares the environment, in which libraries in C look for their settings', async () => {
    expect(await thread.run('set', 'seen')).toBe('seen');
    expect(process.env['ATTEND_TEST_THREAD']).toBe('seen');
    delete process.env['ATTEND_TEST_THREAD'];
  });

  it('fails what runs when it is closed, and does nothing afterwards', async () => {
    const waiting = thread.run('wait', null);
    const failed = expect(waiting).rejects.toMatchObject({ message: 'The service has ended.' });
    await thread.close();
    await failed;
    await expect(thread.run('twice', 1)).rejects.toMatchObject({ message: 'The service has ended.' });
  });

  it('ends after what it computes in one go: libraries cannot be broken off', async () => {
    const state = new Int32Array(new SharedArrayBuffer(4));
    const failed = expect(thread.run('compute', state)).rejects.toMatchObject({ message: 'The service has ended.' });
    await vi.waitFor(() => expect(state[0]).toBe(1));
    await thread.close();
    expect(state[0]).toBe(2);
    await failed;
  });
});
