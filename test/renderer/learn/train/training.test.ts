import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { Trainer } from '../../../../src/renderer/learn/train/trainer.ts';
import { Training, type TrainingWorker } from '../../../../src/renderer/learn/train/training.svelte.ts';
import type { FromTraining, ToTraining } from '../../../../src/renderer/learn/train/training-messages.ts';
import { open, settled } from '../../support/open-app.ts';

/** A run whose loss falls by a hundredth with each update, and that is right as far as it was trained. */
function fakeRun(updates = 200) {
  let done = 0;
  return {
    options: { updates },
    weights: 123,
    get done() {
      return done;
    },
    get isOver() {
      return done >= updates;
    },
    update: () => 2.4 - ++done / 100,
    exact: (length: number) => Promise.resolve(length <= 10 ? done / updates : 0),
    look: (digits: readonly number[]) =>
      Promise.resolve({ written: [...[...digits].reverse(), 2], weights: digits.map(() => [1, 0]) }),
    dispose: vi.fn<() => void>(),
  };
}

describe('the trainer', () => {
  it('reports the loss, what it looks at, and how much is right', async () => {
    const told: FromTraining[] = [];
    const trainer = new Trainer(
      () => Promise.resolve(fakeRun()),
      (message) => told.push(message),
    );
    await trainer.hear({ kind: 'train', task: 'reverse', attention: 'dot', seed: 1 });
    const progress = told.filter(({ kind }) => kind === 'progress');
    expect(progress).toHaveLength(20);
    expect(progress[0]).toMatchObject({ done: 10, updates: 200, loss: expect.closeTo(2.345, 6) });
    expect(told.filter(({ kind }) => kind === 'measured').map((one) => 'exact' in one && one.exact.length)).toEqual([
      4, 4, 5,
    ]);
    expect(told.at(-1)).toEqual({ kind: 'over', weights: 123 });
  });

  it('stops when it is told to, and what it had learnt is measured', async () => {
    const told: FromTraining[] = [];
    const trainer = new Trainer(
      () => Promise.resolve(fakeRun(100_000)),
      (message) => {
        told.push(message);
        if (message.kind === 'progress' && message.done === 30) void trainer.hear({ kind: 'stop' });
      },
    );
    await trainer.hear({ kind: 'train', task: 'reverse', attention: 'dot', seed: 1 });
    expect(told.filter(({ kind }) => kind === 'progress')).toHaveLength(3);
    expect(told.slice(-3).map(({ kind }) => kind)).toEqual(['measured', 'looked', 'over']);
  });

  it('tries other digits, frees the model before, and says what went wrong', async () => {
    const told: FromTraining[] = [];
    const runs = [fakeRun(10), fakeRun(10)];
    const trainer = new Trainer(
      () => {
        const run = runs.shift();
        return run ? Promise.resolve(run) : Promise.reject(new Error('There is no memory left.'));
      },
      (message) => told.push(message),
    );
    const [first] = runs;
    const train = (): Promise<void> => trainer.hear({ kind: 'train', task: 'copy', attention: 'none', seed: 1 });
    await train();
    await trainer.hear({ kind: 'try', digits: [5, 6] });
    expect(told.at(-1)).toMatchObject({ kind: 'looked', look: { digits: [5, 6], written: [6, 5, 2] } });
    await train();
    expect(first!.dispose).toHaveBeenCalled();
    await train();
    expect(told.at(-1)).toEqual({ kind: 'failed', message: 'There is no memory left.' });
  });
});

/** A worker that is told what to say. */
function fakeWorker() {
  const heard: ToTraining[] = [];
  const worker: TrainingWorker & {
    heard: ToTraining[];
    say: (message: FromTraining) => void;
    terminate: () => void;
  } = {
    heard,
    postMessage: (message) => void heard.push(message),
    onmessage: null,
    onerror: null,
    terminate: vi.fn<() => void>(),
    say: (data) => worker.onmessage?.({ data } as MessageEvent),
  };
  return worker;
}

