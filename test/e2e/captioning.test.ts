import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/client/http-client.ts';
import { DEFAULT_SETTINGS } from '../../src/contract/constants/default-settings.ts';
import { useTestBackend } from '../support/backend.ts';
import { serious } from './axe.ts';
import { useBrowserDoor } from './browser-door.ts';
import { chromiumPath, drop, flows, openPage } from './browser.ts';

// The page in a browser, the server, the service and a captioner of random weights: everything but Electron.
describe.skipIf(chromiumPath === undefined)(flows('captioning in a browser'), () => {
  useTestBackend();

  const door = useBrowserDoor();
  /** The same service by a script's door. */
  let client: HttpClient;
  let page: Page;
  let problems: string[];

  function connect(): void {
    const { port, token } = door.server;
    const tools = { download: () => undefined, copyText: () => Promise.resolve() };
    client = new HttpClient(tools, `http://127.0.0.1:${port}`, { authorization: `Bearer ${token}` });
  }

  async function photo(index: number): Promise<Buffer> {
    return readFile(door.place.photos[index]!);
  }

  const words = (): Locator => page.locator('.line [data-index]');
  const caption = (): Locator => page.getByRole('group', { name: 'Caption' });
  /** Waits until the caption is all there. */
  async function captioned(): Promise<string> {
    await expect
      .poll(() =>
        caption()
          .getAttribute('aria-busy')
          .catch(() => 'true'),
      )
      .toBe('false');
    return plain(await caption().innerText());
  }

  beforeAll(connect);

  beforeEach(async () => {
    ({ page, problems } = await openPage(door.browser, door.server.address));
    page.setDefaultTimeout(20_000);
    return async () => {
      await page.context().close();
      const { photos } = await client.request('photos.list', {});
      await client.request('photos.remove', { photoIds: photos.map(({ id }) => id) });
      await client.request('settings.set', DEFAULT_SETTINGS);
      expect(problems).toEqual([]);
    };
  });

  it('captions a dropped photo and shows where each word looked', async () => {
    await page.getByText('Drop a photo anywhere').waitFor();
    await drop(page, [{ name: 'holiday.png', bytes: await photo(0) }]);
    const text = await captioned();
    expect(text).toMatch(/^[A-Z].*\.$/s);
    // Nothing is pointed at: the photo lies bare.
    await expect.poll(() => mapIsShown(page)).toBe(false);

    await words().first().hover();
    await expect.poll(() => mapIsShown(page)).toBe(true);
    await page.mouse.move(5, 5);
    await expect.poll(() => mapIsShown(page)).toBe(false);

    await page.keyboard.press('ArrowRight');
    await expect.poll(() => mapIsShown(page)).toBe(true);
    await expect.poll(() => page.locator('p[aria-live=polite].heard').last().innerText()).toMatch(/^.+: .+/);
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset['index']))
      .toBe(String((await words().count()) - 1));

    // A beginning that the model finishes.
    await page.keyboard.press('e');
    await page.getByRole('textbox').fill('a dog with');
    await page.getByRole('button', { name: 'Let the model finish' }).click();
    await expect.poll(captioned).toMatch(/^A dog with/);

    // Two pinned words stand side by side.
    await words().first().click();
    await words().last().click();
    await page.mouse.move(5, 5);
    await expect.poll(() => page.locator('figure').count()).toBe(2);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('figure').count()).toBe(0);
  });

  it('lights up the words that looked into a marked region', async () => {
    await drop(page, [{ name: 'holiday.png', bytes: await photo(0) }]);
    await captioned();
    const box = (await page.locator('.layer').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.1);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.6, { steps: 4 });
    await page.mouse.up();
    const region = page.getByRole('button', { name: /^Marked region/ });
    await region.waitFor();
    expect(await words().first().getAttribute('aria-label')).toMatch(/% of its attention in the region$/);

    const before = (await region.boundingBox())!;
    await region.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    const after = (await region.boundingBox())!;
    expect(after.x).toBeGreaterThan(before.x);
    expect(after.height).toBeGreaterThan(before.height);
    await page.keyboard.press('Escape');
    await expect.poll(() => region.count()).toBe(0);
  });

  it('decodes on from another word, offers alternatives and keeps the one that is chosen', async () => {
    await drop(page, [{ name: 'holiday.png', bytes: await photo(0) }]);
    await captioned();
    await words().first().click();
    await page.getByRole('button', { name: /^Why “/ }).click();
    const other = page.getByRole('dialog').locator('li button:enabled').first();
    const chosen = (await other.locator('.name').innerText()).trim();
    await other.click();
    await expect.poll(async () => (await captioned()).toLowerCase().split(/[ .]/)[0]).toBe(chosen);

    await page.getByRole('button', { name: 'Alternatives' }).click();
    const list = page.getByRole('complementary', { name: 'Other captions' });
    const wanted = plain(await list.locator('li .words').nth(1).innerText());
    await list
      .getByRole('button', { name: /^Use this one/ })
      .first()
      .click();
    await expect.poll(captioned).toBe(wanted);
    const [kept] = (await client.request('photos.list', {})).photos;
    expect(kept!.caption).toBe(wanted);
  });

  it('keeps what was written by hand over a restart', async () => {
    await drop(page, [{ name: 'holiday.png', bytes: await photo(0) }]);
    await captioned();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox').fill('A dog, by the sea.');
    await page.keyboard.press('Enter');
    await expect.poll(captioned).toBe('A dog, by the sea.');

    await door.stop();
    await door.start();
    connect();
    problems.length = 0;
    await page.goto(door.server.address);
    await expect.poll(captioned).toBe('A dog, by the sea.');
    await page.getByRole('button', { name: 'Back to the model’s caption' }).click();
    await expect.poll(captioned).not.toBe('A dog, by the sea.');
    // The server was away for a moment: that the page noticed is no fault.
    problems.length = 0;
  });

  it('captions many photos, a broken one among them, and exports what there is', async () => {
    await drop(page, [
      { name: 'one.png', bytes: await photo(0) },
      { name: 'broken.png', bytes: (await photo(1)).subarray(0, 60) },
      { name: 'notes.png', bytes: Buffer.from('this is no picture') },
      { name: 'two.png', bytes: await photo(2) },
    ]);
    await expect.poll(() => page.locator('.grid .text:not(.quiet):not(.problem)').count()).toBe(2);
    // Each says why in its own place.
    expect(await page.locator('.grid .reason').count()).toBe(2);
    expect(await page.locator('.grid .failed').first().innerText()).toMatch(/The file is .*broken\.png/s);
    expect(await serious(page)).toEqual([]);

    // Search finds by caption and name.
    await page.getByRole('searchbox').fill('two');
    await expect.poll(() => page.locator('.grid .photo').count()).toBe(1);
    await page.getByRole('searchbox').fill('');
    await expect.poll(() => page.locator('.grid .photo').count()).toBe(4);

    // The table of those that have a caption, read back.
    await page.getByLabel('Select one.png').check({ force: true });
    await page.getByLabel('Select two.png').check({ force: true });
    await page.getByRole('toolbar', { name: '2 selected' }).getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export 2 photos' });
    await dialog.getByLabel('Contact sheet all words').uncheck();
    await dialog.getByLabel('JSON lines').check();
    const lines = (await textOf(page, () => dialog.getByRole('button', { name: 'Export' }).click())).trim().split('\n');
    const read = lines.map((line) => JSON.parse(line) as { file: string; caption: string });
    expect(read.map(({ file }) => file)).toEqual(['one.png', 'two.png']);
    const { photos } = await client.request('photos.list', {});
    for (const { file, caption: exported } of read) {
      expect(exported).toBe(photos.find(({ name }) => name === file)!.caption);
    }
    await dialog.getByRole('button', { name: 'Close' }).first().click();

    // A picture of one of them.
    await page.keyboard.press('Escape');
    await page.locator('.photo').first().click();
    await captioned();
    await page.keyboard.press('Control+e');
    const single = page.getByRole('dialog', { name: 'Export 1 photo' });
    await single.getByLabel('JSON lines').uncheck();
    await single.getByLabel('Contact sheet all words').check();
    const download = await downloaded(page, () => single.getByRole('button', { name: 'Export' }).click());
    const { format, width } = await sharp(await readFile(await download.path())).metadata();
    expect(format).toBe('png');
    expect(width).toBeGreaterThan(200);
  });

  it('lets a run over many photos be cancelled, and gone on with', async () => {
    const bytes = await photo(0);
    await drop(
      page,
      Array.from({ length: 12 }, (_, i) => ({ name: `photo-${i}.png`, bytes })),
    );
    const bar = page.getByRole('region', { name: 'Captioning' });
    await page.locator('.grid').waitFor();
    // The tiny captioner may be done sooner than anyone can cancel; what matters is that nothing is left waiting.
    await bar
      .getByRole('button', { name: 'Cancel' })
      .click({ timeout: 5_000 })
      .catch(() => undefined);
    await expect.poll(async () => (await client.request('photos.list', {})).batch.state).toBe('idle');
    await expect
      .poll(
        async () => (await client.request('photos.list', {})).photos.filter(({ state }) => state === 'waiting').length,
      )
      .toBe(0);
    await page.locator('.photo').first().focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Caption all' }).click();
    await expect
      .poll(async () => (await client.request('photos.list', {})).photos.every(({ caption: text }) => text !== null))
      .toBe(true);
  });
});

/** A sentence as one line: each word is a box of its own. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/ \.$/, '.').trim();
}

/** Whether anything is painted over the photo. */
function mapIsShown(page: Page): Promise<boolean> {
  return page.locator('.stage canvas').evaluate((canvas: HTMLCanvasElement) => {
    const pixels = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.some((value, index) => index % 4 === 3 && value > 0);
  });
}

async function downloaded(page: Page, act: () => Promise<void>): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return download;
}

async function textOf(page: Page, act: () => Promise<void>): Promise<string> {
  return readFile(await (await downloaded(page, act)).path(), 'utf8');
}
