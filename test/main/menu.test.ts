import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { MENU_COMMANDS } from '../../src/contract/constants/menu-commands.ts';
import { menuTexts } from '../../src/main/menu-texts.ts';
import { menuTemplate, type MenuParts } from '../../src/main/menu.ts';

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
