import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';
import { useBuiltApp } from '../support/built-app.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { electronPath, noElectron } from './electron.ts';

const why = noElectron === undefined ? '' : ` (skipped: ${noElectron})`;

/** What is read of a menu's item. */
interface Labelled {
  label: string;
}

/** What the page has of the preload, as far as it is looked at here. */
interface Bridge {
  request(id: number, name: string, input: unknown): Promise<{ output?: unknown; error?: { code: string } }>;
}

// The app as it is installed, but for its archive: the built main process, preload and page in Electron itself.
describe.skipIf(noElectron !== undefined)(`captioning in Electron${why}`, () => {
  useTestBackend();
  const built = useBuiltApp();

  let folder: { path: string; remove: () => Promise<void> };
  let photos: string[];
  let env: Record<string, string>;
  let app: ElectronApplication;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    const model = await writeTinyModel(folder.path);
    await mkdir(join(folder.path, 'photos'));
    photos = [0, 1].map((i) => join(folder.path, 'photos', `photo-${i}.png`));
    await Promise.all(photos.map((photo, seed) => writeTinyPhoto(photo, seed)));
    env = {
      ...(process.env as Record<string, string>),
      ATTEND_BACKEND: backendUnderTest,
      ATTEND_DATA: join(folder.path, 'data'),
      ATTEND_CACHE: join(folder.path, 'cache'),
    };
    // An Electron that is told to be Node opens no window.
    delete env['ELECTRON_RUN_AS_NODE'];
    const args = [built.main, photos[0]!, `--model=${model}`, '--lang=en-GB'];
    app = await _electron.launch({ executablePath: electronPath!, args, env, timeout: 120_000 });
    page = await app.firstWindow({ timeout: 120_000 });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterAll(async () => {
    await app.close().catch(() => undefined);
    await folder.remove();
  });

  const ask = (name: string, input: unknown): ReturnType<Bridge['request']> =>
    page.evaluate(([wanted, given]) => (window as unknown as { attend: Bridge }).attend.request(1_000, wanted, given), [
      name,
      input,
    ] as const);

  it('opens the photo of its command line and captions it', async () => {
    const caption = page.getByRole('group', { name: 'Caption' });
    await expect.poll(() => caption.getAttribute('aria-busy').catch(() => 'true')).toBe('false');
    expect((await caption.innerText()).replace(/\s+/g, ' ')).toMatch(/^[A-Z].*\.$/);
    expect(await page.title()).toBe('photo-0.png – Attend');
    // The photo itself comes through the app's own protocol.
    await page.locator('.picture.loaded').waitFor();
    expect(await page.locator('.picture.loaded').getAttribute('src')).toMatch(/^app:\/\/attend\/photos\//);
  });

  it('shows where a word looked', async () => {
    const isShown = (): Promise<boolean> =>
      page.locator('.stage canvas').evaluate((canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
        return pixels.some((value, index) => index % 4 === 3 && value > 0);
      });
    expect(await isShown()).toBe(false);
    await page.locator('.line [data-index]').first().hover();
    await expect.poll(isShown).toBe(true);
    await page.mouse.move(5, 5);
    await expect.poll(isShown).toBe(false);
  });

  it('has the menus, which ask the page', async () => {
    const labels = await app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()!.items.map(({ label }: Labelled) => label),
    );
    expect(labels.map((label: string) => label.replace('&', ''))).toEqual(
      expect.arrayContaining(['File', 'Edit', 'View', 'Help']),
    );
    await app.evaluate(({ Menu }) => {
      const file = Menu.getApplicationMenu()!.items.find(({ label }: Labelled) => label.replace('&', '') === 'File')!;
      file.submenu!.items.find(({ label }: Labelled) => label === 'Export…')!.click();
    });
    await page.getByRole('dialog', { name: 'Export 1 photo' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('gives the page nothing of Node, and of Electron only its own bridge', async () => {
    const found = await page.evaluate(() => {
      const names = ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer'];
      return names.filter((name) => name in window);
    });
    expect(found).toEqual([]);
    expect(await ask('photos.open', { paths: ['/'] })).toMatchObject({ error: { code: 'forbidden' } });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { contextIsolation, nodeIntegration, sandbox, webSecurity } = contents.getLastWebPreferences();
      return { contextIsolation, nodeIntegration, sandbox, webSecurity };
    });
    expect(preferences).toEqual({ contextIsolation: true, nodeIntegration: false, sandbox: true, webSecurity: true });
  });

  it('stays on its page, opens no other window and runs nothing that is not its own', async () => {
    const opened = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.wasRun = true';
      document.head.append(script);
      const other = window.open('https://example.com/');
      window.location.href = 'https://example.com/';
      return { other: other !== null, wasRun: 'wasRun' in window };
    });
    expect(opened).toEqual({ other: false, wasRun: false });
    const denied = await page.evaluate(() =>
      navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state),
    );
    expect(denied).toBe('denied');
    expect(page.url()).toBe('app://attend/index.html');
    expect(app.windows()).toHaveLength(1);
  });

  it('takes the files of a second start, which ends', async () => {
    const args = [...(process.platform === 'linux' ? ['--no-sandbox'] : []), built.main, photos[1]!];
    const second = spawn(electronPath!, args, { env, stdio: 'ignore' });
    const code = await new Promise((resolve) => second.once('close', resolve));
    expect(code).toBe(0);
    await expect.poll(() => page.title()).toBe('photo-1.png – Attend');
    const { output } = await ask('photos.list', {});
    expect((output as { photos: { name: string }[] }).photos.map(({ name }) => name)).toEqual([
      'photo-0.png',
      'photo-1.png',
    ]);
  });

  it('lets its library go when it ends', async () => {
    expect(problems).toEqual([]);
    expect(existsSync(join(folder.path, 'data', 'running.json'))).toBe(true);
    await app.close();
    expect(existsSync(join(folder.path, 'data', 'running.json'))).toBe(false);
  });
});
