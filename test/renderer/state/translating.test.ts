import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../../src/renderer/state/app.svelte.ts';
import { Translating } from '../../../src/renderer/state/translating.svelte.ts';
import { asComponent } from '../support/as-component.svelte.ts';
import { FakeClient } from '../support/fake-service/fake-client.ts';
import { translate } from '../support/fake-service/fake-translator.ts';
import { owe, type Owed } from '../support/owed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Long enough for a text to be sent, and for what follows. */
const pause = (): Promise<unknown> => vi.advanceTimersByTimeAsync(250);

async function make() {
  const client = new FakeClient();
  const owed = owe(client, 'translate.run');
  const app = new App(client);
  const { made: translating, end } = asComponent(() => new Translating(app, app.translators));
  await pause();
  const type = async (text: string): Promise<void> => {
    translating.text = text;
    await pause();
  };
  return { app, client, translating, owed, type, end };
}

async function answer(owed: Owed<'translate.run'> | undefined): Promise<void> {
  owed!.answer(translate(owed!.input.text, 'en', 'de', 1));
  await pause();
}

describe('a text', () => {
  it('is sent once nothing was typed for a while', async () => {
    const { translating, owed, type } = await make();
    translating.text = 'A';
    await vi.advanceTimersByTimeAsync(100);
    await type('A dog runs.');
    expect(owed.map(({ input }) => input.text)).toEqual(['A dog runs.']);
    expect(translating.working).toBe(true);
    await answer(owed[0]);
    expect(translating.target).toBe('Ein Hund läuft.');
    expect(translating.working).toBe(false);
  });

  it('overtakes the one before it, whose answer is not shown any more', async () => {
    const { app, translating, owed, type } = await make();
    await type('A dog.');
    await type('A man.');
    expect(owed.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await answer(owed[1]);
    await answer(owed[0]);
    expect(translating.target).toBe('Ein Mann.');
    expect(app.settings.page['translateText']).toBe('A man.');
  });

  it('that is emptied takes its translation and its request along', async () => {
    const { translating, owed, type } = await make();
    await type('A dog.');
    await answer(owed[0]);
    await type('A dog runs.');
    await type(' ');
    expect(owed[1]?.signal.aborted).toBe(true);
    await answer(owed[1]);
    expect(translating.target).toBe('');
    expect(translating.working).toBe(false);
  });

  it('that could not be translated says why, until there is another one', async () => {
    const { translating, owed, type } = await make();
    await type('A dog.');
    owed[0]!.refuse(Object.assign(new Error('The model is damaged.'), { code: 'internal' }));
    await pause();
    expect(translating.problem).toBe('The model is damaged.');
    expect(translating.working).toBe(false);
    await type('A man.');
    expect(translating.problem).toBe('');
  });

  it('is given up with the component', async () => {
    const { owed, type, end } = await make();
    await type('A dog.');
    end();
    expect(owed[0]?.signal.aborted).toBe(true);
  });
});

describe('a translation', () => {
  it('carries the alternative that was chosen, until another text is translated', async () => {
    const { translating, owed, type } = await make();
    await type('A dog. A man.');
    await answer(owed[0]);
    translating.open = 1;
    translating.choose(1, 1);
    expect(translating.target).toBe('Ein Hund. Ein Mann. (2)');
    await type('A dog. A man. A beach.');
    expect(translating.open).toBe(1);
    await answer(owed[1]);
    expect(translating.open).toBeNull();
    expect(translating.target).toBe('Ein Hund. Ein Mann. Ein Strand.');
  });

  it('shows each sentence in its place, whichever is done first', async () => {
    const { client, translating, type } = await make();
    const [, second] = translate('A dog. A man.', 'en', 'de', 0).sentences;
    client.handlers['translate.run'] = (_, { report }) => {
      report({ sentence: 1, of: 2, translated: second! });
      return new Promise(() => undefined);
    };
    await type('A dog. A man.');
    expect(translating.target).toBe('… Ein Mann.');
  });
});
