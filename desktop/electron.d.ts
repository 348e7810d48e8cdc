/**
 * Electron as far as Attend uses it, for who has not installed it (docs/decisions/electron-apart.md). Electron's own types
 * take its place in desktop/tsconfig.electron.json: what stands here and is not true of them fails there.
 */
declare namespace NodeJS {
  interface ProcessVersions {
    readonly electron: string;
    readonly chrome: string;
  }
}

declare module 'electron' {
  import type { EventEmitter } from 'node:events';

  interface Preventable {
    preventDefault(): void;
    readonly defaultPrevented: boolean;
  }

  // ------------------------------------------------------------------------------------------- the app and its windows

  interface App {
    readonly isPackaged: boolean;
    readonly name: string;
    on(
      event: 'second-instance',
      listener: (event: Preventable, argv: string[], cwd: string, handed: unknown) => void,
    ): this;
    on(event: 'open-file', listener: (event: Preventable, path: string) => void): this;
    on(event: 'window-all-closed' | 'activate' | 'browser-window-focus', listener: () => void): this;
    on(event: 'before-quit', listener: (event: Preventable) => void): this;
    on(event: 'web-contents-created', listener: (event: Preventable, contents: WebContents) => void): this;
    requestSingleInstanceLock(handed?: Record<string, unknown>): boolean;
    whenReady(): Promise<void>;
    quit(): void;
    exit(code?: number): void;
    getPath(name: 'userData'): string;
    setPath(name: string, path: string): void;
    getPreferredSystemLanguages(): string[];
    addRecentDocument(path: string): void;
    clearRecentDocuments(): void;
  }

  interface Rectangle {
    x: number;
    y: number;
    width: number;
    height: number;
  }

  interface WindowOptions extends Partial<Rectangle> {
    minWidth?: number;
    minHeight?: number;
    show?: boolean;
    webPreferences?: {
      preload?: string;
      contextIsolation?: boolean;
      sandbox?: boolean;
      nodeIntegration?: boolean;
      webSecurity?: boolean;
    };
  }

  class BrowserWindow {
    static getAllWindows(): BrowserWindow[];
    constructor(options?: WindowOptions);
    readonly webContents: WebContents;
    on(event: 'close', listener: (event: Preventable) => void): this;
    on(event: 'closed', listener: () => void): this;
    once(event: 'ready-to-show', listener: () => void): this;
    loadURL(address: string): Promise<void>;
    show(): void;
    focus(): void;
    restore(): void;
    maximize(): void;
    isMinimized(): boolean;
    isFocused(): boolean;
    isMaximized(): boolean;
    getNormalBounds(): Rectangle;
  }

  interface Navigation extends Preventable {
    url: string;
  }

  interface WebFrameMain {
    readonly url: string;
  }

  interface WebContents {
    readonly id: number;
    readonly mainFrame: WebFrameMain;
    on(event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate', listener: (details: Navigation) => void): this;
    on(event: 'will-attach-webview', listener: (event: Preventable) => void): this;
    once(event: 'destroyed', listener: () => void): this;
    off(event: 'destroyed', listener: () => void): this;
    setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void;
    isDestroyed(): boolean;
    send(channel: string, ...args: unknown[]): void;
    startDrag(item: { file: string; icon: NativeImage }): void;
  }

  interface NativeImage {
    resize(options: { width: number }): NativeImage;
  }

  type Role =
    | 'about'
    | 'clearRecentDocuments'
    | 'close'
    | 'copy'
    | 'cut'
    | 'front'
    | 'help'
    | 'hide'
    | 'hideOthers'
    | 'minimize'
    | 'paste'
    | 'quit'
    | 'recentDocuments'
    | 'redo'
    | 'reload'
    | 'resetZoom'
    | 'selectAll'
    | 'services'
    | 'toggleDevTools'
    | 'togglefullscreen'
    | 'undo'
    | 'unhide'
    | 'window'
    | 'zoom'
    | 'zoomIn'
    | 'zoomOut';

