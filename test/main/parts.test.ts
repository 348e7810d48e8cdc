import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { MENU_COMMANDS } from '../../src/contract/contract.ts';
import { filesOfSecondInstance, parseCommandLine } from '../../src/main/command-line.ts';
import { menuTexts } from '../../src/main/menu-texts.ts';
import { menuTemplate, type MenuParts } from '../../src/main/menu.ts';
import { RecentFiles } from '../../src/main/recent-files.ts';
import { isProjectAddress, LINKS, lockDown, refusePermissions } from '../../src/main/security.ts';
import { readWindowState, writeWindowState } from '../../src/main/window-state.ts';
import { unpackedRoot } from '../../src/files/package-root.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

describe('security', () => {
  /** What `lockDown` does with the events of a page. */
  function page(): { fire: (name: string, url: string) => boolean; open: (url: string) => string; outside: string[] } {
    const listeners = new Map<string, (event: { preventDefault: () => void; url: string }) => void>();
    let openHandler: ((details: { url: string }) => { action: string }) | undefined;
    const outside: string[] = [];
    const contents = {
      on: (name: string, listener: never) => void listeners.set(name, listener),
      setWindowOpenHandler: (handler: never) => void (openHandler = handler),
    };
    const app = { on: (_name: string, created: (event: object, contents: object) => void) => created({}, contents) };
    lockDown(app as never, {
      isOwnPage: (address) => address.startsWith('app://attend/'),
      openOutside: (address) => void outside.push(address),
    });
    return {
      fire(name, url) {
        let isPrevented = false;
        listeners.get(name)!({ preventDefault: () => (isPrevented = true), url });
        return isPrevented;
      },
      open: (url) => openHandler!({ url }).action,
      outside,
    };
  }

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('keeps pages where they are: %s', (name) => {
    expect(page().fire(name, 'https://example.com/')).toBe(true);
    expect(page().fire(name, 'file:///etc/passwd')).toBe(true);
    expect(page().fire(name, 'app://attend/index.html')).toBe(false);
  });

  it('lets no page embed another', () => {
    expect(page().fire('will-attach-webview', 'app://attend/index.html')).toBe(true);
  });

  it('opens no window, and outside nothing but the project’s own links', () => {
    const { open, outside } = page();
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://attend/index.html', LINKS.paper]) {
      expect(open(url)).toBe('deny');
    }
    expect(outside).toEqual([LINKS.paper]);
    expect(isProjectAddress(`${LINKS.paper}/../../evil`)).toBe(false);
  });

  it('refuses every permission', () => {
    const answers: boolean[] = [];
    refusePermissions({
      setPermissionRequestHandler: (handler: (a: unknown, b: string, answer: (granted: boolean) => void) => void) =>
        handler({}, 'media', (granted) => answers.push(granted)),
      setPermissionCheckHandler: (handler: () => boolean) => answers.push(handler()),
      setDevicePermissionHandler: (handler: () => boolean) => answers.push(handler()),
    });
    expect(answers).toEqual([false, false, false]);
  });
});

describe('the menu', () => {
  const parts = (changes: Partial<MenuParts> = {}): MenuParts => ({
    platform: 'linux',
    appName: 'Attend',
    texts: menuTexts('system', ['en']),
    isDevelopment: false,
    recent: [],
    tell: () => undefined,
    openRecent: () => undefined,
    clearRecent: () => undefined,
    openOutside: () => undefined,
    ...changes,
  });
  const flat = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);
  const click = (item: MenuItemConstructorOptions): void => (item.click as (() => void) | undefined)?.();

  it.each(['linux', 'win32', 'darwin'] as const)(
    'has File, Edit, View and Help on %s, and every command',
    (platform) => {
      const told: string[] = [];
      const template = menuTemplate(parts({ platform, tell: (command) => void told.push(command) }));
      const labels = template.map(({ label }) => label?.replace('&', ''));
      expect(labels).toEqual(expect.arrayContaining(['File', 'Edit', 'View', 'Help']));
      flat(template).forEach(click);
      expect([...new Set(told)].sort()).toEqual([...MENU_COMMANDS].sort());
    },
  );

  it.each(['linux', 'win32', 'darwin'] as const)('gives no shortcut twice on %s', (platform) => {
    const keys = flat(menuTemplate(parts({ platform }))).flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['system', ['de-AT', 'en'], 'Datei'],
    ['de', ['en'], 'Datei'],
    ['en', ['de'], 'File'],
    ['fr', ['ja', 'de'], 'Datei'],
    ['system', ['ja'], 'File'],
  ])('speaks as the page does: %s where the system prefers %j', (setting, preferred, file) => {
    const [first] = menuTemplate(parts({ texts: menuTexts(setting, preferred) }));
    expect(first!.label).toBe(`&${file}`);
  });

  it.each(['linux', 'win32', 'darwin'] as const)('has a text of its own for every item on %s', (platform) => {
    const labels = (preferred: string): (string | undefined)[] =>
      flat(menuTemplate(parts({ platform, recent: ['/a.jpg'], texts: menuTexts('system', [preferred]) })))
        .filter(({ type, label }) => type !== 'separator' && label !== '/a.jpg' && label !== 'Attend')
        .map(({ label }) => label);
    const [english, german] = [labels('en'), labels('de')];
    expect(english).not.toContain(undefined);
    expect(german).toHaveLength(english.length);
    expect(german.filter((label, i) => label === english[i])).toEqual([]);
    for (const level of [english, german]) expect(new Set(level).size).toBe(level.length);
  });

  it('opens recent files, whose names may hold anything', () => {
    const opened: string[] = [];
    const items = flat(menuTemplate(parts({ recent: ['/a & b.jpg'], openRecent: (path) => void opened.push(path) })));
    const recent = items.find(({ label }) => label === '/a && b.jpg')!;
    click(recent);
    expect(opened).toEqual(['/a & b.jpg']);
  });

  it('shows the tools of developers to them alone', () => {
    const roles = (isDevelopment: boolean) => flat(menuTemplate(parts({ isDevelopment }))).map(({ role }) => role);
    expect(roles(false)).not.toContain('toggleDevTools');
    expect(roles(true)).toContain('toggleDevTools');
  });
});

