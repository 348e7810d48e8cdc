import type { AttendBridge, BridgeAnswer } from '../contract/bridge.ts';
import type { RequestControl } from '../contract/api.ts';
import { AttendError } from '../contract/attend-error.ts';
import type { Photo } from '../contract/data/photos.ts';
import type { EventName, EventOf } from '../contract/events.ts';
import type { Input, Output, RequestName } from '../contract/requests.ts';
import type { AttendClient, Connection, DroppedFolder, PageTools } from './attend-client.ts';

/** The API over the bridge of Electron's preload. */
export class BridgeClient implements AttendClient {
  readonly door = 'electron';
  readonly #bridge: AttendBridge;
  readonly #tools: Pick<PageTools, 'download'>;
  readonly #progress = new Map<number, (progress: never) => void>();
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  #nextId = 1;

  constructor(bridge: AttendBridge, tools: Pick<PageTools, 'download'>) {
    this.#bridge = bridge;
    this.#tools = tools;
    bridge.onProgress((id, progress) => this.#progress.get(id)?.(progress as never));
    bridge.onEvent((name, event) => {
      for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(event as never);
    });
  }

  url(address: string): string {
    return `${this.#bridge.origin}${address}`;
  }

  async request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    { onProgress, signal }: RequestControl<Name> = {},
  ): Promise<Output<Name>> {
    if (signal?.aborted) throw new AttendError('cancelled', 'Cancelled.');
    const id = this.#nextId++;
    const cancel = (): void => this.#bridge.cancel(id);
    signal?.addEventListener('abort', cancel);
    if (onProgress) this.#progress.set(id, onProgress);
    try {
      return outputOf(await this.#bridge.request(id, name, input)) as Output<Name>;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#progress.delete(id);
    }
  }

  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The service lives as long as its window. */
  onConnection(listener: (connection: Connection) => void): () => void {
    let isWanted = true;
    queueMicrotask(() => {
      if (isWanted) listener('connected');
    });
    return () => {
      isWanted = false;
    };
  }

  async addFiles(
    files: readonly File[],
    { onAdded }: { signal?: AbortSignal; onAdded?: (photo: Photo) => void } = {},
  ): Promise<{ photos: Photo[]; failed: { name: string; message: string }[] }> {
    const { photos } = outputOf(await this.#bridge.addFiles(files)) as Output<'photos.open'>;
    for (const photo of photos) onAdded?.(photo);
    return { photos, failed: [] };
  }

  async addModel({ files: [folder] }: DroppedFolder): Promise<Output<'models.addFolder'>> {
    return outputOf(await this.#bridge.addModel(folder)) as Output<'models.addFolder'>;
  }

  dragFile(photoId: string, map: { caption: number; word: number | null } | null): boolean {
    this.#bridge.drag(photoId, map);
    return true;
  }

  download(file: { address: string; name: string }): void {
    this.#tools.download(this.url(file.address), file.name);
  }

  async copyText(text: string): Promise<void> {
    await this.request('export.copy', { text });
  }
}

function outputOf(answer: BridgeAnswer): unknown {
  if ('error' in answer) throw new AttendError(answer.error.code, answer.error.message);
  return answer.output;
}
