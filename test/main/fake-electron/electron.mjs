// Electron as far as the app's main process uses it, without windows: everything that it is told is written down, and
// the parent process (launch.ts) asks for it and plays the user, the page and the system.
/* global structuredClone */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

const told = {
  schemes: [],
  /** Whether the app was ready when it was told. */
  lateSchemes: false,
  lock: undefined,
  paths: { userData: join(process.env.ATTEND_DATA ?? '', 'user-data') },
  windows: [],
  menu: [],
  recentDocuments: [],
  errors: [],
  outside: [],
  shown: [],
  notices: [],
  dragged: [],
  quits: 0,
  processes: 0,
};
const handlers = { protocol: new Map(), invoke: new Map(), message: new Map(), permission: {} };
let menu = [];
let chosen = { canceled: true, filePaths: [] };

// ------------------------------------------------------------------------------------------------------------- app

class App extends EventEmitter {
  name = 'Attend';
  isPackaged = process.env.FAKE_PACKAGED === '1';
  #isReady = false;
  #ready = deferred();

  whenReady = () => this.#ready.promise;
  isReady = () => this.#isReady;
  getPath = (name) => told.paths[name];
  setPath(name, path) {
    // As Electron does.
    if (!existsSync(path)) throw new Error(`Path does not exist: ${path}`);
    told.paths[name] = path;
  }
  getPreferredSystemLanguages = () => ['en-GB'];
  requestSingleInstanceLock = (data) => {
    told.lock = structuredClone(data);
    return process.env.FAKE_OTHER_INSTANCE !== '1';
  };
  addRecentDocument = (path) => told.recentDocuments.push(path);
  clearRecentDocuments = () => (told.recentDocuments.length = 0);

  getReady() {
    this.#isReady = true;
    this.#ready.resolve();
    this.emit('ready');
  }

  quit() {
    told.quits++;
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.exit(0);
  }

  exit(code) {
    process.send({ ended: code, told }, () => process.exit(code));
  }
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

export const app = new App();

// --------------------------------------------------------------------------------------------------------- windows

let nextId = 1;

class WebContents extends EventEmitter {
  id = nextId++;
  mainFrame = { url: 'about:blank' };
  sent = [];
  openHandler = undefined;

  setWindowOpenHandler = (handler) => (this.openHandler = handler);
  isDestroyed = () => false;
  startDrag = (item) => told.dragged.push(structuredClone(item));
  send(channel, ...parameters) {
    // What cannot be cloned cannot be sent.
    this.sent.push([channel, ...structuredClone(parameters)]);
  }
}

export class BrowserWindow extends EventEmitter {
  static all = [];
  static getAllWindows = () => BrowserWindow.all;
  webContents = new WebContents();
  #record;

  constructor(options) {
    super();
    this.#record = { options: structuredClone(options), loaded: null, calls: [] };
    told.windows.push(this.#record);
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(address) {
    const answer = await answerOf(address);
    if (answer.status !== 200) throw new Error(`ERR_FAILED loading ${address}`);
    this.#record.loaded = address;
    this.webContents.mainFrame.url = address;
    this.emit('ready-to-show');
  }

  close() {
    this.emit('close', {});
    BrowserWindow.all = BrowserWindow.all.filter((one) => one !== this);
    this.webContents.emit('destroyed');
    this.emit('closed');
    if (BrowserWindow.all.length === 0) app.emit('window-all-closed');
  }

  show = () => this.#record.calls.push('show');
  focus = () => this.#record.calls.push('focus');
  restore = () => this.#record.calls.push('restore');
  maximize = () => this.#record.calls.push('maximize');
  isFocused = () => false;
  isMinimized = () => process.env.FAKE_MINIMISED === '1';
  isMaximized = () => false;
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
}

// ------------------------------------------------------------------------------------------------------ processes

/** A process of Node in the place of Electron's: messages come as they do from the app. */
class UtilityProcess extends EventEmitter {
  #child;

  constructor(script) {
    super();
    this.#child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    told.processes++;
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('exit', (code) => this.emit('exit', code));
  }

  get pid() {
    return this.#child.pid;
  }

  postMessage(message) {
    if (!app.isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    this.#child.send(message);
  }
}

export const utilityProcess = { fork: (script) => new UtilityProcess(script) };

// ------------------------------------------------------------------------------------------------------ the others

export const protocol = {
  registerSchemesAsPrivileged(schemes) {
    told.schemes.push(...structuredClone(schemes));
    told.lateSchemes ||= app.isReady();
  },
  handle: (scheme, handler) => handlers.protocol.set(scheme, handler),
};

export const ipcMain = {
  handle: (channel, handler) => handlers.invoke.set(channel, handler),
  on: (channel, handler) => handlers.message.set(channel, handler),
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler) => (handlers.permission.request = handler),
    setPermissionCheckHandler: (handler) => (handlers.permission.check = handler),
    setDevicePermissionHandler: (handler) => (handlers.permission.device = handler),
  },
};

export const Menu = {
  buildFromTemplate: (template) => template,
  setApplicationMenu(template) {
    menu = template;
    told.menu = template.map(({ label, submenu }) => ({
      label,
      items: submenu?.map((item) => item.label ?? item.role),
    }));
  },
};

export const dialog = {
  showOpenDialog: () => Promise.resolve(chosen),
  showErrorBox: (title, content) => told.errors.push({ title, content }),
};

export const shell = {
  openExternal: (address) => Promise.resolve(void told.outside.push(address)),
  showItemInFolder: (path) => told.shown.push(path),
};

export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] };

