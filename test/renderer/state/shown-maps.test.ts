import { describe, expect, it, vi } from 'vitest';
import type { FoundMaps } from '../../../src/contract/constants/map-kinds.ts';
import { open, settled } from '../support/open-app.ts';
import type { FakeClient } from '../support/fake-service/fake-client.ts';

const radio = (value: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`.of input[value=${value}]`)!;
const asked = (client: FakeClient, kind: FoundMaps = 'mattered'): unknown[] =>
  client.asked.filter(({ name }) => name === `caption.${kind}`).map(({ input }) => input);

const button = (text: string): HTMLElement =>
  [...document.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent.trim() === text)!;

async function openMaps(options: Parameters<typeof open>[0] = {}): Promise<FakeClient> {
  history.replaceState(null, '', '#/caption/p1');
  const client = await open({ photos: 1, ...options });
  await vi.waitFor(() => expect(document.querySelector('.line [data-index]')).not.toBeNull());
  button('Map').click();
  await vi.waitFor(() => expect(document.querySelector('.of')).not.toBeNull());
  await settled();
  return client;
}

describe('the switch of maps', () => {
  it('asks what mattered once, says so in the legend, and goes back to where it looked', async () => {
    const client = await openMaps();
    expect(asked(client)).toEqual([]);
    radio('mattered').click();
    await vi.waitFor(() => expect(asked(client)).toHaveLength(1));
    expect(asked(client)[0]).toMatchObject({ photoId: 'p1', words: expect.arrayContaining(['airplane']) });
    await vi.waitFor(() => expect(document.querySelector('.of [role=progressbar]')).toBeNull());
    expect(document.body.textContent).toContain('mattered much');
    radio('looked').click();
    await settled();
    expect(document.body.textContent).not.toContain('mattered much');
    radio('mattered').click();
    await settled();
    expect(asked(client)).toHaveLength(1);
  });

  it('asks where it saw it, keeps that apart, and says so in the legend', async () => {
    const client = await openMaps();
    radio('posterior').click();
    await vi.waitFor(() => expect(asked(client, 'posterior')).toHaveLength(1));
    await settled();
    expect(document.body.textContent).toContain('saw it here');
    expect(document.querySelector('.of [role=progressbar]')).toBeNull();
    radio('mattered').click();
    await vi.waitFor(() => expect(asked(client)).toHaveLength(1));
    radio('posterior').click();
    await settled();
    expect(asked(client, 'posterior')).toHaveLength(1);
  });

  it('asks the captioner that wrote the caption, also while another one captions', async () => {
    const client = await openMaps();
    const model = await client.request('app.model', {});
    client.emit('model', { ...model, name: 'another' });
    radio('posterior').click();
    await vi.waitFor(() => expect(asked(client, 'posterior')).toMatchObject([{ model: 'captioner-soft' }]));
    await settled();
    client.emit('model', model);
    await settled();
    expect(asked(client, 'posterior')).toHaveLength(1);
  });

  it('shows of a word of another caption what is known, and says what that is', async () => {
    const client = await openMaps();
    radio('posterior').click();
    await vi.waitFor(() => expect(asked(client, 'posterior')).toHaveLength(1));
    button('Alternatives').click();
    await settled();
    const legend = (): string => document.querySelector('.below .legend')!.textContent;
    const point = async (caption: number, to: boolean): Promise<void> => {
      const words = document.querySelectorAll('aside .words')[caption]!;
      if (to) words.querySelector('.word')!.dispatchEvent(new PointerEvent('pointerenter'));
      else words.dispatchEvent(new PointerEvent('pointerleave'));
      await settled();
    };
    expect(document.body.textContent).toContain('Words here show where the model looked');
    await point(1, true);
    expect(legend()).toContain('much attention');
    await point(1, false);
    expect(legend()).toContain('saw it here');
    await point(0, true);
    expect(legend()).toContain('saw it here');
    await point(0, false);
    document.querySelectorAll<HTMLElement>('aside .words')[1]!.click();
    await vi.waitFor(() => expect(asked(client, 'posterior')).toHaveLength(2));
    await settled();
    await point(1, true);
    expect(legend()).toContain('saw it here');
  });

  it('lies over translated words as over those that they come from', async () => {
    const client = await openMaps({ settings: { language: 'en', page: { captionLanguage: 'de' } } });
    /** The weights of each word as they were last sent. */
    const translated = (): number[][] | undefined =>
      client.asked
        .flatMap(({ input, name }) =>
          name === 'caption.translate' ? [input as { words: { weights: number[] }[] }] : [],
        )
        .at(-1)
        ?.words.map(({ weights }) => weights);
    await vi.waitFor(() => expect(translated()).toBeDefined());
    const before = translated();
    radio('mattered').click();
    await vi.waitFor(() => expect(translated()).not.toEqual(before));
    radio('looked').click();
    await vi.waitFor(() => expect(translated()).toEqual(before));
  });

  it('says no more what went wrong with maps that are not shown', async () => {
    const client = await openMaps();
    const request = client.request.bind(client);
    vi.spyOn(client, 'request').mockImplementation((...asking) =>
      asking[0] === 'caption.posterior' ? Promise.reject(new Error('out of memory')) : request(...asking),
    );
    radio('posterior').click();
    await vi.waitFor(() => expect(document.querySelector('.of [role=alert]')).not.toBeNull());
    radio('looked').click();
    await settled();
    expect(document.querySelector('.of [role=alert]')).toBeNull();
  });

  it('has no more than the captioner has', async () => {
    await openMaps({ model: { hasPosterior: false } });
    expect([...document.querySelectorAll<HTMLInputElement>('.of input')].map(({ value }) => value)).toEqual([
      'looked',
      'mattered',
    ]);
  });

  it('shows how far it is, and is cancelled', async () => {
    await openMaps({ pace: 30 });
    radio('mattered').click();
    await vi.waitFor(() => expect(document.querySelector('.of [role=progressbar]')).not.toBeNull());
    document.querySelector<HTMLElement>('.of .progress button')!.click();
    await settled();
    expect(document.querySelector('.of [role=progressbar]')).toBeNull();
    expect(radio('looked').checked).toBe(true);
  });
});
