import { describe, expect, it, vi } from 'vitest';
import { HUB_MODEL } from './support/fake-service/fake-models.ts';
import { open, settled } from './support/open-app.ts';

// The place where models are listed, added and removed.

const here = { settings: { language: 'en', page: { place: 'models' } } } as const;

async function click(element: Element | undefined): Promise<void> {
  if (!element) throw new Error('there is nothing to be clicked');
  element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
  await settled();
}

function button(name: string | RegExp): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find((one) => {
    const said = one.getAttribute('aria-label') ?? one.textContent.replace(/\s+/g, ' ').trim();
    return typeof name === 'string' ? said === name : name.test(said);
  });
}

const shown = (selector: string): string =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim()).join(' | ');

async function ask(name: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>('.ask input')!;
  field.value = name;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
  field.form!.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
  await settled();
}

describe('maps of a model with layers and heads', () => {
  it('are those of the layer and head that somebody chooses, and of all where nobody does', async () => {
    const client = await open({
      photos: 1,
      settings: { language: 'en' },
      model: { attention: { layers: 3, heads: 4 } },
    });
    await click(button('Map'));
    const [layer] = document.querySelectorAll<HTMLSelectElement>('.controls select');
    expect([...layer!.options].map(({ text }) => text)).toEqual(['mean of all 3', '1', '2', '3']);
    client.asked.length = 0;
    layer!.value = '2';
    layer!.dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    expect(client.settings.mapsFrom).toEqual({ layer: 2 });
    expect(client.asked.map(({ name }) => name)).toContain('caption.run');
    const rollout = document.querySelector<HTMLInputElement>('.controls [type=checkbox]')!;
    rollout.click();
    await settled();
    expect(client.settings.mapsFrom).toEqual({ layer: 2, rollout: true });
  });

  it('have nothing to choose where there is one attention', async () => {
    await open({ photos: 1, settings: { language: 'en' } });
    await click(button('Map'));
    expect(document.querySelector('.controls')).not.toBeNull();
    expect(document.querySelector('.controls select')).toBeNull();
  });
});

describe('what captions', () => {
  const choice = (): HTMLSelectElement | null => document.querySelector('.actions select[aria-label="What captions"]');

  it('can be chosen beside a caption where there are several, and captions the photo then', async () => {
    const client = await open({ photos: 1, settings: { language: 'en' } });
    expect(choice()).toBeNull();
    client.models.add();
    client.emit('models', {});
    await settled();
    expect([...choice()!.options].map(({ text }) => text)).toEqual(['soft', 'blip-image-captioning-base']);
    client.asked.length = 0;
    choice()!.value = 'captioner-blip-image-captioning-base';
    choice()!.dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    expect(client.asked.map(({ name }) => name)).toEqual(expect.arrayContaining(['models.choose', 'caption.run']));
    expect(choice()!.value).toBe('captioner-blip-image-captioning-base');
  });
});

describe('what other captioners say', () => {
  it('stands beside the alternatives, with its own maps, and is kept by hand', async () => {
    const client = await open({ photos: 1, settings: { language: 'en' } });
    client.models.add();
    client.emit('models', {});
    await click(button('Alternatives'));
    client.asked.length = 0;
    await click(button('Ask captioner-blip-image-captioning-base'));
    expect(client.asked.map(({ name }) => name)).toEqual(['caption.beside']);
    const words = document.querySelectorAll('.said .word');
    expect(words.length).toBeGreaterThan(2);
    words[1]!.dispatchEvent(new PointerEvent('pointerenter'));
    await settled();
    expect(words[1]!.classList).toContain('active');
    await click(button(/^Use this one: By captioner-blip/));
    expect(client.asked.find(({ name }) => name === 'caption.edit')).toMatchObject({
      input: { caption: 'By captioner-blip-image-captioning-base.' },
    });
  });

  it('can be taken first in the settings', async () => {
    const client = await open({ photos: 1, settings: { language: 'en' } });
    client.models.add();
    client.emit('models', {});
    await click(button('Settings'));
    const choice = document.querySelector<HTMLSelectElement>('.settings select[id$="-captioner"]')!;
    expect(choice.value).toBe('captioner-soft');
    choice.value = 'captioner-blip-image-captioning-base';
    choice.dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    expect(client.asked.map(({ name }) => name)).toContain('models.choose');
    expect(choice.value).toBe('captioner-blip-image-captioning-base');
  });
});

