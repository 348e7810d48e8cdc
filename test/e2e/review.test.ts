import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../src/contract/data/photos.ts';
import { useTestBackend } from '../support/backend.ts';
import { useBrowserDoor } from './browser-door.ts';
import { chromiumPath, flows, openPage } from './browser.ts';

const SAMPLES = ['dog-on-grass', 'pizza-on-table', 'surfer-on-wave', 'teddy-bear-on-bed', 'airplane-in-sky'];
const PHOTOS = 30;

// The page in a browser, the server, the service and a captioner of random weights: what is reviewed is nonsense.
describe.skipIf(chromiumPath === undefined)(flows('a review in a browser'), () => {
  useTestBackend();
  const door = useBrowserDoor();
  let page: Page;
  let problems: string[];

  const photos = (): Photo[] => (door.service.handlers['photos.list']({}, control) as { photos: Photo[] }).photos;
  const control = { signal: new AbortController().signal, report: () => undefined };
  const name = (): Promise<string> => page.locator('.screen .bar h1').innerText();
  const progress = (): Promise<string> => page.locator('.screen .progress').innerText();
  const stateOf = (wanted: string): string | undefined => photos().find((one) => one.name === wanted)?.review;

  /** Presses a key for the photo on the screen, once its caption is there, and waits for the next one. */
  async function decide(key: string): Promise<string> {
    const before = await name();
    await shown();
    await page.keyboard.press(key);
    await expect.poll(name).not.toBe(before);
    return before;
  }
  const shown = async (): Promise<void> => {
    const wanted = await name();
    const caption = photos().find((one) => one.name === wanted)?.caption ?? '';
    await expect
      .poll(async () => (await page.locator('.line').innerText()).replace(/\s+/g, ' ').replace(' .', '.').trim())
      .toBe(caption);
  };

  beforeAll(async () => {
    const samples = join(import.meta.dirname, '..', '..', 'assets', 'samples');
    const { handlers } = door.service;
    for (let i = 0; i < PHOTOS; i++) {
      const file = join(samples, `${SAMPLES[i % SAMPLES.length]}.jpg`);
      // Copies that differ: each is a photo of its own.
      const bytes = await sharp(await readFile(file))
        .resize(96)
        .modulate({ hue: 12 * i })
        .png()
        .toBuffer();
      const photo = await handlers['photos.upload']({ name: `photo-${i + 1}.png`, bytes }, control);
      await handlers['caption.run'](
        { photoId: photo.id, prefix: ['the', 'dog'], alternatives: 5, priority: 'foreground' },
        control,
      );
    }
    ({ page, problems } = await openPage(door.browser, door.server.address));
    page.setDefaultTimeout(20_000);
  }, 120_000);

  it('takes thirty photos by keyboard alone, the least sure first, and three things back', async () => {
    const order = [...photos()].sort((a, b) => a.confidence! - b.confidence!).map((one) => one.name);
    await page.locator('.line').waitFor();
    await page.keyboard.press('r');
    await expect.poll(progress).toBe(`0 of ${PHOTOS} reviewed`);
    expect(await name()).toBe(order[0]);

    // One of each: accepted, rejected, an alternative, words of one's own.
    const accepted = await decide('Enter');
    const rejected = await decide('x');
    const before = photos().find((one) => one.name === order[2])?.caption;
    const other = await decide('2');
    expect(photos().find((one) => one.name === other)?.caption).not.toBe(before);
    const written = await name();
    await shown();
    await page.keyboard.press('e');
    await page.getByRole('textbox').fill('Words of our own.');
    await page.keyboard.press('Enter');
    await expect.poll(name).not.toBe(written);
    expect([accepted, rejected, other, written].map(stateOf)).toEqual(['accepted', 'rejected', 'accepted', 'edited']);
    await expect.poll(progress).toBe(`4 of ${PHOTOS} reviewed`);

    // To and fro, and the rest.
    await page.keyboard.press('ArrowLeft');
    await expect.poll(name).toBe(written);
    await page.keyboard.press('ArrowRight');
    for (let i = 4; i < PHOTOS - 1; i++) expect(await decide(i % 3 === 0 ? 'x' : 'Enter')).toBe(order[i]);
    await shown();
    await page.keyboard.press('Enter');
    await expect.poll(progress).toBe(`${PHOTOS} of ${PHOTOS} reviewed`);
    await page.getByText(`All ${PHOTOS} captions reviewed.`).first().waitFor();

    // Three things back, the last first; one of them again.
    for (let undone = 1; undone <= 3; undone++) {
      await page.keyboard.press('Control+z');
      await expect.poll(name).toBe(order[PHOTOS - undone]);
      await expect.poll(progress).toBe(`${PHOTOS - undone} of ${PHOTOS} reviewed`);
      expect(stateOf(order[PHOTOS - undone]!)).toBe('new');
    }
    await page.keyboard.press('Control+y');
    await expect.poll(progress).toBe(`${PHOTOS - 2} of ${PHOTOS} reviewed`);

    await page.keyboard.press('Escape');
    await page.locator('.rail [aria-current]', { hasText: 'Caption' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('has it all after a restart', async () => {
    const before = photos().map(({ caption, name: own, review }) => ({ caption, own, review }));
    await door.stop();
    await door.start();
    expect(photos().map(({ caption, name: own, review }) => ({ caption, own, review }))).toEqual(before);
    expect(before.filter(({ review }) => review === 'new')).toHaveLength(2);
  });
});
