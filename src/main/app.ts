import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  clipboard,
  ClipboardItem,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { useDecoders } from '../photos/decoders/decoders.ts';
import type { AttendService } from '../service/attend-service.ts';
import { startService } from '../service/start-service.ts';
import { APP_ORIGIN, APP_PAGE, APP_SCHEME } from './app-files.ts';
import { answerAppRequest } from './app-protocol.ts';
import { filesOfSecondInstance, parseCommandLine, problemOf } from './command-line.ts';
import { doorHandlers } from './door-handlers.ts';
import { DraggedFiles } from './dragged-files.ts';
import { noticeWhenFinished } from './finish-notice.ts';
import { connectPages } from './ipc.ts';
import { menuTexts, type MenuTexts } from './menu-texts.ts';
import { menuTemplate } from './menu.ts';
import { startWithElectron } from './photo-process.ts';
import { RecentFiles } from './recent-files.ts';
import { isProjectAddress, lockDown, refusePermissions } from './security.ts';
import { readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

// This file becomes a chunk beside out/main/index.js.
const rendererFolder = fileURLToPath(new URL('../renderer', import.meta.url));
const preload = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));

// While developing, electron-vite serves the pages itself, with live reload.
const developmentServer = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
const isOwnPage = (address: string): boolean =>
  address.startsWith(`${APP_ORIGIN}/`) || (developmentServer !== undefined && address.startsWith(developmentServer));
const openOutside = (address: string): void => {
  if (isProjectAddress(address)) void shell.openExternal(address);
};

const commandLine = parseCommandLine(process.argv, app.isPackaged, process.cwd());
/** Files to open that came before there was a service. */
const early: string[] = [];
let service: AttendService | undefined;
let recent: RecentFiles | undefined;
let window: BrowserWindow | undefined;
/** The window and its page, from when it begins to open until it is closed. */
let opening: Promise<void> | undefined;
let isClosed = false;

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
lockDown(app, { isOwnPage, openOutside });

if (process.env['ATTEND_DATA']) keepWindowIn(join(resolve(process.env['ATTEND_DATA']), 'window'));

if (app.requestSingleInstanceLock({ files: commandLine.files })) {
  app.on('second-instance', (_event, _argv, _cwd, handed) => {
    show();
    void open(filesOfSecondInstance(handed));
  });
  // On a Mac, files that are dropped on the icon or opened with Attend; may come before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    show();
    void open([path]);
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
  app.whenReady().then(start).catch(fail);
} else {
  app.quit();
}

/** Who keeps the library elsewhere keeps the window's state there, too, and has an instance of the app for it. */
function keepWindowIn(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    app.setPath('userData', folder);
  } catch {
    // The library cannot be opened there either, which says why.
  }
}

async function start(): Promise<void> {
  const problem = await problemOf(commandLine);
  if (problem !== undefined) {
    dialog.showErrorBox(app.name, problem);
    app.exit(2);
    return;
  }
  refusePermissions(session.defaultSession);
  recent = await RecentFiles.open(join(app.getPath('userData'), 'recent.json'));
  const { model: captioner, translator } = commandLine;
  useDecoders({ start: startWithElectron(utilityProcess) });
  const running = await startService({
    door: 'electron',
    models: { captioner, translator, backend: process.env['ATTEND_BACKEND'] },
  });
  service = running;
  void running.announce(null);
  protocol.handle(APP_SCHEME, (request) => answerAppRequest(running, rendererFolder, request.url));
  const handlers = doorHandlers(running, {
    openDialog: (options) => (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options)),
    clipboard,
    clipboardItem: (items) => new ClipboardItem(items),
    shell,
    onOpened: remember,
  });
  const dragged = new DraggedFiles(running, join(app.getPath('userData'), 'dragged'));
  await dragged.clear();
  connectPages(handlers, running.events, {
    ipc: ipcMain,
    async drag(page, wanted) {
      const { file, icon } = await dragged.fileFor(wanted);
      page.startDrag({ file, icon: nativeImage.createFromBuffer(icon).resize({ width: 96 }) });
    },
    isOwnPage,
    pages: () => BrowserWindow.getAllWindows().map(({ webContents }) => webContents),
  });
  let finished: Notification | undefined;
  const seen = noticeWhenFinished(running.events, {
    isWanted: () => running.settings.page['notify'] === true && window?.isFocused() !== true,
    text: (done, failed) => texts().finished(done, failed),
    show(body) {
      // One that is there tells less than the next.
      finished?.close();
      finished = new Notification({ title: app.name, body });
      finished.on('click', show);
      finished.show();
    },
  });
  app.on('browser-window-focus', seen);
  buildMenu();
  let { language } = running.settings;
  running.events.subscribe('settings', (settings) => {
    if (settings.language === language) return;
    language = settings.language;
    buildMenu();
  });
  await openWindow();
  await open([...early.splice(0), ...commandLine.files]);
}

/** The window, opened where there is none; its page listens when the promise is kept. */
function openWindow(): Promise<void> {
  opening ??= createWindow().catch(fail);
  return opening;
}

async function createWindow(): Promise<void> {
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
    writeWindowState(file, { bounds: opened.getNormalBounds(), maximised: opened.isMaximized() });
  });
  opened.on('closed', () => {
    window = opening = undefined;
  });
  await opened.loadURL(developmentServer ?? APP_PAGE).catch((error: unknown) => {
    // Who closes a window while it loads wants no page.
    if (window === opened) throw error;
  });
}

function show(): void {
  if (!service) return;
  if (window?.isMinimized()) window.restore();
  if (window) window.focus();
  else void openWindow();
}

/** Opens files in the page, which must be there to hear of them. */
async function open(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  if (!service) {
    early.push(...paths);
    return;
  }
  await openWindow();
  const entries = await service.openFromOutside(paths);
  remember(entries.flatMap(({ error, path }) => (path !== null && error === null ? [path] : [])));
}

/** Says why there is nothing to see, and ends. */
function fail(error: unknown): void {
  dialog.showErrorBox(app.name, error instanceof Error ? error.message : String(error));
  app.exit(1);
}

function remember(paths: readonly string[]): void {
  for (const path of paths.slice(-10)) app.addRecentDocument(path);
  void recent?.add(paths).then(buildMenu);
}

function texts(): MenuTexts {
  return menuTexts(service?.settings.language ?? 'system', app.getPreferredSystemLanguages());
}

function buildMenu(): void {
  const template = menuTemplate({
    platform: process.platform,
    appName: app.name,
    texts: texts(),
    isDevelopment: !app.isPackaged,
    recent: recent?.paths ?? [],
    tell: (command) => service?.events.emit('menu', { command }),
    openRecent: (path) => void open([path]),
    clearRecent() {
      app.clearRecentDocuments();
      void recent?.clear().then(buildMenu);
    },
    openOutside,
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
