// Attend in a browser, for pictures of it: `attend serve` with a library of its own, and Chromium.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('..', import.meta.url));

const PLACES = [
  process.env.ATTEND_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Lets `work` have a browser and a page with an empty library, and clears both away. What goes wrong is told in a
 * sentence, with exit code 1.
 * @param name of the script, for that sentence
 * @param work is given the page's address and the browser
 */
export async function withServedPage(name, work) {
  const data = await mkdtemp(join(tmpdir(), `attend-${name}-`));
  // Photographed as it is from the second look on.
  await writeFile(join(data, 'settings.json'), JSON.stringify({ page: { hintsSeen: true } }));
  const server = startServer(data);
  let browser;
  try {
    const address = await server.address;
    browser = await launchChromium();
    await work(address, browser);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await browser?.close();
    await server.stop();
    await rm(data, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Adds the sample photos through the page as anybody would, and waits for their captions.
 * @param page with an empty library
 * @returns the captions
 */
export async function addSamples(page) {
  await page.getByRole('button', { name: 'Try the sample photos' }).click();
  const texts = page.locator('.grid .photo .text');
  await texts.first().waitFor();
  while ((await page.locator('.grid .photo .text.quiet').count()) > 0) await page.waitForTimeout(500);
  return texts.allInnerTexts();
}

/** Goes to a place of Learn, by its address. */
export async function learn(page, address) {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/learn/${address}`)}`);
}

/** Starts the built `attend serve` on a free port: its address, once it answers, and what stops it. */
function startServer(data) {
  const child = spawn(process.execPath, [join(root, 'dist/cli/attend.js'), 'serve', '--port', '0'], {
    env: { ...process.env, ATTEND_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const address = new Promise((resolve, reject) => {
    child.once('error', reject);
    void ended.then(() => reject(new Error('"attend serve" ended; is dist/ built ("npm run build")?')));
    createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('http') && resolve(line.trim()));
  });
  return {
    address,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @throws Error where there is no Chromium */
function launchChromium() {
  const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error('no Chromium was found; ATTEND_CHROMIUM may name one');
  // As root, as in containers, Chromium has no sandbox; it sees nothing but this project's own pages.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