export const clipboard = {
  read: () => Promise.resolve([]),
  write: () => Promise.resolve(),
  writeText: () => Promise.resolve(),
};

export class ClipboardItem {}

export class Notification extends EventEmitter {
  #options;

  constructor(options) {
    super();
    this.#options = structuredClone(options);
  }

  show = () => told.notices.push(this.#options);
}

export const nativeImage = {
  createFromBuffer: (bytes) => ({ bytes: bytes.length, resize: ({ width }) => ({ bytes: bytes.length, width }) }),
};

// ------------------------------------------------------------------------------------------------- what is asked for

async function answerOf(address) {
  const { protocol: scheme } = new URL(address);
  const handler = handlers.protocol.get(scheme.slice(0, -1));
  if (!handler) return { status: 0, headers: {}, body: '' };
  const response = await handler({ url: address, method: 'GET' });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: Object.fromEntries(response.headers), body: body.toString('base64') };
}

const page = () => BrowserWindow.all.at(-1).webContents;

/** An event that can be prevented. @returns whether it was */
function fire(contents, name, details) {
  let isPrevented = false;
  contents.emit(name, { preventDefault: () => (isPrevented = true), ...details });
  return isPrevented;
}

const commands = {
  told: () => told,
  async ready() {
    // The app has run to its end before it becomes ready.
    await globalThis.mainHasRun;
    await turn();
    app.getReady();
  },
  fetch: answerOf,
  /** @returns whether it is granted: asked for, checked, and as a device */
  async permission(name) {
    const { check, device, request } = handlers.permission;
    const asked = await new Promise((resolve) => request(page(), name, resolve));
    return [asked, check(page(), name), device({ deviceType: name })];
  },
  navigate: (name, url) => fire(page(), name, { url }),
  embed: () => fire(page(), 'will-attach-webview', {}),
  openWindow: (url) => page().openHandler({ url }).action,
  /** A request of the page; of another frame or address where one is given. */
  invoke(channel, parameters, frame) {
    const sender = page();
    return handlers.invoke.get(channel)({ sender, senderFrame: frame ?? sender.mainFrame }, ...parameters);
  },
  /** A message of the page that wants no answer. */
  message(channel, parameters) {
    const sender = page();
    return handlers.message.get(channel)({ sender, senderFrame: sender.mainFrame }, ...parameters);
  },
  sent: () => page().sent,
  click(...path) {
    const item = path.reduce(({ submenu }, wanted) => submenu.find(({ label }) => label === wanted), { submenu: menu });
    item.click();
  },
  choose: (filePaths) => (chosen = { canceled: false, filePaths }),
  secondInstance: (data) => app.emit('second-instance', {}, ['another', 'order'], '/', data),
  /** @returns whether the app takes it upon itself */
  openFile(path) {
    let isPrevented = false;
    app.emit('open-file', { preventDefault: () => (isPrevented = true) }, path);
    return isPrevented;
  },
  closeWindow: () => BrowserWindow.all.at(-1).close(),
  activate: () => app.emit('activate'),
  quit: () => app.quit(),
};

process.on('message', ({ id, command, parameters }) => {
  Promise.resolve()
    .then(() => commands[command](...parameters))
    .then(
      (value) => process.send({ id, value }),
      (error) => process.send({ id, error: error.stack }),
    );
});
process.on('disconnect', () => process.exit(1));
