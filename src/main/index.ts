import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, protocol, session } from 'electron';
import { APP_PAGE, APP_SCHEME, CONTENT_SECURITY_POLICY, resolveAppFile } from './app-files.ts';

// This file becomes out/main/index.js.
const rendererFolder = fileURLToPath(new URL('../renderer', import.meta.url));
const preload = fileURLToPath(new URL('../preload/index.cjs', import.meta.url));

// While developing, electron-vite serves the pages itself, with live reload.
const developmentServer = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

// Pages stay where they are: no other address, no second window, no embedded browser.
app.on('web-contents-created', (_event, contents) => {
  contents.on('will-navigate', (event) => {
    event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
});

app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit();
});

app.on('activate', () => {
  if (BrowserWindow.getAllWindows().length === 0) void openWindow();
});

// Not awaited: Electron becomes ready only after this module has run to its end.
void app.whenReady().then(start);

async function start(): Promise<void> {
  // Camera, location, notifications and the rest: Attend needs none of them.
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.defaultSession.setPermissionCheckHandler(() => false);
  protocol.handle(APP_SCHEME, serveAppFile);
  await openWindow();
}

async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1000,
    height: 720,
    show: false,
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
  });
  // Shown once there is something to see: no white flash.
  window.once('ready-to-show', () => {
    window.show();
  });
  await window.loadURL(developmentServer ?? APP_PAGE);
}

async function serveAppFile(request: Request): Promise<Response> {
  const file = resolveAppFile(rendererFolder, request.url);
  const bytes = file && (await readFile(file.path).catch(() => undefined));
  if (!file || !bytes) return new Response('Not found', { status: 404 });
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': file.contentType,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
    },
  });
}
