import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeOptions } from '../renderer/support/fake-service/fake-client.ts';
import { servePage } from '../renderer/support/page-server.ts';
import { serious } from './axe.ts';
import { chromiumPath, drop, flows, launch, openPage } from './browser.ts';

// The page alone, with a service in itself that answers what a captioner really said of the sample photos.
describe.skipIf(chromiumPath === undefined)(flows('the page in a browser'), () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof servePage>>;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), servePage()]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function open(
    options: FakeOptions = {},
    context: Parameters<typeof openPage>[2] = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const opened = await openPage(browser, `${site.address}?${encodeURIComponent(JSON.stringify(options))}`, context);
    opened.page.setDefaultTimeout(15_000);
    return opened;
  }

  it.each([
    ['light, English', { language: 'en', contrast: 'normal' }, 'light'],
    ['dark, German', { language: 'de', contrast: 'normal' }, 'dark'],
    ['dark, high contrast', { language: 'en', contrast: 'high' }, 'dark'],
  ] as const)(
    'has no serious fault for who cannot see or point: %s',
    async (_, settings, colorScheme) => {
      // What is half faded in has half its contrast.
      const { page, problems } = await open({ settings: { ...settings, motion: 'reduced' } }, { colorScheme });
      const found: Record<string, string[]> = {};
      const check = async (name: string): Promise<void> => {
        const faults = await serious(page);
        if (faults.length > 0) found[name] = faults;
      };
      await page.locator('.empty').waitFor();
      await check('empty');
      await page.locator('.empty .button').nth(1).click();
      await page.locator('.grid .photo').nth(7).waitFor();
      await check('all photos');
      await page.locator('.grid .photo').nth(3).click();
      await page.locator('[data-index="4"]').click();
      await check('one photo');
      await page.keyboard.press('w');
      await page.locator('.card li button').nth(4).waitFor();
      await check('why');
      await page.keyboard.press('Escape');
      for (const [key, name] of [
        ['s', 'contact sheet'],
        ['s', ''],
        ['a', 'alternatives'],
        ['b', 'region'],
        ['e', 'editor'],
      ] as const) {
        await page.keyboard.press(key);
        if (name !== '') await check(name);
      }
      await page.keyboard.press('Escape');
      // Keys pressed before the editor is gone are written into it.
      await page.locator('textarea').waitFor({ state: 'detached' });
      for (const [key, name] of [
        ['Control+e', 'export'],
        ['Control+,', 'settings'],
        ['?', 'keyboard'],
      ] as const) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        await check(name);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      const rail = page.locator('.rail button');
      await rail.nth(1).click();
      await page.locator('aside li').nth(2).waitFor();
      await check('review');
      await rail.nth(2).click();
      await page.getByRole('textbox').fill('A brown dog runs through the snow.');
      await page.locator('.text .word').nth(2).click();
      await check('translate');
      await rail.nth(3).click();
      await page.getByRole('application').waitFor();
      await check('look inside');
      await page.locator('[aria-haspopup=dialog]').first().click();
      await page.getByRole('checkbox').first().waitFor();
      await check('which models');
      await page.locator('.both button').first().click();
      await page.keyboard.press('Escape');
      await page.locator('.views.many[aria-busy=false] section').nth(2).waitFor();
      await check('models side by side');
      await rail.nth(4).click();
      await page.locator('section li').nth(1).waitFor();
      await check('models');
      await page.locator('.suggestion').first().click();
      await page.locator('.offer').waitFor();
      await check('a model of the Hub');
      await rail.nth(5).click();
      await page.locator('.stages').waitFor();
      await check('learn: a word');
      await page.locator('.bar label:has([value=sentence])').click();
      await page.locator('.scores .row').nth(2).waitFor();
      await page.keyboard.press('ArrowRight');
      await check('learn: a token');
      expect(found).toEqual({});
      expect(problems).toEqual([]);
      await page.context().close();
    },
    180_000,
  );

  it('hears the key that comes right after a dialog is closed', async () => {
    const { page } = await open({ photos: 1 });
    await page.locator('[data-index="1"]').waitFor();
    const title = page.getByRole('dialog').getByRole('heading').first();
    for (let round = 0; round < 10; round++) {
      await page.keyboard.press('Control+e');
      await expect.poll(() => title.innerText()).toMatch(/^Export/);
      // Not one after the other: the page must not need the time between them.
      await Promise.all([page.keyboard.press('Escape'), page.keyboard.press('?')]);
      await expect.poll(() => title.innerText()).toMatch(/^Help/);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.context().close();
  });

  it('plays the sentence, and lets it be stopped', async () => {
    const { page } = await open({ photos: 1 });
    await page.locator('[data-index="1"]').waitFor();
    await page.keyboard.press(' ');
    await expect.poll(() => page.locator('button.active').getAttribute('data-index')).toBe('0');
    await expect.poll(() => page.locator('button.active').getAttribute('data-index')).toBe('1');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('button.active').count()).toBe(0);
    await page.context().close();
  });

  it('keeps the document small however many photos there are', async () => {
    const { page } = await open({ photos: 2000 });
    await page.locator('[data-index="1"]').waitFor();
    await page.keyboard.press('g');
    await page.locator('.grid .photo').first().waitFor();
    expect(await page.locator('*').count()).toBeLessThan(1500);
    await page.locator('.list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.getByRole('button', { name: /-2000\.jpg/ }).waitFor();
    expect(await page.locator('*').count()).toBeLessThan(1500);
    await page.locator('.grid .photo').last().focus();
    await page.keyboard.press('Home');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('li')?.getAttribute('aria-posinset')))
      .toBe('1');
    await page.context().close();
  });

  it('gives up loading what is scrolled past', async () => {
    const { page } = await open({ photos: 600 });
    await page.locator('[data-index="1"]').waitFor();
    let [asked, givenUp] = [0, 0];
    page.on('request', (request) => (asked += Number(request.resourceType() === 'image')));
    page.on('requestfailed', (request) => (givenUp += Number(request.resourceType() === 'image')));
    // Pictures that take for ever.
    await page.route(/\.jpg\b/, () => undefined);
    await page.keyboard.press('g');
    await page.locator('.grid .photo').first().waitFor();
    await page.locator('.list').evaluate(async (list) => {
      for (let top = 0; top < list.scrollHeight; top += 300) {
        list.scrollTo(0, top);
        await new Promise(requestAnimationFrame);
      }
    });
    await page.getByRole('button', { name: /-600\.jpg/ }).waitFor();
    const onScreen = await page.locator('.grid img').count();
    await expect.poll(() => asked - givenUp).toBeLessThanOrEqual(onScreen);
    expect(givenUp).toBeGreaterThan(0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.context().close();
  });

  it('says where no captioner and no translator is installed', async () => {
    const { page } = await open({
      photos: 0,
      translators: false,
      model: { state: 'missing', error: { code: 'no-captioner', message: 'No captioner lies in “models”.' } },
      settings: { captionOnOpen: false },
    });
    await drop(page, [{ name: 'dog.jpg', bytes: Buffer.from('x') }]);
    await page.getByText('No captioner lies in “models”.').waitFor();
    await page.locator('.rail button').nth(2).click();
    await page.getByText('No translator is installed yet.').waitFor();
    await page.locator('.rail button').nth(3).click();
    await page.getByText('There is no translator to look into yet.').waitFor();
    await page.context().close();
  });

  it('translates while one types, and shows which words belong together, both ways', async () => {
    const { page } = await open();
    await page.locator('.rail button').nth(2).click();
    const field = page.getByRole('textbox', { name: 'Text to translate' });
    await field.fill('A brown dog runs.');
    await page.getByText('brauner', { exact: true }).waitFor();

    const share = (side: string, word: number): Promise<number> =>
      page
        .locator(`${side} [data-word="${word}"]`)
        .first()
        .evaluate((element: HTMLElement) => Number(element.style.getPropertyValue('--share')));
    await page.getByText('Hund', { exact: true }).hover();
    await expect.poll(() => share('.behind', 2)).toBeGreaterThan(0.5);
    expect(await share('.behind', 0)).toBeLessThan(0.2);

    const word = (await page.locator('.behind [data-word="1"]').first().boundingBox())!;
    await page.mouse.move(word.x + word.width / 2, word.y + word.height / 2);
    await expect.poll(() => share('.text', 1)).toBeGreaterThan(0.5);

    await page.getByText('Hund', { exact: true }).click();
    await page.getByRole('button', { name: 'Ein brauner Hund läuft. (3)' }).click();
    await expect.poll(async () => (await page.locator('.text').innerText()).trim()).toBe('Ein brauner Hund läuft. (3)');

    // What the model cannot read stands as it was written, and the page says so.
    await field.fill('A dog runs. Собака бежит.');
    await page.locator('.note', { hasText: 'One sentence stands as it was written' }).waitFor();
    expect((await page.locator('.text').innerText()).trim()).toBe('Ein Hund läuft. Собака бежит.');
    expect(await page.locator('.text button').allInnerTexts()).toEqual(['Ein', 'Hund', 'läuft']);

    // A dropped text file comes here, from wherever.
    await page.locator('.rail button').first().click();
    await drop(page, [{ name: 'a.txt', type: 'text/plain', bytes: Buffer.from('A man and a dog.') }]);
    await expect.poll(() => field.inputValue()).toBe('A man and a dog.');
    await page.context().close();
  });

  it('shows every layer and head, and saves what it shows', async () => {
    const { page } = await open();
    await page.locator('.rail button').nth(3).click();
    await page.getByRole('textbox', { name: 'Sentence' }).fill('A dog runs.');
    await page.getByRole('application', { name: /^Alignment: 5 target tokens by 5 source tokens/ }).waitFor();
    await page.getByLabel('Layer').selectOption('2');
    await page.getByLabel('Head').selectOption('3');
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.readout').innerText()).toMatch(/ looked at .*: \d+%/);

    const save = async (name: string): Promise<Buffer> => {
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ]);
      return readFile(await download.path());
    };
    const csv = (await save('Save as CSV')).toString().trim().split('\r\n');
    expect(csv[0]).toBe(',A,dog,runs,.,</s>');
    expect(csv).toHaveLength(6);
    const row = csv[1]!.split(',').slice(1).map(Number);
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect((await save('Save as SVG')).toString()).toMatch(/^<svg .*<\/svg>$/s);
    expect((await save('Save as PNG')).subarray(1, 4).toString()).toBe('PNG');

    await page.getByRole('button', { name: 'Compare models' }).click();
    await page.getByRole('checkbox', { name: 'GRU without attention' }).check();
    await page.keyboard.press('Escape');
    await page.getByText('This model has no attention').waitFor();
    await page.context().close();
  });
});
