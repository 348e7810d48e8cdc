import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import type { FromThread, ToThread } from '../../src/tasks/protocol.ts';
import { serveTasks } from '../../src/tasks/serve-tasks.ts';

let port: MessagePort;
const end = vi.fn<() => void>();
beforeEach(() => {
  end.mockClear();
  const { port1, port2 } = new MessageChannel();
  port = port1;
  serveTasks(
    port2,
    {
      twice: async (input: number, { report }: { report: (report: unknown) => void }) => (report('half'), 2 * input),
      fail: () => Promise.reject(new RangeError('far')),
      wait: (_: null, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
    TASK_ERRORS,
    end,
  );
});
afterEach(() => port.close());

/** The next `count` answers to a message. */
async function answers(message: ToThread, count = 1): Promise<FromThread[]> {
  port.postMessage(message);
  const heard: FromThread[] = [];
  while (heard.length < count) heard.push(...((await once(port, 'message')) as FromThread[]));
  return heard;
}

describe('tasks that arrive at a port', () => {
  it('are answered there, with the number that they came with', async () => {
    expect(await answers({ id: 7, task: 'twice', input: 4 }, 2)).toEqual([
      { id: 7, report: 'half' },
      { id: 7, output: 8 },
    ]);
  });

  it('fail with a code, and tell where in the code', async () => {
    const [answer] = await answers({ id: 1, task: 'fail', input: null });
    expect(answer).toMatchObject({ id: 1, failure: { code: 'bad-request', message: 'far' } });
    expect((answer as { failure: { stack: string } }).failure.stack).toContain('serve-tasks.test.ts');
  });

  it('stop when they are not wanted any more, and only they', async () => {
    port.postMessage({ id: 1, task: 'wait', input: null } satisfies ToThread);
    port.postMessage({ id: 2, task: 'wait', input: null } satisfies ToThread);
    expect(await answers({ id: 2, cancel: true })).toMatchObject([{ id: 2, failure: { code: 'cancelled' } }]);
    expect(await answers({ id: 3, cancel: true }, 0)).toEqual([]);
    expect(await answers({ id: 1, cancel: true })).toMatchObject([{ id: 1, failure: { code: 'cancelled' } }]);
  });

  it('are refused where there is none of the name', async () => {
    expect(await answers({ id: 1, task: 'nothing', input: null })).toMatchObject([
      { failure: { code: 'internal', message: 'There is no task "nothing".' } },
    ]);
  });

  it('stop before their thread ends, which takes no more of them', async () => {
    port.postMessage({ id: 1, task: 'wait', input: null } satisfies ToThread);
    port.postMessage({ close: true } satisfies ToThread);
    expect(await answers({ id: 2, task: 'twice', input: 1 })).toMatchObject([
      { id: 1, failure: { code: 'cancelled' } },
    ]);
    await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
  });

  it('do not keep a thread that has none', async () => {
    port.postMessage({ close: true } satisfies ToThread);
    await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
  });
});
