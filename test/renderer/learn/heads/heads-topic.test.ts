import { describe, expect, it, vi } from 'vitest';
import { open, settled } from '../../support/open-app.ts';
import type { FakeClient, FakeOptions } from '../../support/fake-service/fake-client.ts';

const shown = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());
const heads = (): SVGGElement[] => [...document.querySelectorAll<SVGGElement>('.head[role=button]')];

async function learn(query = '', options: FakeOptions = {}): Promise<FakeClient> {
  history.replaceState(null, '', `#/learn/heads${query}`);
  const client = await open(options);
  await vi.waitFor(() => expect(document.querySelector('.grid svg')).not.toBeNull(), 20_000);
  await settled();
  return client;
}

describe('all heads of a Transformer', () => {
  it('are a grid of layers and heads, of each kind of attention', async () => {
    const client = await learn();
    expect(client.asked.find(({ name }) => name === 'translate.lookInside')!.input).toMatchObject({
      model: 'translator',
    });
    expect(heads()).toHaveLength(12);
    expect(shown('.grid .axis').slice(0, 4)).toEqual(['Head 1', 'Head 2', 'Head 3', 'Head 4']);
    const label = heads()[0]!.getAttribute('aria-label')!;
    expect(label).toMatch(/^Layer 1, Head 1\. Entropy \d\.\d\d bits\. Looks most like \d·\d, \d\.\d\d bits apart/);
    const decoder = [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].find(
      ({ value }) => value === 'decoder',
    )!;
    decoder.click();
    await settled();
    expect(shown('.panel h2')).toEqual(['All heads: target at target']);
    expect(heads()[0]!.getAttribute('aria-label')).not.toBe(label);
  });

  it('say which of them look as one before does', async () => {
    await learn();
    const redundant = heads().filter((head) => head.classList.contains('redundant'));
    expect(redundant.length).toBeGreaterThan(0);
    expect(redundant[0]!.getAttribute('aria-label')).toMatch(/Redundant$/);
    expect(heads()[0]!.classList.contains('redundant')).toBe(false);
    expect(shown('.panel strong')).toEqual([`${redundant.length} of 12 heads are redundant here.`]);
  });

  it('are enlarged where one points at them, and stay so when chosen, with an address', async () => {
    await learn();
    expect(shown('.hand-side h2')).toEqual(['Layer 1, Head 1']);
    heads()[6]!.dispatchEvent(new FocusEvent('focus'));
    await settled();
    expect(shown('.hand-side h2')).toEqual(['Layer 2, Head 3']);
    heads()[6]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    heads()[6]!.dispatchEvent(new FocusEvent('blur'));
    await settled();
    expect(shown('.hand-side h2')).toEqual(['Layer 2, Head 3']);
    expect(location.hash).toContain('kind=encoder&layer=1&head=2');
  });

  it('begin with the head of an address, and tell of its words how far they look from each other', async () => {
    await learn('?text=A+dog+runs.&from=en&to=de&model=translator&kind=cross&layer=2&head=1');
    expect(shown('.hand-side h2')).toEqual(['Layer 3, Head 2']);
    const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows).toHaveLength(5);
    expect(rows[0]!.slice(2)).toEqual(['', '']);
    for (const [, entropy, js, kl] of rows.slice(1)) {
      expect(Number(entropy)).toBeGreaterThan(0);
      expect(Number(js)).toBeGreaterThan(0);
      expect(Number(kl)).toBeGreaterThanOrEqual(Number(js));
    }
  });
});
