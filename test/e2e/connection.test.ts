import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { buildPage, chromiumPath, drop, flows, launch, openPage } from './browser.ts';

// A server that goes away under the page, and comes back: with what it kept, and perhaps with another token.
describe.skipIf(chromiumPath === undefined)(flows('a server that comes and goes'), () => {
  useTestBackend();

  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildPage>>;
  let place: TinyPlace;
  let service: AttendService;
  let server: AttendServer;
  let port = 0;

  async function start(token = 'the-token-of-this-test'): Promise<void> {
    service = await place.open();
    server = await startServer({ service, port, pages: built.folder, uploadLimit: 1_000_000, token });
    ({ port } = server);
  }

  async function stop(): Promise<void> {
    await server.close();
    await service.close();
  }

  beforeAll(async () => {
    [browser, built, place] = await Promise.all([launch(), buildPage(), tinyPlace()]);
    await start();
  });
  afterAll(async () => {
    await browser.close();
    await stop();
    await place.remove();
    await built.remove();
  });

  const gone = (page: Page) => page.getByText('Attend does not run any more.');
  const captioned = (page: Page) => page.locator('.grid .text:not(.quiet)');

  it('goes on where it was: with the photos that were added, and the run that was cut off', async () => {
    const { page } = await openPage(browser, server.address);
    page.setDefaultTimeout(20_000);
    const bytes = await readFile(place.photos[0]!);
    await page.getByText('Drop a photo anywhere').waitFor();
    await drop(
      page,
      Array.from({ length: 10 }, (_, i) => ({ name: `photo-${i}.png`, bytes })),
    );
    await page.locator('.grid .photo').nth(9).waitFor();
    await stop();
    await gone(page).waitFor();

    // The rest of the run waits for a word of the user: the page must know.
    await start();
    await gone(page).waitFor({ state: 'detached' });
    const { batch, photos } = await service.handlers['photos.list'](
      {},
      { signal: AbortSignal.timeout(9_999), report: no },
    );
    expect(photos).toHaveLength(10);
    if (batch.state === 'paused') await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => captioned(page).count()).toBe(10);
    // Events are heard again: nothing of this comes by asking.
    await service.handlers['caption.edit'](
      { photoId: photos[3]!.id, caption: 'Written in another window.' },
      { signal: AbortSignal.timeout(9_999), report: no },
    );
    await page.getByText('Written in another window.').first().waitFor();
    await page.context().close();
  });

  it('is not known to a page any more once it has another token, until its new address is opened', async () => {
    const { page } = await openPage(browser, server.address);
    page.setDefaultTimeout(20_000);
    await page.locator('.grid, .line').first().waitFor();
    await stop();
    await gone(page).waitFor();
    await start('another-token');
    await page.getByText('Open the address that it printed').waitFor();

    const other = await page.context().newPage();
    await other.goto(server.address);
    // Both share the cookie.
    await page.getByText('Open the address that it printed').waitFor({ state: 'detached' });
    await page.getByText('Attend is back.').waitFor();
    await page.context().close();
  });
});

function no(): void {
  // Nothing here reports.
}
