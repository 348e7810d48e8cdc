import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePage } from '../renderer/support/page-server.ts';
import { serious } from './axe.ts';
import { chromiumPath, flows, launch, openPage } from './browser.ts';
import { faultsOf } from './faults.ts';
import { SCREENS } from './screens.ts';

/**
 * A folder for a picture of every screen, at every size, in every look and language, for whoever has to see that they look
 * right; and the address of a server to take them of, else it is the page with a service in itself.
 */
const { ATTEND_SCREENS: target, ATTEND_SCREENS_OF: served } = process.env;

const SIZES = {
  '800x500': { viewport: { width: 800, height: 500 } },
  '1280x800': { viewport: { width: 1280, height: 800 } },
  '1920x1200': { viewport: { width: 1920, height: 1200 } },
  '200%': { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
} as const;
const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { forcedColors: 'active' },
} as const;
const LANGUAGES = { de: { locale: 'de-DE' }, en: { locale: 'en-GB' } } as const;

const ways: (readonly [string, BrowserContextOptions])[] = Object.entries(SIZES).flatMap(([size, window]) =>
  Object.entries(LOOKS).flatMap(([look, colours]) =>
    Object.entries(LANGUAGES).map(
      ([language, locale]) => [`${size} ${look} ${language}`, { ...window, ...colours, ...locale }] as const,
    ),
  ),
);
/** The windows that are narrow for German, which has the longer words. */
const tested = target === undefined ? ways.filter(([name]) => /^800x500 light de|^200% dark de/.test(name)) : ways;
/** Where no other test asks axe. */
const ASKED = new Set([
  'selected',
  'filter',
  'adding',
  'menu of a photo',
  'first look',
  'map',
  'removed',
  'help',
  'card of a model',
  'replace',
  'learn: soft and hard',
  'learn: the beam',
  'learn: heads',
  'learn: training',
  'learn: stories',
]);

describe.skipIf(chromiumPath === undefined)(flows('every screen'), () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof servePage>> | undefined;

  beforeAll(async () => {
    browser = await launch();
    if (served === undefined) site = await servePage();
  });
  afterAll(async () => {
    await browser.close();
    await site?.close();
  });

  it.each(tested)(
    'has nothing that is cut off or covered, and no serious fault: %s',
    { timeout: 600_000 },
    async (name, context) => {
      const options = { photos: 9, settings: { motion: 'reduced', page: { hintsSeen: true } } };
      const address = served ?? `${site?.address}?${encodeURIComponent(JSON.stringify(options))}`;
      const { page } = await openPage(browser, address, { reducedMotion: 'reduce', ...context });
      page.setDefaultTimeout(served === undefined ? 15_000 : 40_000);
      await page.locator('.rail').waitFor();
      const found: Record<string, string[]> = {};
      for (const screen of SCREENS) {
        try {
          await screen.open(page);
          await picture(page, name, screen.name);
          const faults = await faultsOf(page);
          if (ASKED.has(screen.name)) faults.push(...(await serious(page)));
          if (faults.length > 0) found[screen.name] = faults;
          await screen.leave?.(page);
        } catch (error) {
          await picture(page, name, `${screen.name} failed`);
          found[screen.name] = [(error as Error).message];
          await page.reload();
        }
      }
      if (target !== undefined) console.log(name, JSON.stringify(found, null, 2));
      else expect(found).toEqual({});
      await page.context().close();
    },
  );

  async function picture(page: Page, way: string, screen: string): Promise<void> {
    if (target === undefined) return;
    await page.waitForTimeout(250);
    const folder = join(target, way.replaceAll(' ', '-'));
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${screen.replace(/:? /g, '-')}.png`) });
  }
});
