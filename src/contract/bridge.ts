import type { Failure } from './data/failure.ts';
import type { EventName } from './events.ts';

/**
 * What the preload gives the page in Electron, as `window.attend`. Nothing but values and functions of values can
 * cross that border, so errors come as values and an abort is a call; `BridgeClient` makes the API of it.
 */
export interface AttendBridge {
  readonly versions: Readonly<Record<'electron' | 'chrome' | 'node', string>>;
  /** process.platform, for the look of shortcuts. */
  readonly platform: string;
  /** The origin that pictures come from: another than the page's own while developing. */
  readonly origin: string;
  /** @param id the page's own number for this request */
  request(id: number, name: string, input: unknown): Promise<BridgeAnswer>;
  cancel(id: number): void;
  /** Adds files by their paths, which the page itself never names. */
  addFiles(files: readonly unknown[]): Promise<BridgeAnswer>;
  /** Adds a model by the folder that was dropped, which the page itself never names. */
  addModel(folder: unknown): Promise<BridgeAnswer>;
  /** Begins to drag a photo out of the window, or the picture of a word (null: the contact sheet) of one of its captions. */
  drag(photoId: string, map: { caption: number; word: number | null } | null): void;
  onProgress(listener: (id: number, progress: unknown) => void): void;
  onEvent(listener: (name: EventName, event: unknown) => void): void;
}

export type BridgeAnswer = { output: unknown } | { error: Failure };

/** The channels between main and preload; every message of the app is one of these. */
export const CHANNELS = {
  request: 'attend:request',
  addFiles: 'attend:add-files',
  addModel: 'attend:add-model',
  cancel: 'attend:cancel',
  drag: 'attend:drag',
  progress: 'attend:progress',
  event: 'attend:event',
} as const;
