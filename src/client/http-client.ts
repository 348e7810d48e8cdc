import type { RequestControl } from '../contract/api.ts';
import { AttendError } from '../contract/attend-error.ts';
import { PIECE, publishedFiles } from '../contract/constants/published-files.ts';
import type { Photo } from '../contract/data/photos.ts';
import type { EventName, EventOf } from '../contract/events.ts';
import type { Input, Output, RequestName } from '../contract/requests.ts';
import type { AttendClient, Connection, DroppedFolder, PageTools } from './attend-client.ts';
import { EventStream, type StreamPatience } from './event-stream.ts';
import { asAttendError, failureOf, lastLine } from './http-answers.ts';
import { pause } from './pause.ts';

/** How long things take, in milliseconds. */
export interface Patience extends StreamPatience {
  /** How long an upload waits for a server that went away. */
  upload: number;
}

const PATIENCE: Patience = { pause: 250, longestPause: 5_000, silence: 60_000, upload: 60_000 };
/** The stream may hear a little later than a request that the server is gone. */
const HEARSAY = 500;

/** The API over loopback HTTP, for a page that the server itself has served. */
export class HttpClient implements AttendClient {
  readonly door = 'browser';
  readonly #tools: PageTools;
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #patience: Patience;
  readonly #events: EventStream;

  /**
   * @param origin of the server; nothing where the page comes from it
   * @param headers sent with every request (a script's token; a page has its cookie)
   */
  constructor(
    tools: PageTools,
    origin = '',
    headers: Readonly<Record<string, string>> = {},
    patience: Partial<Patience> = {},
  ) {
    this.#tools = tools;
    this.#origin = origin;
    this.#headers = headers;
    this.#patience = { ...PATIENCE, ...patience };
    this.#events = new EventStream(`${origin}/events`, headers, this.#patience);
  }

  url(address: string): string {
    // A picture that could not be loaded while the server was away is another one now.
    const again = this.#events.returns > 0 && address.startsWith('/photos/') ? `&again=${this.#events.returns}` : '';
    return `${this.#origin}${address}${again}`;
  }

  async request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    { onProgress, signal }: RequestControl<Name> = {},
  ): Promise<Output<Name>> {
    const { bytes, ...rest } = input as { bytes?: Uint8Array<ArrayBuffer> };
    const query = bytes ? `?${new URLSearchParams(rest as Record<string, string>).toString()}` : '';
    try {
      const response = await fetch(`${this.#origin}/api/${name}${query}`, {
        method: 'POST',
        headers: {
          ...this.#headers,
          'content-type': bytes ? 'application/octet-stream' : 'application/json',
          accept: onProgress ? 'application/x-ndjson' : 'application/json',
        },
        body: bytes ?? JSON.stringify(input),
        ...(signal ? { signal } : {}),
      });
      if (!response.ok) throw await failureOf(response);
      if (!onProgress || !response.body) return (await response.json()) as Output<Name>;
      return await lastLine(response.body, onProgress);
    } catch (error) {
      throw asAttendError(error);
    }
  }

  async addModel(
    { files, name }: DroppedFolder,
    { onProgress, signal }: RequestControl<'models.add'> = {},
  ): Promise<Output<'models.addFolder'>> {
    const { small, weights } = publishedFiles(files.map((file) => file.name));
    const sent = files.filter((file) => small.includes(file.name) || weights.includes(file.name));
    const listed = sent.map((file) => ({ name: file.name, bytes: file.size }));
    const control = signal ? { signal } : {};
    const { upload } = await this.request('models.beginUpload', { name, files: listed }, control);
    try {
      const of = listed.reduce((sum, { bytes }) => sum + bytes, 0);
      let done = 0;
      for (const file of sent) {
        for (let at = 0; at < file.size; at += PIECE) {
          onProgress?.({ stage: 'load', bytes: done, of });
          const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
          await this.request('models.upload', { upload, file: file.name, at, bytes }, control);
          done += bytes.length;
        }
      }
      onProgress?.({ stage: 'convert', bytes: of, of });
    } catch (error) {
      // Whoever gave it up has still to say so.
      await this.request('models.endUpload', { upload, add: false }).catch(() => undefined);
      throw asAttendError(error);
    }
    const { name: added } = await this.request('models.endUpload', { upload, add: true }, control);
    if (added === null) throw new AttendError('internal', 'The model was not added.');
    return { name: added };
  }

  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    return this.#events.subscribe(name, listener);
  }

  /** Told while somebody listens to events. */
  onConnection(listener: (connection: Connection) => void): () => void {
    return this.#events.onConnection(listener);
  }

  async addFiles(
    files: readonly File[],
    {
      onAdded,
      onFailed,
      signal,
    }: { signal?: AbortSignal; onAdded?: (photo: Photo) => void; onFailed?: () => void } = {},
  ): Promise<{ photos: Photo[]; failed: { name: string; message: string }[] }> {
    const photos: Photo[] = [];
    const failed: { name: string; message: string }[] = [];
    for (const [index, file] of files.entries()) {
      try {
        const bytes = new Uint8Array(await file.arrayBuffer());
        const photo = await this.#upload({ name: file.name || 'photo', bytes }, signal);
        photos.push(photo);
        onAdded?.(photo);
      } catch (error) {
        const { code, message } = asAttendError(error);
        if (code === 'cancelled') break;
        // Who does not come back does not come back for the others.
        const lost = code === 'connection-lost' && this.#events.isWanted ? files.slice(index) : [file];
        failed.push(...lost.map(({ name }) => ({ name, message })));
        for (const _ of lost) onFailed?.();
        if (lost.length > 1) break;
      }
    }
    return { photos, failed };
  }

  dragFile(): boolean {
    return false;
  }

  download(file: { address: string; name: string }): void {
    this.#tools.download(this.url(file.address), file.name);
  }

  copyText(text: string): Promise<void> {
    return this.#tools.copyText(text);
  }

  /** Sends a photo; where the server goes away meanwhile, once more when it is back. */
  async #upload(photo: Input<'photos.upload'>, signal: AbortSignal | undefined): Promise<Photo> {
    // Also where it has been aborted by then.
    const send = (): Promise<Photo> => this.request('photos.upload', photo, { ...(signal && { signal }) });
    try {
      return await send();
    } catch (error) {
      if (asAttendError(error).code !== 'connection-lost') throw error;
      if (!(await this.#isBack(signal)) && !signal?.aborted) throw error;
      return send();
    }
  }

  /** @returns whether the server went away and is back */
  async #isBack(signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#events.isWanted) return false;
    const before = this.#events.returns;
    // A request that failed by itself, with the server in its place, has nothing to wait for.
    await pause(HEARSAY, signal);
    if (signal?.aborted) return false;
    if (this.#events.isHeard) return this.#events.returns > before;
    return new Promise((resolve) => {
      const done = (isBack: boolean) => (): void => {
        clearTimeout(timer);
        end();
        signal?.removeEventListener('abort', abort);
        resolve(isBack);
      };
      const end = this.onConnection((connection) => {
        if (connection === 'connected') done(true)();
      });
      const abort = done(false);
      const timer = setTimeout(abort, this.#patience.upload);
      signal?.addEventListener('abort', abort);
    });
  }
}
