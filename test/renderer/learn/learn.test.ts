import { describe, expect, it, vi } from 'vitest';
import { open, settled } from '../support/open-app.ts';
import type { FakeClient, FakeOptions } from '../support/fake-service/fake-client.ts';

const shown = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());

async function learn(topic: string, options: FakeOptions = {}): Promise<FakeClient> {
  history.replaceState(null, '', `#/learn/${topic}`);
  const client = await open({ photos: 1, ...options });
  // The place is loaded when somebody goes there.
  await vi.waitFor(() => expect(document.querySelector('.stages')).not.toBeNull(), 20_000);
  return client;
}

async function press(key: string, target: Element = document.body): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settled();
}

async function slide(input: HTMLInputElement, value: number): Promise<void> {
  input.value = String(value);
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
}

/** What the last question of a name asked. */
const asked = (client: FakeClient, name: string): Record<string, unknown> =>
  client.asked.filter((one) => one.name === name).at(-1)?.input as Record<string, unknown>;

describe('a word of a caption', () => {
  it('is stepped through by the arrow keys, and behind it comes the next word', async () => {
    const client = await learn('caption');
    expect(shown('.words [aria-pressed=true]')).toEqual(['airplane']);
    expect(asked(client, 'learn.caption')['prefix']).toEqual(['a', 'large']);
    expect(shown('.stage')).toEqual(['1Who asks', '2Scores', '3Softmax', '4Context', '5Gate', '6State', '7Word']);
    const seen: string[] = [];
    for (let i = 0; i < 7; i++) {
      seen.push(shown('.panel h2')[0]!);
      await press('ArrowRight');
    }
    expect(seen).toEqual(['Who asks', 'Scores', 'Softmax', 'Context', 'Gate', 'State', 'Word']);
    expect(shown('.words [aria-pressed=true]')).toEqual(['is']);
    expect(shown('.panel h2')).toEqual(['Who asks']);
    await press('ArrowLeft');
    expect(shown('.words [aria-pressed=true]')).toEqual(['airplane']);
    expect(shown('.panel h2')).toEqual(['Word']);
  });

  it('is not waited for where the photo cannot be captioned', async () => {
    const client = await learn('caption');
    await client.addFiles([new File(['x'], 'broken.jpg')]);
    client.emit('photos', { changed: (await client.request('photos.list', {})).photos, removed: [] });
    await settled();
    document.querySelector<HTMLButtonElement>('[aria-label="Next photo"]')!.click();
    await settled();
    expect(shown('.ask .problem')[0]).toContain('“broken.jpg” is damaged');
    expect(shown('.ask .quiet')).toEqual([]);
  });

  it('has the equations of the paper', async () => {
    await learn('caption');
    await press('ArrowRight');
    expect(shown('.equation')).toEqual(['eti = vT tanh(ki + q)'.replace('vT', 'vᵀ')]);
    await press('ArrowRight');
    expect(shown('.equation')).toEqual(['αti = exp(eti) / Σj exp(etj)']);
  });

  it('lights a symbol’s numbers wherever they stand', async () => {
    await learn('caption');
    await press('ArrowRight');
    const symbol = [...document.querySelectorAll('.symbol')].find((one) => one.textContent === 'q')!;
    symbol.dispatchEvent(new FocusEvent('focus'));
    await settled();
    expect(shown('.row.lit .name')).toEqual(['qquery · 4 numbers']);
    symbol.dispatchEvent(new FocusEvent('blur'));
    await settled();
    expect(document.querySelector('.row.lit')).toBeNull();
  });

  it('comes out otherwise where a cell is hidden, and page and engine agree about it', async () => {
    const client = await learn('caption');
    const before = shown('.word');
    expect(shown('.hands .quiet').at(-1)).toMatch(/^Page and engine agree to \d(e-\d+|\+?)/);
    const photo = document.querySelector('.photo[role=application]')!;
    for (const key of ['ArrowRight', 'ArrowRight', ' ']) await press(key, photo);
    await vi.waitFor(() => expect(asked(client, 'learn.caption')['change']).toBeDefined());
    const { scores } = asked(client, 'learn.caption')['change'] as { scores: (number | null)[] };
    expect(scores.map((score) => score === null)).toEqual([false, true, false, false, false, false]);
    await settled();
    expect(shown('.hands .quiet').at(-1)).toMatch(/agree/);
    expect(document.querySelectorAll('.cell.hidden')).toHaveLength(1);
    expect(shown('.word').toSorted()).toEqual(before.toSorted());
    expect(document.querySelectorAll('.scale-bar.before')).toHaveLength(5);
  });

  it('is sharper at a low temperature, and is put back', async () => {
    const client = await learn('caption');
    const spread = (): number =>
      Number(/[\d.]+/.exec(shown('.hands .quiet').find((text) => text.includes('bits'))!)![0]);
    const before = spread();
    await slide(document.querySelector<HTMLInputElement>('.hands label input')!, -0.7);
    // The page computes it at once, before the engine has said anything.
    expect(spread()).toBeLessThan(before);
    await vi.waitFor(() => expect(asked(client, 'learn.caption')['change']).toMatchObject({ temperature: 0.2 }));
    document.querySelector<HTMLElement>('.hands header button')!.click();
    await settled();
    expect(spread()).toBe(before);
  });

  it('needs a photo, and takes the samples', async () => {
    history.replaceState(null, '', '#/learn/caption');
    await open();
    await vi.waitFor(() => expect(document.querySelector('.none .button')).not.toBeNull(), 20_000);
    document.querySelector<HTMLElement>('.none .button')!.click();
    await settled();
    await vi.waitFor(() => expect(shown('.words [aria-pressed=true]')).toHaveLength(1));
  });
});