  interface MenuItemConstructorOptions {
    label?: string;
    role?: Role;
    type?: 'normal' | 'separator' | 'submenu';
    accelerator?: string;
    enabled?: boolean;
    click?: (item: unknown) => void;
    submenu?: MenuItemConstructorOptions[] | Menu;
  }

  class Menu {
    static buildFromTemplate(template: MenuItemConstructorOptions[]): Menu;
    static setApplicationMenu(menu: Menu | null): void;
    /** Makes a menu something of its own, as far as types go. */
    popup(): void;
  }

  // -------------------------------------------------------------------------------------------- messages and processes

  interface IpcMainInvokeEvent {
    readonly sender: WebContents;
    readonly senderFrame: WebFrameMain | null;
  }

  interface IpcMainEvent extends IpcMainInvokeEvent {
    reply: (channel: string, ...args: unknown[]) => void;
  }

  interface IpcMain {
    handle(channel: string, listener: (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown): void;
    on(channel: string, listener: (event: IpcMainEvent, ...args: unknown[]) => void): this;
  }

  interface IpcRenderer {
    invoke(channel: string, ...args: unknown[]): Promise<unknown>;
    send(channel: string, ...args: unknown[]): void;
    // What comes with a message is what its sender says it is.
    on(channel: string, listener: (event: unknown, ...args: never[]) => void): this;
  }

  interface UtilityProcess extends EventEmitter {
    readonly pid: number | undefined;
    postMessage(message: unknown): void;
    on(event: 'message', listener: (message: unknown) => void): this;
    once(event: 'exit', listener: (code: number) => void): this;
    once(event: 'spawn', listener: () => void): this;
  }

  // ---------------------------------------------------------------------------------------------------- the system's own

  interface Protocol {
    registerSchemesAsPrivileged(
      schemes: {
        scheme: string;
        privileges: { standard?: boolean; secure?: boolean; supportFetchAPI?: boolean; stream?: boolean };
      }[],
    ): void;
    handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void;
  }

  interface Session {
    setPermissionRequestHandler(
      handler: ((contents: WebContents, permission: string, answer: (isGranted: boolean) => void) => void) | null,
    ): void;
    setPermissionCheckHandler(handler: (() => boolean) | null): void;
    setDevicePermissionHandler(handler: (() => boolean) | null): void;
  }

  interface OpenDialogOptions {
    properties?: ('openFile' | 'openDirectory' | 'multiSelections' | 'createDirectory')[];
    filters?: { name: string; extensions: string[] }[];
  }

  interface OpenDialogReturnValue {
    canceled: boolean;
    filePaths: string[];
  }

  interface Dialog {
    showOpenDialog(window: BrowserWindow, options: OpenDialogOptions): Promise<OpenDialogReturnValue>;
    showOpenDialog(options: OpenDialogOptions): Promise<OpenDialogReturnValue>;
    showErrorBox(title: string, content: string): void;
  }

  interface Clipboard {
    read(): Promise<ClipboardItem[]>;
    write(items: ClipboardItem[]): Promise<void>;
    writeText(text: string): Promise<void>;
  }

  class Notification {
    constructor(options: { title: string; body: string });
    on(event: 'click', listener: () => void): this;
    show(): void;
    close(): void;
  }

  class ClipboardItem {
    constructor(items: Record<string, Blob>);
    readonly types: string[];
    /** A `Blob`, but for bookmarks. */
    getType(type: string): Promise<unknown>;
  }

  interface Shell {
    openExternal(address: string): Promise<void>;
    showItemInFolder(path: string): void;
  }

  const app: App;
  const clipboard: Clipboard;
  const contextBridge: { exposeInMainWorld(name: string, api: unknown): void };
  const dialog: Dialog;
  const ipcMain: IpcMain;
  const ipcRenderer: IpcRenderer;
  const nativeImage: { createFromBuffer(buffer: Buffer): NativeImage };
  const protocol: Protocol;
  const screen: { getAllDisplays(): { workArea: Rectangle }[] };
  const session: { defaultSession: Session };
  const shell: Shell;
  const utilityProcess: {
    fork(script: string, args: string[], options: { stdio: 'ignore'; serviceName: string }): UtilityProcess;
  };
  const webUtils: { getPathForFile(file: File): string };
}
