import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { build } from 'vite';

const PLACES = [
  process.env['ATTEND_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Of a browser that is installed; the flows are skipped without one. */
export const chromiumPath = PLACES.find((path) => path !== undefined && existsSync(path));

/** What a skipped run says. */
export const flows = (what: string): string =>
  chromiumPath === undefined ? `${what} (skipped: no Chromium found; ATTEND_CHROMIUM may name one)` : what;

export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium found');
  // As root, as in containers, Chromium has no sandbox; it sees nothing but this test's own pages.
  return chromium.launch({ executablePath: chromiumPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

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

/** Builds the page as the app ships it. */
export async function buildPage(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'attend-page-'));
  await build({
    root: fileURLToPath(new URL('../../src/renderer', import.meta.url)),
    base: './',
    configFile: false,
    logLevel: 'error',
    plugins: [svelte({ configFile: false })],
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
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