describe('the place of the models', () => {
  it('says of each what it is for, its size, languages, licence and speed, and which is taken first', async () => {
    await open(here);
    expect(shown('h2')).toBe('Add a model | For captions | For translations');
    expect(shown('section h3')).toBe('captioner-soft Taken first | translator-everyday Taken first');
    expect(shown('section .facts')).toBe(
      'English · 24.6 MB · Apache-2.0 | Transformer · English to German, French · 15.2 MB · Apache-2.0 · 31.4 ms a sentence',
    );
    expect(shown('.lists > details summary').startsWith('Small models to compare (1)')).toBe(true);
    expect(button('Remove: captioner-soft')).toBeUndefined();
  });

  it('asks the Hub for nothing by itself', async () => {
    const client = await open(here);
    expect(client.asked.map(({ name }) => name).filter((name) => /offer|models\.add/.test(name))).toEqual([]);
  });

  it('shows licence and size of a model of the Hub before it loads it, with its progress', async () => {
    const client = await open({ ...here, pace: 700 });
    await click(button(/^Salesforce/));
    expect(client.asked.at(-1)).toEqual({ name: 'models.offer', input: { name: HUB_MODEL } });
    expect(shown('.offer dd')).toBe('BLIP | bsd-3-clause | 990 MB from huggingface.co | 82a37760796d');
    expect(client.asked.some(({ name }) => name === 'models.add')).toBe(false);
    expect(document.activeElement).toBe(button('Load'));
    await click(button('Load'));
    expect(shown('.adding .text')).toBe('248 MB of 990 MB');
    const bar = document.querySelector('progress')!;
    expect([bar.getAttribute('aria-label'), bar.value / bar.max]).toEqual([`Adding ${HUB_MODEL}`, 0.25]);
    await vi.waitFor(() => expect(shown('section h3')).toContain('captioner-blip-image-captioning-base'), 10_000);
    expect(shown('.notice')).toContain('captioner-blip-image-captioning-base is there now.');
  });

  it('stops loading, keeps what is there, and offers to go on', async () => {
    const client = await open({ ...here, pace: 5_000 });
    await ask(HUB_MODEL);
    await click(button('Load'));
    await click(button('Stop'));
    expect(shown('[role=status]')).toContain('Stopped. What was loaded is kept.');
    expect(client.asked.at(-1)?.name).toBe('models.offer');
    expect(button('Load')).toBeDefined();
  });

  it('goes on loading while somebody is elsewhere', async () => {
    await open({ ...here, pace: 5_000 });
    await ask(HUB_MODEL);
    await click(button('Load'));
    await click(button('Translate'));
    await click(button('Models'));
    expect(shown('.adding .text')).toBe('248 MB of 990 MB');
  });

  it('says in a sentence what the Hub does not have', async () => {
    await open(here);
    await ask('nobody/nothing');
    expect(shown('[role=alert]')).toBe('That did not work. There is no nobody/nothing (main) on huggingface.co.');
    await ask(HUB_MODEL);
    expect(shown('[role=alert]')).toBe('');
  });

  it('takes a model first, measures it, and removes it when that was meant', async () => {
    const client = await open(here);
    client.models.add();
    client.emit('models', {});
    await settled();
    const name = 'captioner-blip-image-captioning-base';
    await click(button(`Take first: ${name}`));
    expect(shown('section h3')).toContain(`${name} Taken first`);
    await click(button(`Measure speed: ${name}`));
    expect(shown('.facts')).toContain('120 ms a photo');
    await click(button(`Remove: ${name}`));
    expect(shown('.actions span')).toBe('495 MB will be deleted. It can be loaded again.');
    expect(document.activeElement).toBe(button('Keep'));
    expect(client.asked.some((one) => one.name === 'models.remove')).toBe(false);
    await click(button('Remove'));
    expect(shown('section h3')).not.toContain(name);
  });

  it('has the card of a model', async () => {
    await open(here);
    const details = document.querySelector<HTMLDetailsElement>('section li details')!;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await vi.waitFor(() => expect(details.textContent).toContain('It was drawn.'));
  });

  it('adds a folder that is dropped on it or chosen, in the window of the app', async () => {
    const client = await open({ ...here, door: 'electron' });
    const drop = async (name: string): Promise<void> => {
      const dataTransfer = { types: ['Files'], files: [new File([], name)], items: [] };
      window.dispatchEvent(Object.assign(new Event('drop', { cancelable: true }), { dataTransfer }));
      await settled();
    };
    await drop('blip');
    expect(client.models.list.map(({ name }) => name)).toContain('captioner-blip-image-captioning-base');
    await drop('photos');
    expect(shown('[role=alert]')).toContain('There is no published model in photos: config.json is missing.');
    await click(button(/^Add a folder/));
    expect(client.asked.some(({ name }) => name === 'models.dialog')).toBe(true);
  });

  it('adds a folder that is dropped on it in a browser by its files, and can be stopped', async () => {
    const client = await open({ ...here, pace: 50 });
    const entryOf = (name: string): object => ({
      isFile: true,
      name,
      file: (give: (file: File) => void) => give(new File(['{}'], name)),
    });
    const portions = [[entryOf('config.json')], [{ isFile: false, isDirectory: true, name: 'onnx' }], []];
    const blip = {
      isFile: false,
      isDirectory: true,
      name: 'blip',
      createReader: () => ({ readEntries: (give: (entries: object[]) => void) => give(portions.shift()!) }),
    };
    const drop = async (entry: object | null): Promise<void> => {
      const items = [{ webkitGetAsEntry: () => entry }];
      const dataTransfer = { types: ['Files'], files: [new File([], 'blip')], items };
      window.dispatchEvent(Object.assign(new Event('drop', { cancelable: true }), { dataTransfer }));
      await settled();
    };
    await drop(entryOf('model.safetensors'));
    expect(shown('.notice')).toContain('Drop the folder of a model as a whole.');
    await drop(blip);
    expect(client.sentModels).toEqual([{ name: 'blip', files: ['config.json'] }]);
    expect(shown('.adding .text')).toBe('1.0 MB of 4.0 MB');
    await click(button('Stop'));
    expect(shown('.adding')).toBe('');
    expect(client.models.list.map(({ name }) => name)).not.toContain('captioner-blip-image-captioning-base');
  });

  it('speaks German', async () => {
    await open({ settings: { language: 'de', page: { place: 'models' } } });
    expect(shown('h1')).toBe('Modelle');
    expect(shown('section .facts')).toContain('Englisch → Deutsch, Französisch · 15,2 MB');
  });
});

describe('a pair of languages that no model translates by itself', () => {
  it('is offered for texts and leads through English, which is said', async () => {
    const settings = { language: 'en', page: { place: 'translate' }, translateFrom: 'de', translateTo: 'fr' };
    const client = await open({ settings });
    const [, to] = document.querySelectorAll<HTMLSelectElement>('.pair select');
    expect([...to!.options].map(({ value }) => value)).toEqual(['en', 'fr']);
    expect(to!.value).toBe('fr');
    const field = document.querySelector('textarea')!;
    field.value = 'Ein Hund.';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await vi.waitFor(() => expect(shown('section.target')).toContain('Through English: no model goes all the way'));
    const asked = client.asked.findLast(({ name }) => name === 'translate.run');
    expect(asked?.input).toMatchObject({ from: 'de', to: 'fr' });
  });

  it('is not offered where one model is looked into', async () => {
    const settings = { language: 'en', page: { place: 'look-inside' }, translateFrom: 'de', translateTo: 'fr' };
    await open({ settings });
    const [, to] = document.querySelectorAll<HTMLSelectElement>('.pair select');
    expect([...to!.options].map(({ value }) => value)).toEqual(['en']);
  });
});
