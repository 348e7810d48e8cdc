import { expect, it, vi } from 'vitest';
import { open, settled } from '../support/open-app.ts';

const shown = (selector: string): string[] =>
  [...document.querySelectorAll(selector)].map((one) => one.textContent.replace(/\s+/g, ' ').trim());

it('looks into a photo: how spread its maps are, and how far the looks are apart', async () => {
  history.replaceState(null, '', '#/look-inside');
  const client = await open({ photos: 2 });
  await vi.waitFor(() => expect(document.querySelector('input[value=photo]')).not.toBeNull(), 20_000);
  document.querySelector<HTMLInputElement>('input[value=photo]')!.click();
  await vi.waitFor(() => expect(document.querySelector('.sheet svg')).not.toBeNull(), 20_000);
  const words = shown('.sheet .word text');
  expect(shown('thead th')).toEqual(['Word', 'H where it looked', 'JS from the word before']);
  expect(shown('tbody th')).toEqual(words);
  // Nothing is blanked unless it is asked for.
  expect(client.asked.map(({ name }) => name)).not.toContain('caption.mattered');
  document.querySelector<HTMLElement>('.tools .outlined')!.click();
  await vi.waitFor(() => expect(shown('thead th')).toHaveLength(11));
  await settled();
  expect(document.querySelectorAll('.sheet .word')).toHaveLength(4 * words.length);
  const [, looked, posterior, mattered, hard, jsPosterior, klPosterior, js, kl, apart] =
    shown('tbody tr:first-child > *').map(Number);
  // In the fake service what mattered and hard attention are at one cell.
  expect([mattered, hard]).toEqual([0, 0]);
  expect(looked).toBeGreaterThan(1);
  // There where it saw the word is sharper.
  expect(posterior).toBeLessThan(looked!);
  expect(jsPosterior).toBeGreaterThan(0);
  expect(klPosterior).toBeGreaterThan(0);
  expect(js).toBeGreaterThan(0.1);
  expect(js).toBe(apart);
  expect(kl).toBeGreaterThan(0);
});
