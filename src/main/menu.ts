import type { MenuItemConstructorOptions } from 'electron';
import type { EventOf } from '../contract/events.ts';
import type { MenuTexts } from './menu-texts.ts';
import { LINKS } from './security.ts';

type Command = EventOf<'menu'>['command'];

export interface MenuParts {
  platform: NodeJS.Platform;
  appName: string;
  texts: MenuTexts;
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
  const { appName, isDevelopment, openOutside, platform, tell, texts } = parts;
  const isMac = platform === 'darwin';
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => tell(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  // Electron's own labels are English everywhere.
  const native = (
    role: NonNullable<MenuItemConstructorOptions['role']>,
    label: string,
  ): MenuItemConstructorOptions => ({ role, label });
  const line: MenuItemConstructorOptions = { type: 'separator' };

  const appMenu: MenuItemConstructorOptions = {
    label: appName,
    submenu: [
      item(texts.about(appName), 'about'),
      line,
      item(texts.settings, 'settings', 'Cmd+,'),
      line,
      native('services', texts.services),
      line,
      native('hide', texts.hide(appName)),
      native('hideOthers', texts.hideOthers),
      native('unhide', texts.unhide),
      line,
      native('quit', texts.quit(appName)),
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: texts.file,
    submenu: [
      item(texts.openPhotos, 'open-files', 'CmdOrCtrl+O'),
      item(texts.openFolder, 'open-folder', 'CmdOrCtrl+Shift+O'),
      recentMenu(parts),
      item(texts.samples, 'samples'),
      line,
      item(texts.export, 'export', 'CmdOrCtrl+E'),
      line,
      ...(isMac ? [] : [item(texts.settings, 'settings', 'Ctrl+,'), line]),
      isMac ? native('close', texts.close) : native('quit', texts.quit(appName)),
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: texts.edit,
    submenu: [
      // The page tells a text from the photos.
      item(texts.undo, 'undo', 'CmdOrCtrl+Z'),
      item(texts.redo, 'redo', isMac ? 'Cmd+Shift+Z' : 'Ctrl+Y'),
      line,
      native('cut', texts.cut),
      native('copy', texts.copy),
      // The page tells a text from a photo on the clipboard.
      native('paste', texts.paste),
      item(texts.pastePhoto, 'paste', 'CmdOrCtrl+Shift+V'),
      native('selectAll', texts.selectAll),
      line,
      item(texts.copyCaption, 'copy-caption', 'CmdOrCtrl+Shift+C'),
      item(texts.copyOverlay, 'copy-overlay', 'CmdOrCtrl+Alt+C'),
      item(texts.editCaption, 'edit-caption', 'F2'),
      line,
      item(texts.selectAllPhotos, 'select-all', 'CmdOrCtrl+Shift+A'),
      item(texts.remove, 'remove'),
      line,
      item(texts.find, 'find', 'CmdOrCtrl+F'),
      item(texts.replace, 'replace', 'CmdOrCtrl+Shift+F'),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: texts.view,
    submenu: [
      item(texts.caption, 'place-caption', 'CmdOrCtrl+1'),
      item(texts.translate, 'place-translate', 'CmdOrCtrl+2'),
      item(texts.lookInside, 'place-look-inside', 'CmdOrCtrl+3'),
      item(texts.review, 'place-review', 'CmdOrCtrl+4'),
      item(texts.models, 'place-models', 'CmdOrCtrl+5'),
      item(texts.learn, 'place-learn', 'CmdOrCtrl+6'),
      line,
      // Space belongs to the page, where a text field may want it.
      item(texts.play, 'play'),
      item(texts.contactSheet, 'contact-sheet'),
      line,
      native('resetZoom', texts.resetZoom),
      native('zoomIn', texts.zoomIn),
      native('zoomOut', texts.zoomOut),
      native('togglefullscreen', texts.fullScreen),
      ...(isDevelopment ? [line, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: texts.help,
    submenu: [
      item(texts.shortcuts, 'shortcuts', isMac ? 'Cmd+/' : 'Ctrl+/'),
      { label: texts.paper, click: () => openOutside(LINKS.paper) },
      ...(isMac ? [] : [line, item(texts.about(appName), 'about')]),
    ],
  };
  const windows: MenuItemConstructorOptions = {
    role: 'window',
    label: texts.window,
    submenu: [native('minimize', texts.minimise), native('zoom', texts.zoomWindow), line, native('front', texts.front)],
  };
  return isMac ? [appMenu, file, edit, view, windows, help] : [file, edit, view, help];
}

function recentMenu({ clearRecent, openRecent, platform, recent, texts }: MenuParts): MenuItemConstructorOptions {
  if (platform === 'darwin') {
    return {
      role: 'recentDocuments',
      label: texts.openRecent,
      submenu: [{ role: 'clearRecentDocuments', label: texts.clearRecent }],
    };
  }
  return {
    label: texts.openRecent,
    enabled: recent.length > 0,
    submenu: [
      // An ampersand in a label would underline the next letter.
      ...recent.map((path) => ({ label: path.replaceAll('&', '&&'), click: () => openRecent(path) })),
      { type: 'separator' },
      { label: texts.clearRecent, click: clearRecent },
    ],
  };
}
