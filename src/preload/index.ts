import { contextBridge } from 'electron';
import type { AttendApi } from './api.ts';

const { electron, chrome, node } = process.versions;
const api: AttendApi = { versions: { electron, chrome, node } };

contextBridge.exposeInMainWorld('attend', api);
