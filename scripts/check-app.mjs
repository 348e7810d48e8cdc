#!/usr/bin/env node
// Starts the packaged app as its user would, with a photo, and waits until the page shows a caption and where a word
// looked: `node scripts/check-app.mjs [FOLDER]` after `npm run package`. A file that the package forgets, a fuse that is
// flipped too far, a thread that finds no model: it all shows here, and nowhere else before a release.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const MINUTE = 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const release = process.argv[2] ?? join(root, 'release');
const data = mkdtempSync(join(tmpdir(), 'attend-app-'));
let app;

try {
  const program = findProgram();
  const photo = join(root, 'assets', 'samples', 'dog-on-grass.jpg');
  // The fuses leave no door to the main process; the page's own is Chromium's, and opened by a switch.
  const switches = ['--remote-debugging-port=0', ...(process.platform === 'linux' ? ['--no-sandbox'] : [])];
  const env = { ...process.env, ATTEND_DATA: join(data, 'data'), ATTEND_CACHE: join(data, 'cache') };
  delete env.ELECTRON_RUN_AS_NODE;
  app = spawn(program, [...switches, photo], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  const browser = await chromium.connectOverCDP(await addressOf(app), { timeout: MINUTE });
  const page = await firstPage(browser);
  page.setDefaultTimeout(2 * MINUTE);
  await page.locator('.line[aria-busy=false] [data-index]').first().waitFor();
  const caption = (await page.locator('.line').innerText()).replace(/\s+/g, ' ').replace(/ \.$/, '.').trim();
  if (!/^[A-Z].+\.$/.test(caption)) throw new Error(`the caption is "${caption}"`);
  await page.locator('.line [data-index]').first().hover();
  await page.locator('.line .tip').waitFor();
  console.log(`${program}: ${caption}`);
  await browser.close();
} catch (error) {
  console.error(`check-app: ${error.message}`);
  process.exitCode = 1;
} finally {
  app?.kill();
  await new Promise((resolve) => (app && app.exitCode === null ? app.once('close', resolve) : resolve()));
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
}

/** The program in the unpacked package of this system. */
function findProgram() {
  const inside = { linux: 'attend', win32: 'Attend.exe', darwin: 'Attend.app/Contents/MacOS/Attend' }[process.platform];
  const folders = existsSync(release) ? readdirSync(release) : [];
  const found = folders.map((folder) => join(release, folder, inside)).find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`there is no packaged app in ${release}. Run "npm run package" first.`);
}

/** Where the app's Chromium listens: it says so itself. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`the app does not begin.\n${said}`)), 2 * MINUTE);
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const address = /^DevTools listening on (ws:\/\/\S+)/m.exec(said)?.[1];
      if (!address) return;
      clearTimeout(late);
      resolve(address);
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the app ended with ${code}.\n${said}`)));
  });
}

async function firstPage(browser) {
  for (let tries = 0; tries < 600; tries++) {
    const page = browser
      .contexts()[0]
      ?.pages()
      .find((one) => one.url().startsWith('app://attend/'));
    if (page) return page;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the app opens no window.');
}
