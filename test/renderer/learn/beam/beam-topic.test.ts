import { describe, expect, it, vi } from 'vitest';
import { open, settled } from '../../support/open-app.ts';
import type { FakeClient, FakeOptions } from '../../support/fake-service/fake-client.ts';

const shown = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());

async function learn(address: string, options: FakeOptions = {}): Promise<FakeClient> {
  history.replaceState(null, '', `#/learn/${address}`);
  const client = await open({ photos: 2, ...options });
  await vi.waitFor(() => expect(document.querySelector('.tree svg')).not.toBeNull(), 20_000);
  await settled();
  return client;
}

async function press(key: string): Promise<void> {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settled();
}

const asked = (client: FakeClient, name: string): Record<string, unknown> =>
  client.asked.filter((one) => one.name === name).at(-1)?.input as Record<string, unknown>;

describe('a beam search', () => {
  it('grows by the arrow keys until the caption is there', async () => {
    await learn('beam');
    expect(shown('.node .word')).toEqual(['a', 'other']);
    expect(shown('[role=status]')[0]).toMatch(/^1 of \d+\. 2 looked at: 1 kept, 0 ended, 1 pruned\.$/);
    await press('ArrowRight');
    expect(document.querySelectorAll('.node')).toHaveLength(4);
    expect(document.querySelectorAll('.result')).toHaveLength(0);
    for (let i = 0; i < 30; i++) await press('ArrowRight');
    const caption = shown('.result')[0]!;
    expect(caption).toMatch(/^a large airplane/);
    // The best of what has ended stands first, and its way is drawn.
    const best = shown('li.best span')[0]!;
    expect(best).toBe(`${caption} ■`);
    expect(document.querySelectorAll('.node.line')).toHaveLength(best.split(' ').length);
    expect(shown('.hand-side section')[1]!.indexOf(best)).toBeGreaterThan(0);
    await press('ArrowLeft');
    expect(document.querySelectorAll('.result')).toHaveLength(0);
  });

  it('has an address for the photo, the beam and the step', async () => {
    const client = await learn('beam?of=caption&photo=p2&width=2&steps=3');
    expect(asked(client, 'learn.captionTree')).toEqual({ photoId: 'p2', beam: 2 });
    expect(shown('[role=status]')[0]).toMatch(/^3 of/);
    await press('ArrowRight');
    expect(location.hash).toBe('#/learn/beam?of=caption&photo=p2&width=2&steps=4');
  });

  it('of a sentence is that of the model that is chosen', async () => {
    const client = await learn('beam?of=sentence&text=A+dog+runs.&from=en&to=de&model=none');
    expect(asked(client, 'learn.sentenceTree')).toEqual({ text: 'A dog runs.', from: 'en', to: 'de', model: 'none' });
    const width = document.querySelector<HTMLSelectElement>('.ask label select')!;
    width.value = '4';
    width.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(asked(client, 'learn.sentenceTree')['beam']).toBe(4));
  });

  it('says what the service says against it', async () => {
    const client = await learn('beam');
    client.handlers['learn.captionTree'] = () => {
      throw new Error('No photo can be read today.');
    };
    const width = document.querySelector<HTMLSelectElement>('.ask label select')!;
    width.value = '5';
    width.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(shown('.problem')).toEqual(['No photo can be read today.']));
  });
});
