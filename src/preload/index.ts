import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS, type AttendBridge, type BridgeAnswer } from '../contract/bridge.ts';
import type { EventName } from '../contract/events.ts';

const { electron, chrome, node } = process.versions;

/** Requests that the preload itself sends; the page counts from 1 upwards. */
let ownId = -1;

const bridge: AttendBridge = {
  versions: { electron, chrome, node },
  platform: process.platform,
  origin: 'app://attend',
  request: (id, name, input) => ipcRenderer.invoke(CHANNELS.request, id, name, input) as Promise<BridgeAnswer>,
  cancel: (id) => ipcRenderer.send(CHANNELS.cancel, id),
  addFiles(files) {
    const paths = files.map((file) => webUtils.getPathForFile(file as File)).filter((path) => path !== '');
    if (paths.length === 0) return Promise.resolve({ output: { photos: [] } });
    // Paths, and only of files that the user has dropped or chosen: the page itself names none.
    return ipcRenderer.invoke(CHANNELS.addFiles, ownId--, paths) as Promise<BridgeAnswer>;
  },
  addModel: (folder) =>
    ipcRenderer.invoke(CHANNELS.addModel, ownId--, webUtils.getPathForFile(folder as File)) as Promise<BridgeAnswer>,
  drag: (photoId, map) => ipcRenderer.send(CHANNELS.drag, { photoId, map }),
  onProgress(listener) {
    ipcRenderer.on(CHANNELS.progress, (_event, id: number, progress: unknown) => listener(id, progress));
  },
  onEvent(listener) {
    ipcRenderer.on(CHANNELS.event, (_event, name: EventName, event: unknown) => listener(name, event));
  },
};

contextBridge.exposeInMainWorld('attend', bridge);
