import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/pictures/explanation.ts';
import { renderPage } from '../../src/pictures/page.ts';

const photo = new Uint8Array(
  await sharp({ create: { width: 40, height: 30, channels: 3, background: '#468' } })
    .png()
    .toBuffer(),
);
const explanation: Explanation = {
  photo,
  caption: 'A horse.',
  grid: [1, 2],
  words: [
    { word: 'a', probability: 0.9, weights: [0.5, 0.5] },
    { word: 'horse', probability: 0.2, weights: [0.5, 0.5], confidence: 0.3 },
  ],
};

describe('a page of a caption', () => {
  it('underlines the words that the model is not sure of', async () => {
    const page = await renderPage(explanation);
    expect(page.match(/class="unsure"/g)).toHaveLength(1);
    expect(page).toMatch(/class="unsure" title="20%, not sure">\s*<span>horse</);
    expect(page).not.toContain('class="doubt"');
  });

  it('says so where the model is not sure of the caption', async () => {
    expect(await renderPage({ ...explanation, notSure: true })).toContain('<p class="doubt" lang="en">Not sure: ');
  });
});
