import { AttendError } from '../contract/attend-error.ts';
import type { EventName, EventOf } from '../contract/events.ts';
import type { Connection } from './attend-client.ts';
import { blocks, failureOf } from './http-answers.ts';
import { pause } from './pause.ts';

/** How long the stream waits, in milliseconds. */
export interface StreamPatience {
  /** Before the stream is asked for again: at first, and at most after it has grown by each failure. */
  pause: number;
  longestPause: number;
  /** The server says something at least every 20 seconds; after so long a silence it is asked anew. */
  silence: number;
}

/** The server's events, heard as long as somebody listens; it is this stream that shows whether the server is there. */
export class EventStream {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #patience: StreamPatience;
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  readonly #connectionListeners = new Set<(connection: Connection) => void>();
  #stream: AbortController | undefined;
  #isHeard = false;
  /** What is known of the server where nothing is heard. */
  #connection: Connection | undefined;
  #returns = 0;

  constructor(address: string, headers: Readonly<Record<string, string>>, patience: StreamPatience) {
    this.#address = address;
    this.#headers = headers;
    this.#patience = patience;
  }

  /** Whether somebody listens. */
  get isWanted(): boolean {
    return this.#stream !== undefined;
  }

  /** Whether events arrive. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** How often the server was found again. */
  get returns(): number {
    return this.#returns;
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
        this.#isHeard = false;
        this.#connection = undefined;
      }
    };
  }

  /** Told while somebody listens to events: it is their stream that shows whether the server is there. */
  onConnection(listener: (connection: Connection) => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
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
      const response = await fetch(this.#address, { headers: this.#headers, signal: either });
      if (!response.ok || !response.body) throw await failureOf(response);
      this.#isHeard = true;
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
      if (!signal.aborted) this.#isHeard = false;
    }
  }

  /** Tells what became of the connection: every return of the server, anything else once. */
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
    const listeners = this.#listeners.get(name as EventName);
    if (data === undefined || !listeners) return;
    const event = JSON.parse(data) as never;
    for (const listener of [...listeners]) call(listener, event);
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
