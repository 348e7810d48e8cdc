import { describe, expect, it, vi } from 'vitest';
import { FIGURE_SVG, FIGURES } from '../../../src/renderer/learn/measured/figures.ts';
import { open, settled } from '../support/open-app.ts';

describe('what was measured', () => {
  it('is a figure at an address, each with what it says', async () => {
    history.replaceState(null, '', '#/learn/measured?figure=copying');
    await open({ photos: 1 });
    await vi.waitFor(() => expect(document.querySelector('.measured img')).not.toBeNull(), 20_000);
    expect(document.querySelector('.measured h2')!.textContent).toBe('How deep it must be');
    const drawn = (): string => decodeURIComponent(document.querySelector<HTMLImageElement>('.measured img')!.src);
    expect(drawn()).toContain(FIGURE_SVG.copying);
    [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')]
      .find(({ value }) => value === 'gates')!
      .click();
    await settled();
    expect(drawn()).toContain('<title>Gradients over time</title>');
    expect(location.hash).toBe('#/learn/measured?figure=gates');
  });

  it('stands alone: no figure loads anything or runs anything', () => {
    for (const figure of FIGURES) {
      expect(FIGURE_SVG[figure]).toMatch(/^<svg [^>]*viewBox="0 0 960 480" width="960" height="480"/);
      expect(FIGURE_SVG[figure]).not.toMatch(/<script|href=|url\(http/);
    }
  });
});