describe('trainings', () => {
  it('are kept, kind by kind, and only the last model can be tried', () => {
    const worker = fakeWorker();
    const training = new Training(() => worker);
    training.train();
    worker.say({ kind: 'progress', done: 10, updates: 20, loss: 2, seconds: 1 });
    expect(training.running).toMatchObject({ attention: 'additive', done: 10, state: 'running' });
    worker.say({ kind: 'progress', done: 20, updates: 20, loss: 1, seconds: 2 });
    worker.say({ kind: 'measured', exact: [[5, 0.5]] });
    worker.say({ kind: 'over', weights: 9 });
    expect(training.running).toBeNull();
    expect(training.canTry).toBe(true);
    training.attention = 'none';
    training.train();
    worker.say({ kind: 'progress', done: 10, updates: 20, loss: 2, seconds: 1 });
    training.stop();
    worker.say({ kind: 'over', weights: 9 });
    expect(training.results.map(({ attention, state }) => [attention, state])).toEqual([
      ['none', 'stopped'],
      ['additive', 'done'],
    ]);
    training.shown = 'additive';
    expect(training.canTry).toBe(false);
    expect(training.looking?.exact).toEqual([[5, 0.5]]);
    expect(worker.heard.map(({ kind }) => kind)).toEqual(['train', 'train', 'stop']);
    training.task = 'sort';
    expect(training.results).toEqual([]);
  });

  it('that fail say why, and the next one begins with a new worker', () => {
    const workers = [fakeWorker(), fakeWorker()];
    const made = [...workers];
    const training = new Training(() => made.shift()!);
    training.train();
    workers[0]!.say({ kind: 'failed', message: 'There is no memory left.' });
    expect(training.problem).toBe('There is no memory left.');
    expect(training.running).toBeNull();
    expect(workers[0]!.terminate).toHaveBeenCalled();
    training.train();
    expect(training.problem).toBe('');
    expect(workers[1]!.heard).toHaveLength(1);
  });
});

describe('the place where one trains', () => {
  it('shows the loss, the table, and the matrix of what was typed', async () => {
    const worker = fakeWorker();
    vi.stubGlobal(
      'Worker',
      vi.fn(function make() {
        return worker;
      }),
    );
    history.replaceState(null, '', '#/learn/train');
    await open({ photos: 1 });
    await vi.waitFor(() => expect(document.querySelector('.train')).not.toBeNull(), 20_000);
    document.querySelector<HTMLElement>('.ask .primary')!.click();
    await settled();
    expect(worker.heard).toEqual([{ kind: 'train', task: 'reverse', attention: 'additive', seed: 1 }]);
    worker.say({ kind: 'progress', done: 10, updates: 800, loss: 2, seconds: 3.4 });
    worker.say({ kind: 'measured', exact: [[6, 0.96]] });
    worker.say({
      kind: 'looked',
      look: {
        digits: [6, 4],
        written: [4, 6, 2],
        weights: [
          [0, 1, 0],
          [1, 0, 0],
          [0, 0, 1],
        ],
      },
    });
    worker.say({ kind: 'over', weights: 9 });
    await settled();
    const text = document.querySelector('.train')!.textContent.replace(/\s+/g, ' ');
    const cells = [...document.querySelectorAll('tbody tr > *')].map((one) => one.textContent.trim());
    expect(cells).toEqual(['Additive', '96%', '–', '–', '–', '–', '3 s']);
    expect(text).toContain('It writes 13, which is right.');
    expect(document.querySelectorAll('.matrix rect')).toHaveLength(9);
    const field = document.querySelector<HTMLInputElement>('.look input')!;
    field.value = '9a0';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    expect(worker.heard.at(-1)).toEqual({ kind: 'try', digits: [12, 3] });
    flushSync();
    expect(location.hash).toBe('#/learn/train?task=reverse&attention=additive&digits=90');
    vi.unstubAllGlobals();
  });

  it('is led by an address to what is to be trained', async () => {
    history.replaceState(null, '', '#/learn/train?task=sort&attention=dot&digits=3a12');
    await open({ photos: 1 });
    await vi.waitFor(() => expect(document.querySelector('.train')).not.toBeNull(), 20_000);
    await settled();
    expect(checked()).toEqual(['sort', 'dot']);
    expect(location.hash).toBe('#/learn/train?task=sort&attention=dot&digits=312');
  });
});

const checked = (): string[] =>
  [...document.querySelectorAll<HTMLInputElement>('.ask input:checked')].map(({ value }) => value);
