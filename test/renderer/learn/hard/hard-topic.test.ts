import { expect, it, vi } from 'vitest';
import { open, settled } from '../../support/open-app.ts';
import type { FakeClient } from '../../support/fake-service/fake-client.ts';

const shown = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());

async function learn(address: string): Promise<FakeClient> {
  history.replaceState(null, '', `#/learn/${address}`);
  const client = await open({ photos: 2 });
  await vi.waitFor(() => expect(document.querySelector('.sheet svg')).not.toBeNull(), 20_000);
  await settled();
  return client;
}

it('shows soft and hard attention beside each other, word by word', async () => {
  const client = await learn('hard?photo=p2&word=1');
  expect(client.asked.filter(({ name }) => name === 'learn.softAndHard').at(-1)?.input).toEqual({ photoId: 'p2' });
  const words = shown('.words button');
  expect(document.querySelectorAll('.sheet g.word')).toHaveLength(2 * words.length);
  expect(shown('.words [aria-pressed=true]')).toEqual([words[1]]);
  // Hard attention is at one cell, so it has no entropy; soft attention has.
  const [soft, hard] = shown('.sheet svg > g > text:last-child');
  expect(soft).toMatch(/entropy [1-9]/);
  expect(hard).toMatch(/entropy 0(\.00)? bits/);
  // Below photos as narrow as here it takes two lines, or one would run into the next photo's.
  expect(shown('.sheet svg > g:first-of-type > text:last-child > tspan')).toEqual([
    expect.stringMatching(/%,$/),
    expect.stringMatching(/^entropy/),
  ]);
  expect(shown('.hand-side > .quiet')[0]).toMatch(/^For this word the two are 0\.\d+ bits apart/);
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }));
  await settled();
  expect(shown('.words [aria-pressed=true]')).toEqual([words[2]]);
  expect(location.hash).toBe('#/learn/hard?photo=p2&writes=same&word=2');
});

it('shows what hard attention writes by itself', async () => {
  await learn('hard?writes=own');
  const words = shown('.words button');
  expect(document.querySelectorAll('.sheet g.word')).toHaveLength(2 * words.length - 1);
  expect(shown('.hand-side > .quiet')).toEqual([]);
});
