import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  process.env['ATTEND_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Of a browser that is installed; what needs one is skipped without. */
export const chromiumPath = PLACES.find((path) => path !== undefined && existsSync(path));

export async function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium found');
  // As root, as in containers, Chromium has no sandbox; it sees nothing but this project's own pages.
  return chromium.launch({ executablePath: chromiumPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
