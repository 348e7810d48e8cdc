import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { builtPage } from '../support/built-page.ts';
import { chromiumPath } from './chromium.ts';

export { chromiumPath, launch } from './chromium.ts';

/** What a skipped run says. */
export const flows = (what: string): string =>
  chromiumPath === undefined ? `${what} (skipped: no Chromium found; ATTEND_CHROMIUM may name one)` : what;

/** A page that fails its test by any error on its console. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(address);
  return { page, problems };
}

/** Builds the page as the app ships it. @returns the folder that it is in */
export function buildPage(): Promise<string> {
  return builtPage('page', fileURLToPath(new URL('../../src/renderer', import.meta.url)));
}

/** Drops files over the window, as from a file manager. */
export async function drop(
  page: Page,
  files: readonly { name: string; bytes: Uint8Array; type?: string }[],
): Promise<void> {
  const sent = files.map(({ name, bytes, type }) => ({
    name,
    type: type ?? 'image/png',
    base64: Buffer.from(bytes).toString('base64'),
  }));
  await page.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, sent);
}
