import {
  AttendError,
  EVENTS,
  Failure,
  type EventName,
  type EventOf,
  type Input,
  type Output,
  type Photo,
  type Progress,
  type RequestControl,
  type RequestName,
} from '../contract/contract.ts';
import type { AttendClient, Connection, PageTools } from './attend-client.ts';

/** How long things take, in milliseconds. */
export interface Patience {
  /** Before the stream of events is asked for again: at first, and at most after it has grown by each failure. */
  pause: number;
  longestPause: number;
  /** The server says something at least every 20 seconds; after so long a silence it is asked anew. */
  silence: number;
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
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  readonly #connectionListeners = new Set<(connection: Connection) => void>();
  #stream: AbortController | undefined;
  /** Whether events are heard, and what is known of the server where they are not. */
  #isListening = false;
  #connection: Connection | undefined;
  /** How often the server was found again. */
  #returns = 0;

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
  }

  url(address: string): string {
    // A picture that could not be loaded while the server was away is another one now.
    const again = this.#returns > 0 && address.startsWith('/photos/') ? `&again=${this.#returns}` : '';
    return `${this.#origin}${address}${again}`;
  }

  async request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    { onProgress, signal }: RequestControl<Name> = {},
  ): Promise<Output<Name>> {
    const isUpload = name === 'photos.upload';
    const upload = input as { name: string; bytes: Uint8Array<ArrayBuffer> };
    const query = isUpload ? `?name=${encodeURIComponent(upload.name)}` : '';
    try {
      const response = await fetch(`${this.#origin}/api/${name}${query}`, {
        method: 'POST',
        headers: {
          ...this.#headers,
          'content-type': isUpload ? 'application/octet-stream' : 'application/json',
          accept: onProgress ? 'application/x-ndjson' : 'application/json',
        },
        body: isUpload ? upload.bytes : JSON.stringify(input),
        ...(signal ? { signal } : {}),
      });
      if (!response.ok) throw await failureOf(response);
      if (!onProgress || !response.body) return (await response.json()) as Output<Name>;
      return await lastLine(response.body, onProgress);
    } catch (error) {
      throw asAttendError(error);
    }
  }

  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    if (!this.#stream) {
      this.#stream = new AbortController();
      void this.#listen(this.#stream.signal);
    }
    return () => {
      listeners.delete(listener);
      if ([...this.#listeners.values()].every((left) => left.size === 0)) {
        this.#stream?.abort();
        this.#stream = undefined;
        this.#isListening = false;
        this.#connection = undefined;
      }
    };
  }

  /** Told while somebody listens to events: it is their stream that shows whether the server is there. */
  onConnection(listener: (connection: Connection) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  async addFiles(
    files: readonly File[],
    { onAdded, signal }: { signal?: AbortSignal; onAdded?: (photo: Photo) => void } = {},
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
        const lost = code === 'connection-lost' && this.#stream ? files.slice(index) : [file];
        failed.push(...lost.map(({ name }) => ({ name, message })));
        if (lost.length > 1) break;
      }
    }
    return { photos, failed };
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
    if (!this.#stream) return false;
    const before = this.#returns;
    // A request that failed by itself, with the server in its place, has nothing to wait for.
    await pause(HEARSAY, signal);
    if (signal?.aborted) return false;
    if (this.#isListening) return this.#returns > before;
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

  /** Keeps the stream of events open: where it breaks, it is asked for again, sooner at first than later. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { longestPause, pause: first } = this.#patience;
    const isOver = (): boolean => signal.aborted;
    let wait = first;
    while (!isOver()) {
      try {
        await this.#follow(signal);
        // It was there, and ended: it may well be back at once.
        wait = first;
      } catch (error) {
        if (isOver()) return;
        const isRefused = error instanceof AttendError && ['unauthorized', 'forbidden'].includes(error.code);
        this.#become(isRefused ? 'refused' : 'lost');
      }
      await pause(wait, signal);
      wait = Math.min(longestPause, 2 * wait);
    }
  }

  /**
   * Tells all events of one stream, which is read with `fetch`: it can send a token, and knows why it fails.
   * @throws where there is no stream; when one breaks, that is its end
   */
  async #follow(signal: AbortSignal): Promise<void> {
    const silence = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), this.#patience.silence);
    };
    heard();
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(`${this.#origin}/events`, { headers: this.#headers, signal: either });
      if (!response.ok || !response.body) throw await failureOf(response);
      this.#isListening = true;
      this.#become('connected');
      try {
        for await (const block of blocks(response.body, '\n\n')) {
          heard();
          this.#tell(block);
        }
      } catch {
        // Broken off.
      }
    } finally {
      clearTimeout(timer);
      if (!signal.aborted) this.#isListening = false;
    }
  }

  /** Each connection is told, and each change to none. */
  #become(connection: Connection): void {
    const before = this.#connection;
    if (connection === before && connection !== 'connected') return;
    if (connection === 'connected' && before !== undefined) this.#returns++;
    this.#connection = connection;
    for (const listener of [...this.#connectionListeners]) call(listener, connection);
  }

  #tell(block: string): void {
    const name = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (name === undefined || data === undefined || !Object.hasOwn(EVENTS, name)) return;
    const event = JSON.parse(data) as never;
    for (const listener of [...(this.#listeners.get(name as EventName) ?? [])]) call(listener, event);
  }
}

/** Calls a listener. One that fails is the page's fault, and must not take the stream of events with it. */
function call<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Kept after so many milliseconds, or when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done);
  });
}

async function failureOf(response: Response): Promise<AttendError> {
  const body: unknown = await response.json().catch(() => undefined);
  const failure = Failure.safeParse((body as { error?: unknown } | undefined)?.error);
  if (failure.success) return new AttendError(failure.data.code, failure.data.message);
  return new AttendError('internal', `The server answered ${response.status}.`);
}

function asAttendError(error: unknown): AttendError {
  if (error instanceof AttendError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new AttendError('cancelled', 'Cancelled.');
  return new AttendError('connection-lost', 'Attend does not answer. Is it still running?', { cause: error });
}

async function lastLine<Name extends RequestName>(
  body: ReadableStream<Uint8Array>,
  onProgress: (progress: Progress<Name>) => void,
): Promise<Output<Name>> {
  for await (const line of blocks(body, '\n')) {
    const message = JSON.parse(line) as { progress?: Progress<Name>; output?: Output<Name>; error?: Failure };
    if (message.error) throw new AttendError(message.error.code, message.error.message);
    if ('output' in message) return message.output as Output<Name>;
    onProgress(message.progress as Progress<Name>);
  }
  throw new AttendError('connection-lost', 'Attend ended before it was done.');
}

/** The parts of a text stream between separators; empty ones left out. */
async function* blocks(stream: ReadableStream<Uint8Array>, separator: string): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const parts = rest.split(separator);
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '') yield part;
    }
  } finally {
    // Not awaited: a stream that was aborted never ends.
    void reader.cancel().catch(() => undefined);
  }
}