describe('the command line', () => {
  const at = (path: string): string => resolve('/home', path);

  it.each<[string[], boolean, object]>([
    [['attend', 'a.jpg', '/b.png'], true, { files: [at('a.jpg'), resolve('/b.png')] }],
    [['electron', '.', 'a.jpg'], false, { files: [at('a.jpg')] }],
    // Electron's own switches may stand before the app's folder.
    [['electron', '--no-sandbox', '.', 'a.jpg'], false, { files: [at('a.jpg')] }],
    [['electron', '.'], false, { files: [] }],
    [['attend', '--no-sandbox', 'a.jpg', '--disable-gpu'], true, { files: [at('a.jpg')] }],
    [['attend', '--', '-odd.jpg', '--model=b'], true, { files: [at('-odd.jpg'), at('--model=b')] }],
    [['attend'], true, { files: [] }],
    [['attend', ''], true, { files: [] }],
    [
      ['attend', '--model=x', 'a.jpg', '--translator=y=z'],
      true,
      { files: [at('a.jpg')], model: 'x', translator: 'y=z' },
    ],
    [['attend', '-m', 'x', 'a.jpg', '--translator', 'y'], true, { files: [at('a.jpg')], model: 'x', translator: 'y' }],
    [['attend', '--translator'], true, { files: [], incomplete: '--translator' }],
    [['attend', '--model='], true, { files: [], incomplete: '--model' }],
    [['attend', '--model', '--no-sandbox'], true, { files: [], incomplete: '--model' }],
    [['attend', '--models=x', '--constructor=y'], true, { files: [] }],
  ])('%j', (argv, isPackaged, expected) => {
    expect(parseCommandLine(argv, isPackaged, '/home')).toEqual(expected);
  });

  it.each<[unknown, string[]]>([
    [{ files: ['/a.jpg'] }, ['/a.jpg']],
    [{ files: [''] }, []],
    [{ files: [1] }, []],
    ['/a.jpg', []],
    [null, []],
  ])('of a second start: %j', (handed, files) => {
    expect(filesOfSecondInstance(handed)).toEqual(files);
  });
});

describe('the folder of what runs outside the archive', () => {
  it('lies beside the archive in an installed app', () => {
    expect(unpackedRoot('/opt/Attend/resources/app.asar')).toBe('/opt/Attend/resources/app.asar.unpacked');
    expect(unpackedRoot('/home/attend')).toBe('/home/attend');
  });
});

describe('what is kept between runs', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 };

  it.each<[string, object, object]>([
    ['as it was', { x: 100, y: 50, width: 1000, height: 700 }, { x: 100, y: 50, width: 1000, height: 700 }],
    ['where the screen is gone', { x: 3000, y: 50, width: 1000, height: 700 }, { width: 1000, height: 700 }],
    ['with its title above the screen', { x: 100, y: -40, width: 1000, height: 700 }, { width: 1000, height: 700 }],
    ['too small', { x: 0, y: 0, width: 10, height: 10 }, { x: 0, y: 0, width: 800, height: 500 }],
  ])('brings the window back %s', async (_, bounds, expected) => {
    const { path, remove } = await temporaryFolder();
    writeWindowState(join(path, 'window.json'), { bounds: bounds as never, maximised: true });
    const state = await readWindowState(join(path, 'window.json'), [screen]);
    expect(state).toEqual({ bounds: expected, maximised: true });
    await remove();
  });

  it.each(['', '{', '{"bounds":{"x":"a"}}'])('opens a new window where the file holds %j', async (text) => {
    const { path, remove } = await temporaryFolder();
    await writeFile(join(path, 'window.json'), text);
    expect((await readWindowState(join(path, 'window.json'), [screen])).maximised).toBe(false);
    await remove();
  });

  it('remembers the photos that were opened last, the latest first', async () => {
    const { path, remove } = await temporaryFolder();
    const file = join(path, 'recent.json');
    const recent = await RecentFiles.open(file);
    await recent.add(['/a.jpg', '/b.jpg']);
    await recent.add(['/a.jpg']);
    expect((await RecentFiles.open(file)).paths).toEqual(['/a.jpg', '/b.jpg']);
    await recent.add(Array.from({ length: 30 }, (_, i) => `/${i}.jpg`));
    expect(recent.paths).toHaveLength(10);
    expect(recent.paths[0]).toBe('/29.jpg');
    await recent.clear();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([]);
    await remove();
  });
});
