import { existsSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { workerFile } from '../../files/worker-file.ts';
import type { ContentWord, ContentWordFinder } from './content-word.ts';

/** What the thread is started with. */
interface Connection {
  port: MessagePort;
  /** [answers that lie ready], shared. */
  answered: Int32Array;
}

/** Longer than any answer takes, the first one included; then the thread is given up. */
const PATIENCE = 10_000;

/**
 * Finds content words in a thread of its own. The tagger takes a quarter of a second to load, which goes on there while a
 * model is loaded here. Who asks waits for the answer, as if the words were found here.
 */
export class ContentWordsThread {
  readonly #port: MessagePort;
  readonly #answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  #isLost = false;

  /** @returns nothing where there is no built thread */
  static start(): ContentWordsThread | undefined {
    const file = workerFile('content-words');
    return existsSync(file) ? new ContentWordsThread(file) : undefined;
  }

  /** @param file its script, see `answerContentWords` */
  constructor(file: URL | string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: Connection = { port: port2, answered: this.#answered };
    this.#worker = new Worker(file, { workerData, transferList: [port2] });
    // Whoever waits is told by the clock; nobody else needs to know.
    this.#worker.on('error', () => (this.#isLost = true));
    this.#worker.unref();
    this.#port.unref();
  }

  /** Whether it ended, or did not answer. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** @returns null where the thread is lost */
  find(words: readonly string[]): ContentWord[] | null {
    if (this.#isLost) return null;
    this.#port.postMessage(words);
    if (Atomics.wait(this.#answered, 0, 0, PATIENCE) !== 'timed-out') {
      Atomics.store(this.#answered, 0, 0);
      const answer: { message: unknown } | undefined = receiveMessageOnPort(this.#port);
      if (answer) return answer.message as ContentWord[];
    }
    this.#isLost = true;
    void this.#worker.terminate();
    return null;
  }
}

/** Answers in the thread. @param workerData of the thread */
export function answerContentWords(workerData: unknown, find: ContentWordFinder): void {
  const { answered, port } = workerData as Connection;
  port.on('message', (words: string[]) => {
    port.postMessage(find(words));
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}
