import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend.ts';
import { useBrowserDoor } from './browser-door.ts';
import { chromiumPath, drop, flows, openPage } from './browser.ts';

// A server that goes away under the page, and comes back: with what it kept, and perhaps with another token.
describe.skipIf(chromiumPath === undefined)(flows('a server that comes and goes'), () => {
  useTestBackend();

  const door = useBrowserDoor('the-token-of-this-test');

  const gone = (page: Page) => page.getByText('Attend does not run any more.');
  const captioned = (page: Page) => page.locator('.grid .text:not(.quiet)');
  const library = () => door.service.handlers['photos.list']({}, { signal: AbortSignal.timeout(9_999), report: no });

  it('goes on where it was: with the photos that were added, and the run that was cut off', async () => {
    const { page } = await openPage(door.browser, door.server.address);
    page.setDefaultTimeout(20_000);
    const bytes = await readFile(door.place.photos[0]!);
    await page.getByText('Drop a photo anywhere').waitFor();
    await drop(
      page,
      Array.from({ length: 10 }, (_, i) => ({ name: `photo-${i}.png`, bytes })),
    );
    await page.locator('.grid .photo').nth(9).waitFor();
    // What is cut off must have been asked for.
    await expect.poll(async () => (await library()).photos.every(({ state }) => state !== 'none')).toBe(true);
    await door.stop();
    await gone(page).waitFor();

    // The rest of the run waits for a word of the user: the page must know.
    await door.start('the-token-of-this-test');
    await gone(page).waitFor({ state: 'detached' });
    const { batch, photos } = await library();
    expect(photos).toHaveLength(10);
    if (batch.state === 'paused') await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => captioned(page).count()).toBe(10);
    // Events are heard again: nothing of this comes by asking.
    await door.service.handlers['caption.edit'](
      { photoId: photos[3]!.id, caption: 'Written in another window.' },
      { signal: AbortSignal.timeout(9_999), report: no },
    );
    await page.getByText('Written in another window.').first().waitFor();
    await page.context().close();
  });

  it('is not known to a page any more once it has another token, until its new address is opened', async () => {
    const { page } = await openPage(door.browser, door.server.address);
    page.setDefaultTimeout(20_000);
    await page.locator('.grid, .line').first().waitFor();
    await door.stop();
    await gone(page).waitFor();
    await door.start('another-token');
    await page.getByText('Attend does not know this page any more').waitFor();

    const other = await page.context().newPage();
    await other.goto(door.server.address);
    // Both share the cookie.
    await page.getByText('Attend does not know this page any more').waitFor({ state: 'detached' });
    await page.getByText('Attend is back.').waitFor();
    await page.context().close();
  });
});

function no(): void {
  // Nothing here reports.
}
