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
import type { AttendClient, PageTools } from './attend-client.ts';

const RETRY = 2000;

/** The API over loopback HTTP, for a page that the server itself has served. */
export class HttpClient implements AttendClient {
  readonly door = 'browser';
  readonly #tools: PageTools;
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  #stream: AbortController | undefined;

  /**
   * @param origin of the server; nothing where the page comes from it
   * @param headers sent with every request (a script's token; a page has its cookie)
   */
  constructor(tools: PageTools, origin = '', headers: Readonly<Record<string, string>> = {}) {
    this.#tools = tools;
    this.#origin = origin;
    this.#headers = headers;
  }

  url(address: string): string {
    return `${this.#origin}${address}`;
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
      const response = await fetch(this.url(`/api/${name}${query}`), {
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
      }
    };
  }

  async addFiles(
    files: readonly File[],
    { onAdded, signal }: { signal?: AbortSignal; onAdded?: (photo: Photo) => void } = {},
  ): Promise<{ photos: Photo[]; failed: { name: string; message: string }[] }> {
    const photos: Photo[] = [];
    const failed: { name: string; message: string }[] = [];
    for (const file of files) {
      try {
        const bytes = new Uint8Array(await file.arrayBuffer());
        const photo = await this.request(
          'photos.upload',
          { name: file.name || 'photo', bytes },
          { ...(signal && { signal }) },
        );
        photos.push(photo);
        onAdded?.(photo);
      } catch (error) {
        const { code, message } = asAttendError(error);
        if (code === 'cancelled') break;
        failed.push({ name: file.name, message });
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

  /** Server-sent events, read with `fetch`: it can send a token, and knows why it fails. */
  async #listen(signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        const response = await fetch(this.url('/events'), { headers: this.#headers, signal });
        if (!response.ok || !response.body) throw await failureOf(response);
        for await (const block of blocks(response.body, '\n\n')) this.#tell(block);
      } catch {
        // The server is gone, or not yet back.
      }
      if (!isOver()) await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  #tell(block: string): void {
    const name = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (name === undefined || data === undefined || !Object.hasOwn(EVENTS, name)) return;
    const event = JSON.parse(data) as never;
    for (const listener of [...(this.#listeners.get(name as EventName) ?? [])]) listener(event);
  }
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
