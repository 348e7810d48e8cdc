import { describe, expect, it } from 'vitest';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';

interface Tasks {
  twice(input: number, control: { signal: AbortSignal; report: (report: string) => void }): Promise<number>;
  fail(input: Error): Promise<never>;
  wait(input: null, control: { signal: AbortSignal; report: (report: never) => void }): Promise<never>;
}

const tasks = new LocalTasks<Tasks>(
  {
    twice: async (input, { report }) => (report('half'), 2 * input),
    fail: (input) => Promise.reject(input),
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  },
  TASK_ERRORS,
);

describe('tasks beside their caller', () => {
  it('answer and report', async () => {
    const reports: string[] = [];
    expect(await tasks.run('twice', 4, { onReport: (report) => reports.push(report) })).toBe(8);
    expect(reports).toEqual(['half']);
    expect(await tasks.run('twice', 1)).toBe(2);
  });

  it('fail with a code, as those of a thread do', async () => {
    await expect(tasks.run('fail', new Error('broken'))).rejects.toMatchObject({
      name: 'AttendError',
      code: 'internal',
      message: 'broken',
    });
    await expect(tasks.run('fail', new RangeError('far'))).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are told when they are not wanted any more, and not begun then', async () => {
    const controller = new AbortController();
    const waiting = tasks.run('wait', null, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const reports: string[] = [];
    const control = { signal: controller.signal, onReport: (report: string) => reports.push(report) };
    await expect(tasks.run('twice', 1, control)).rejects.toMatchObject({ code: 'cancelled' });
    expect(reports).toEqual([]);
  });
});
