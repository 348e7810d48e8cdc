import type { MenuItemConstructorOptions } from 'electron';
import type { EventOf } from '../contract/contract.ts';
import { LINKS } from './security.ts';

type Command = EventOf<'menu'>['command'];

export interface MenuParts {
  platform: NodeJS.Platform;
  appName: string;
  isDevelopment: boolean;
  /** Paths of photos that were opened last, the latest first; the system's own list on a Mac. */
  recent: readonly string[];
  /** Sends a command to the page. */
  tell: (command: Command) => void;
  openRecent: (path: string) => void;
  clearRecent: () => void;
  openOutside: (address: string) => void;
}

/** The whole menu of the app. What a text field does with Edit is the system's; the rest is the page's. */
export function menuTemplate(parts: MenuParts): MenuItemConstructorOptions[] {
  const { appName, isDevelopment, openOutside, platform, tell } = parts;
  const isMac = platform === 'darwin';
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => tell(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const line: MenuItemConstructorOptions = { type: 'separator' };

  const appMenu: MenuItemConstructorOptions = {
    label: appName,
    submenu: [
      item(`About ${appName}`, 'about'),
      line,
      item('Settings…', 'settings', 'Cmd+,'),
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      item('Open Photos…', 'open-files', 'CmdOrCtrl+O'),
      item('Open Folder…', 'open-folder', 'CmdOrCtrl+Shift+O'),
      recentMenu(parts),
      item('Sample Photos', 'samples'),
      line,
      item('Export…', 'export', 'CmdOrCtrl+E'),
      line,
      ...(isMac ? [] : [item('Settings…', 'settings', 'Ctrl+,'), line]),
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      line,
      { role: 'cut' },
      { role: 'copy' },
      // The page tells a text from a photo on the clipboard.
      { role: 'paste' },
      item('Paste Photo', 'paste', 'CmdOrCtrl+Shift+V'),
      { role: 'selectAll' },
      line,
      item('Copy Caption', 'copy-caption', 'CmdOrCtrl+Shift+C'),
      item('Copy Overlay', 'copy-overlay', 'CmdOrCtrl+Alt+C'),
      item('Edit Caption', 'edit-caption', 'F2'),
      line,
      item('Select All Photos', 'select-all', 'CmdOrCtrl+Shift+A'),
      item('Remove from Library', 'remove'),
      line,
      item('Find…', 'find', 'CmdOrCtrl+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      item('Caption', 'place-caption', 'CmdOrCtrl+1'),
      item('Translate', 'place-translate', 'CmdOrCtrl+2'),
      item('Look Inside', 'place-look-inside', 'CmdOrCtrl+3'),
      line,
      // Space belongs to the page, where a text field may want it.
      item('Play Through', 'play'),
      item('Contact Sheet', 'contact-sheet'),
      line,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      ...(isDevelopment ? [line, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: '&Help',
    submenu: [
      item('Keyboard Shortcuts', 'shortcuts', isMac ? 'Cmd+/' : 'Ctrl+/'),
      { label: 'The Paper: Show, Attend and Tell', click: () => openOutside(LINKS.paper) },
      ...(isMac ? [] : [line, item(`About ${appName}`, 'about')]),
    ],
  };
  return [...(isMac ? [appMenu] : []), file, edit, view, ...(isMac ? [{ role: 'windowMenu' } as const] : []), help];
}

function recentMenu({ clearRecent, openRecent, platform, recent }: MenuParts): MenuItemConstructorOptions {
  if (platform === 'darwin') {
    return { role: 'recentDocuments', label: 'Open Recent', submenu: [{ role: 'clearRecentDocuments' }] };
  }
  return {
    label: 'Open Recent',
    enabled: recent.length > 0,
    submenu: [
      // An ampersand in a label would underline the next letter.
      ...recent.map((path) => ({ label: path.replaceAll('&', '&&'), click: () => openRecent(path) })),
      { type: 'separator' },
      { label: 'Clear Menu', click: clearRecent },
    ],
  };
}
