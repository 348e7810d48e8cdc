import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../../src/renderer/state/app.svelte.ts';
import { Inside } from '../../../src/renderer/state/inside.svelte.ts';
import { asComponent } from '../support/as-component.svelte.ts';
import { FakeClient } from '../support/fake-service/fake-client.ts';
import { lookInside } from '../support/fake-service/fake-translator.ts';
import { owe, type Owed } from '../support/owed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pause = (): Promise<unknown> => vi.advanceTimersByTimeAsync(350);

async function make(text: string) {
  const client = new FakeClient();
  const owed = owe(client, 'translate.lookInside');
  const app = new App(client);
  app.textToInspect = { text, from: 'en', to: 'de', model: '' };
  const { made: inside, end } = asComponent(() => new Inside(app, app.translators));
  await pause();
  const type = async (sentence: string): Promise<void> => {
    inside.text = sentence;
    await pause();
  };
  return { app, inside, owed, type, end };
}

async function answer(owed: Owed<'translate.lookInside'> | undefined): Promise<void> {
  owed!.answer(lookInside(owed!.input.text, owed!.input.model));
  await pause();
}

const shown = (inside: Inside): unknown[] => inside.views.map(({ name, output }) => [name, output?.text]);

describe('a sentence', () => {
  it('that is handed over is looked into, and is not handed over twice', async () => {
    const { app, inside, owed } = await make('A dog runs.');
    expect(app.textToInspect).toBeNull();
    await answer(owed[0]);
    expect(shown(inside)).toEqual([['translator', 'ein Hund läuft .']]);
    expect([inside.kinds.length, inside.layers, inside.heads]).toEqual([3, 3, 4]);
    expect(inside.working).toBe(false);
  });

  it('overtakes the one before it, whose answer is not shown any more', async () => {
    const { inside, owed, type } = await make('A dog.');
    await type('A man.');
    expect(owed.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await answer(owed[1]);
    await answer(owed[0]);
    expect(shown(inside)).toEqual([['translator', 'ein Mann .']]);
  });

  it('that is emptied takes what was seen and its request along', async () => {
    const { inside, owed, type } = await make('A dog.');
    await answer(owed[0]);
    await type('A man.');
    await type('');
    expect(owed[1]?.signal.aborted).toBe(true);
    await answer(owed[1]);
    expect(inside.views).toEqual([]);
    expect(inside.working).toBe(false);
  });

  it('is given up with the component', async () => {
    const { owed, end } = await make('A dog.');
    end();
    expect(owed[0]?.signal.aborted).toBe(true);
  });
});

describe('several models', () => {
  it('are asked one after another, and one that fails does not stop the others', async () => {
    const { inside, owed } = await make('A dog.');
    await answer(owed[0]);
    inside.compareAll();
    await pause();
    // What is known is not asked again.
    expect(owed.map(({ input }) => input.model)).toEqual(['translator', 'additive']);
    owed[1]!.refuse(Object.assign(new Error('The model is damaged.'), { code: 'internal' }));
    await pause();
    await answer(owed[2]);
    expect(inside.views.map(({ problem }) => problem)).toEqual(['', 'The model is damaged.', '']);
    expect(shown(inside).at(-1)).toEqual(['none', 'ein Hund .']);
    expect(inside.working).toBe(false);

    inside.compare('additive', false);
    expect(inside.views.map(({ name }) => name)).toEqual(['translator', 'additive', 'none']);
    await pause();
    expect(inside.views.map(({ name }) => name)).toEqual(['translator', 'none']);
    expect(owed).toHaveLength(3);
  });
});

it('cells are zoomed from their usual size, within bounds', async () => {
  const { inside } = await make('A dog.');
  inside.zoom(1.25);
  expect(inside.cell).toBe(40);
  inside.zoom(100);
  expect(inside.cell).toBe(96);
  inside.zoom(0.01);
  expect(inside.cell).toBe(10);
});
