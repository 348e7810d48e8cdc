import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  clipboard,
  ClipboardItem,
  dialog,
  ipcMain,
  Menu,
  protocol,
  screen,
  session,
  shell,
} from 'electron';
import type { AttendService } from '../service/attend-service.ts';
import { startService } from '../service/start-service.ts';
import { APP_ORIGIN, APP_PAGE, APP_SCHEME } from './app-files.ts';
import { answerAppRequest } from './app-protocol.ts';
import { filesOnCommandLine } from './command-line.ts';
import { doorHandlers } from './door-handlers.ts';
import { connectPages } from './ipc.ts';
import { menuTemplate } from './menu.ts';
import { RecentFiles } from './recent-files.ts';
import { isProjectAddress, lockDown, refusePermissions } from './security.ts';
import { readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

// This file becomes out/main/index.js.
const rendererFolder = fileURLToPath(new URL('../renderer', import.meta.url));
const preload = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));

// While developing, electron-vite serves the pages itself, with live reload.
const developmentServer = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
const isOwnPage = (address: string): boolean =>
  address.startsWith(`${APP_ORIGIN}/`) || (developmentServer !== undefined && address.startsWith(developmentServer));
const openOutside = (address: string): void => {
  if (isProjectAddress(address)) void shell.openExternal(address);
};

/** Files to open that came before there was a service. */
const early: string[] = [];
let service: AttendService | undefined;
let recent: RecentFiles | undefined;
let window: BrowserWindow | undefined;
let isClosed = false;

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
lockDown(app, { isOwnPage, openOutside });

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_event, argv, cwd) => {
    open(filesOnCommandLine(argv, app.isPackaged, cwd));
    show();
  });
  // On a Mac, files that are dropped on the icon or opened with Attend; may come before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => show());
  app.on('before-quit', (event) => {
    if (isClosed || !service) return;
    // What was written by hand is on disk already; this ends the threads and lets the library go.
    event.preventDefault();
    void service.close().finally(() => {
      isClosed = true;
      app.quit();
    });
  });
  // Not awaited: Electron becomes ready only after this module has run to its end.
  void app.whenReady().then(start);
} else {
  app.quit();
}

async function start(): Promise<void> {
  refusePermissions(session.defaultSession);
  recent = await RecentFiles.open(join(app.getPath('userData'), 'recent.json'));
  const running = await startService({ door: 'electron', models: { backend: process.env['ATTEND_BACKEND'] } });
  service = running;
  protocol.handle(APP_SCHEME, (request) => answerAppRequest(running, rendererFolder, request.url));
  const handlers = doorHandlers(running, {
    openDialog: (options) => (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options)),
    clipboard,
    clipboardItem: (items) => new ClipboardItem(items),
    shell,
    onOpened: remember,
  });
  connectPages(handlers, running.events, {
    ipc: ipcMain,
    isOwnPage,
    pages: () => BrowserWindow.getAllWindows().map(({ webContents }) => webContents),
  });
  buildMenu();
  await openWindow();
  open([...early, ...filesOnCommandLine(process.argv, app.isPackaged, process.cwd())]);
}

async function openWindow(): Promise<void> {
  const file = join(app.getPath('userData'), 'window.json');
  const state = await readWindowState(
    file,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const opened = new BrowserWindow({
    ...state.bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
  });
  window = opened;
  if (state.maximised) opened.maximize();
  // Shown once there is something to see: no white flash.
  opened.once('ready-to-show', () => opened.show());
  opened.on('close', () => {
    void writeWindowState(file, { bounds: opened.getNormalBounds(), maximised: opened.isMaximized() }).catch(
      () => undefined,
    );
  });
  opened.on('closed', () => {
    window = undefined;
  });
  await opened.loadURL(developmentServer ?? APP_PAGE);
}

function show(): void {
  if (!service) return;
  if (!window) void openWindow();
  else {
    if (window.isMinimized()) window.restore();
    window.focus();
  }
}

function open(paths: readonly string[]): void {
  if (paths.length === 0) return;
  if (!service) early.push(...paths);
  else
    void service.openFromOutside(paths).then((entries) => {
      remember(entries.flatMap(({ error, path }) => (path !== null && error === null ? [path] : [])));
    });
}

function remember(paths: readonly string[]): void {
  for (const path of paths.slice(-10)) app.addRecentDocument(path);
  void recent?.add(paths).then(buildMenu);
}

function buildMenu(): void {
  const template = menuTemplate({
    platform: process.platform,
    appName: app.name,
    isDevelopment: !app.isPackaged,
    recent: recent?.paths ?? [],
    tell: (command) => service?.events.emit('menu', { command }),
    openRecent: (path) => open([path]),
    clearRecent() {
      app.clearRecentDocuments();
      void recent?.clear().then(buildMenu);
    },
    openOutside,
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
