import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS, type AttendBridge, type BridgeAnswer } from '../contract/bridge.ts';
import type { EventName } from '../contract/events.ts';

const { electron, chrome, node } = process.versions;

/** Names that the page may not send: `addFiles` sends paths, and only of files that the user has dropped or chosen. */
const KEPT_BACK = new Set(['photos.open']);
/** Requests that the preload itself sends; the page counts from 1 upwards. */
let ownId = -1;

const send = (id: number, name: string, input: unknown): Promise<BridgeAnswer> =>
  ipcRenderer.invoke(CHANNELS.request, id, name, input) as Promise<BridgeAnswer>;

const bridge: AttendBridge = {
  versions: { electron, chrome, node },
  platform: process.platform,
  origin: 'app://attend',
  request(id, name, input) {
    if (!KEPT_BACK.has(name)) return send(id, name, input);
    return Promise.resolve({ error: { code: 'forbidden', message: 'The page names no paths.' } });
  },
  cancel: (id) => ipcRenderer.send(CHANNELS.cancel, id),
  addFiles(files) {
    const paths = files.map((file) => webUtils.getPathForFile(file as File)).filter((path) => path !== '');
    return paths.length > 0 ? send(ownId--, 'photos.open', { paths }) : Promise.resolve({ output: { photos: [] } });
  },
  onProgress(listener) {
    ipcRenderer.on(CHANNELS.progress, (_event, id: number, progress: unknown) => listener(id, progress));
  },
  onEvent(listener) {
    ipcRenderer.on(CHANNELS.event, (_event, name: EventName, event: unknown) => listener(name, event));
  },
};

contextBridge.exposeInMainWorld('attend', bridge);
