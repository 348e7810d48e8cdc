import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeOptions } from '../renderer/support/fake-service/fake-client.ts';
import { servePage } from '../renderer/support/page-server.ts';
import { chromiumPath, flows, launch, openPage } from './browser.ts';

// What needs a browser that draws: sizes, the pointer, the way back.
describe.skipIf(chromiumPath === undefined)(flows('the page as it is looked at'), () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof servePage>>;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), servePage()]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function open(options: FakeOptions, context: Parameters<typeof openPage>[2] = {}): Promise<Page> {
    const address = `${site.address}?${encodeURIComponent(JSON.stringify(options))}`;
    const { page } = await openPage(browser, address, context);
    page.setDefaultTimeout(15_000);
    await page.locator('[data-index="4"]').waitFor();
    return page;
  }

  /** Where an element lies, and whether all of it can be seen. */
  async function box(page: Page, selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
    const found = await page.locator(selector).first().boundingBox();
    if (!found) throw new Error(`${selector} is not drawn`);
    return found;
  }

  it('shows in forced colours which word, step and cell of Learn is looked at', async () => {
    const page = await open({ photos: 3 }, { forcedColors: 'active', colorScheme: 'dark' });
    await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Learn' }).click();
    const word = page.locator('.words button');
    await word.nth(1).waitFor();
    const drawn = (selector: string, property: string): Promise<string[]> =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('${selector}')].map((one) => getComputedStyle(one)['${property}'])`,
      );
    expect(new Set(await drawn('.words .here', 'outlineStyle'))).toEqual(new Set(['solid']));
    expect(await drawn('.words :not(.here)', 'outlineStyle')).not.toContain('solid');
    const here = await drawn('.stages .here', 'borderBottomColor');
    expect(await drawn('.stages .stage:not(.here)', 'borderBottomColor')).not.toContain(here[0]);
    expect(new Set(await drawn('.cells .cell', 'forcedColorAdjust'))).toEqual(new Set(['none']));
    await page.context().close();
  });

  it.each([
    ['800 x 500', { width: 800, height: 500 }],
    ['200 % of 1280 x 800', { width: 640, height: 400 }],
  ])('has the card of a word, with its way out, in a window of %s', async (_, viewport) => {
    const page = await open({ photos: 3, settings: { motion: 'reduced' } }, { viewport });
    await page.locator('[data-index="4"]').click();
    await page.keyboard.press('w');
    await page.locator('.card li button').nth(4).waitFor();
    const card = await box(page, '.card');
    expect(card.y).toBeGreaterThanOrEqual(0);
    expect(card.y + card.height).toBeLessThanOrEqual(viewport.height);
    await page.locator('.card header button').click();
    await page.locator('.card').waitFor({ state: 'detached' });
    // What is written is not covered by what stands beside it.
    await page.keyboard.press('a');
    await page.keyboard.press('e');
    const editor = await box(page, '.editor textarea');
    const seen = await page.evaluate(
      ([x, y]) => document.elementFromPoint(x!, y!)?.tagName,
      [editor.x + editor.width - 12, editor.y + editor.height / 2],
    );
    expect(seen).toBe('TEXTAREA');
    await page.context().close();
  });

  it('has room for the choice of captioner and language, and for each button of its bar, on a telephone', async () => {
    const settings = { page: { captionLanguage: 'de' } };
    const viewport = { width: 400, height: 800 };
    const page = await open({ photos: 3, captioners: true, translators: true, settings }, { viewport });
    await page.locator('select.model').waitFor();
    const language = await box(page, 'select.language');
    expect(language.x + language.width).toBeLessThanOrEqual(viewport.width);
    // Each can be hit in its middle: nothing lies over it.
    const covered = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.bar button:enabled')].filter((one) => {
        const { height, width, x, y } = one.getBoundingClientRect();
        return [x + 3, x + width - 3].some((at) => !one.contains(document.elementFromPoint(at, y + height / 2)));
      }).map((one) => one.ariaLabel ?? one.textContent)`,
    );
    expect(covered).toEqual([]);
    await page.context().close();
  });

  it('is enlarged under the pointer, moved, and whole again', async () => {
    const page = await open({ photos: 1 });
    const before = await box(page, '.stage .frame');
    await page.mouse.move(before.x + 20, before.y + 20);
    await page.mouse.wheel(0, -400);
    await expect.poll(async () => (await box(page, '.stage .frame')).width).toBeGreaterThan(before.width * 2);
    const large = await box(page, '.stage .frame');
    await page.mouse.move(before.x + 200, before.y + 200);
    await page.mouse.down();
    await page.mouse.move(before.x + 150, before.y + 170, { steps: 3 });
    await page.mouse.up();
    expect((await box(page, '.stage .frame')).x).toBeCloseTo(large.x - 50, 0);
    expect(await page.locator('.region').count()).toBe(0);
    await page.keyboard.press('0');
    await expect.poll(async () => (await box(page, '.stage .frame')).width).toBeCloseTo(before.width, 0);
    await page.context().close();
  });

  it('goes back by the browser’s button, and is where it was after a reload', async () => {
    const page = await open({ photos: 3 });
    await page.keyboard.press('g');
    await page.locator('.grid .photo').nth(1).click();
    await page.keyboard.press('?');
    await page.locator('dialog').waitFor();
    await page.goBack();
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await page.locator('.bar h1').innerText()).toBe('dog-in-snow-2.jpg');
    await page.reload();
    await expect.poll(() => page.locator('.bar h1').innerText()).toBe('dog-in-snow-2.jpg');
    await page.goBack();
    await page.locator('.grid .photo').first().waitFor();
    await page.context().close();
  });

  it('goes on by keyboard with the photo that comes in the place of one that is removed', async () => {
    const page = await open({ photos: 3 });
    await page.keyboard.press('g');
    await page.locator('.grid .photo').nth(1).focus();
    await page.keyboard.press('Delete');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-photo'))).toBe('p3');
    await page.context().close();
  });
});