describe('a token of a translation', () => {
  it('steps, then looks, as Luong’s decoder does', async () => {
    const client = await learn('sentence');
    expect(asked(client, 'learn.sentence')).toMatchObject({ model: 'additive', step: 0 });
    expect(shown('.stage')).toEqual(['1State', '2Who asks', '3Scores', '4Softmax', '5Context', '6Read-out', '7Word']);
    expect(shown('.scores .label').at(-1)).toBe('</s>');
  });

  it('is asked for along the translation that is known', async () => {
    const client = await learn('sentence');
    document.querySelectorAll<HTMLElement>('.words button')[2]!.click();
    await settled();
    expect(asked(client, 'learn.sentence')).toMatchObject({ step: 2, written: [0, 1, 2, 3, 4, 5, 6] });
  });

  it('stays the one that it is where another model is chosen', async () => {
    const client = await learn('sentence');
    document.querySelectorAll<HTMLElement>('.words button')[2]!.click();
    await settled();
    const select = document.querySelector<HTMLSelectElement>('select[aria-label=Model]')!;
    select.value = 'translator';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(asked(client, 'learn.sentence')).toMatchObject({ model: 'translator', step: 2 }));
  });

  it('of a Transformer is that of a head, with places and with add and norm', async () => {
    const client = await learn('sentence');
    const select = document.querySelector<HTMLSelectElement>('select[aria-label=Model]')!;
    select.value = 'translator';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(shown('.stage')[0]).toBe('1Words and places'));
    expect(shown('.stage')).toEqual([
      '1Words and places',
      '2Who asks',
      '3Scores',
      '4Mask',
      '5Softmax',
      '6Context',
      '7Add and norm',
      '8Word',
    ]);
    document.querySelectorAll<HTMLElement>('.stage')[3]!.click();
    await settled();
    expect(shown('.text')[0]).toContain('may not look ahead');
    expect(shown('.row .name').map((name) => name.replace(/^\S+ ?/, ''))[0]).toContain('with the mask');
    const [, head] = document.querySelectorAll<HTMLSelectElement>('.head select');
    head!.value = '3';
    head!.dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    expect(asked(client, 'learn.sentence')['head']).toEqual({ kind: 'cross', layer: 0, head: 3 });
  });

  it('of a model without attention says so', async () => {
    await learn('sentence');
    const select = document.querySelector<HTMLSelectElement>('select[aria-label=Model]')!;
    select.value = 'none';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(shown('.hand-side > .quiet')[0]).toContain('has no attention'));
    expect(shown('.stage')).toEqual(['1State', '2Read-out', '3Word']);
  });

  it('keeps one location in sight', async () => {
    await learn('sentence');
    const boxes = [...document.querySelectorAll<HTMLInputElement>('.scores input[type=checkbox]')];
    for (const box of boxes) {
      box.click();
      await settled();
    }
    expect(boxes.filter(({ checked }) => checked)).toHaveLength(1);
  });

  it('says what the service says against it', async () => {
    const client = await learn('sentence');
    client.handlers['learn.sentence'] = () => {
      throw new Error('The sentence has 80 tokens; at most 64 can be taken apart. Shorten it.');
    };
    document.querySelectorAll<HTMLElement>('.words button')[1]!.click();
    await settled();
    expect(shown('.problem')).toEqual(['The sentence has 80 tokens; at most 64 can be taken apart. Shorten it.']);
  });
});

describe('Learn', () => {
  it('has an address for each panel, which leads back to it', async () => {
    const client = await learn('caption?photo=p2&word=4&step=3', { photos: 2 });
    await vi.waitFor(() => expect(asked(client, 'learn.caption')).toMatchObject({ photoId: 'p2' }));
    expect((asked(client, 'learn.caption')['prefix'] as string[]).length).toBe(4);
    expect(shown('.panel h2')).toEqual(['Context']);
    await press('ArrowRight');
    expect(location.hash).toBe('#/learn/caption?photo=p2&word=4&step=4');
    // Going to another address begins anew there.
    history.replaceState(null, '', '#/learn/caption?photo=p1&word=1&step=1');
    dispatchEvent(new PopStateEvent('popstate', { state: null }));
    await settled();
    await vi.waitFor(() => expect(asked(client, 'learn.caption')).toMatchObject({ photoId: 'p1' }));
    expect(shown('.panel h2')).toEqual(['Scores']);
  });

  it('leads to a token of a sentence and a head', async () => {
    const client = await learn(
      'sentence?text=A+man+in+the+snow.&from=en&to=de&model=translator&token=2&kind=encoder&layer=1&head=3&query=2',
    );
    await vi.waitFor(() => expect(asked(client, 'learn.sentence')).toMatchObject({ step: 2 }));
    expect(asked(client, 'learn.sentence')).toMatchObject({
      text: 'A man in the snow.',
      model: 'translator',
      head: { kind: 'encoder', layer: 1, head: 3, query: 2 },
    });
  });

  it('speaks German', async () => {
    await learn('sentence', { settings: { language: 'de' } });
    expect(shown('.stage')[0]).toBe('1Zustand');
  });

  it('saves a panel as a drawing that stands alone', async () => {
    await learn('sentence');
    await press('ArrowRight');
    await press('ArrowRight');
    const saved: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => (saved.push(blob as Blob), 'blob:x'));
    document.querySelector<HTMLElement>('.panel header button')!.click();
    await settled();
    [...document.querySelectorAll<HTMLElement>('.panel .menu button')]
      .find((one) => one.textContent === 'Save as SVG')!
      .click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    const svg = await saved[0]!.text();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+" height="\d+"/);
    expect(svg).toContain('>Scores</text>');
    expect(svg).toContain('tanh(');
    expect(new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('rect').length).toBeGreaterThan(5);
    expect(svg).not.toContain('var(');
  });
});
