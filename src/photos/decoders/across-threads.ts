import { BroadcastChannel, threadId } from 'node:worker_threads';
import { CannotDecode } from './decoder-pool.ts';
import type { Decoded, DecodeTask, Reason } from './protocol.ts';

const CHANNEL = 'attend: photos to decode';

/** From a thread: a photo, or that it is not wanted any more. */
type Question = { from: number; id: number; task: DecodeTask } | { from: number; id: number; cancel: true };

/** To a thread, among all that listen: how its photo went. */
type Answer = { to: number; id: number } & ({ decoded: Decoded } | { failure: Reason } | { error: string });

/** In the main thread: decodes what other threads ask for. */
export function answerThreads(decode: (task: DecodeTask, signal: AbortSignal) => Promise<Decoded>): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  const running = new Map<string, AbortController>();
  listen(channel, (question) => {
    if (!('from' in question)) return;
    const { from, id } = question;
    const key = `${from} ${id}`;
    if ('cancel' in question) {
      running.get(key)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(key, controller);
    const answer = (message: Answer): void => channel.postMessage(message);
    decode(question.task, controller.signal)
      .then((decoded) => answer({ to: from, id, decoded }))
      .catch((error: unknown) => {
        if (error instanceof CannotDecode) {
          answer({ to: from, id, failure: { code: error.code, reason: error.reason } });
        } else if (!controller.signal.aborted) {
          answer({ to: from, id, error: error instanceof Error ? error.message : String(error) });
        }
      })
      .finally(() => running.delete(key));
  });
}

/** In another thread: lets the main thread decode. */
export class AskingThread {
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  constructor() {
    this.#channel.unref();
    listen(this.#channel, (answer) => {
      if ('to' in answer && answer.to === threadId) this.#pending.get(answer.id)?.(answer);
    });
  }

  decode(task: DecodeTask, signal?: AbortSignal): Promise<Decoded> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const id = this.#nextId++;
    const ask = (question: Question): void => this.#channel.postMessage(question);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(id);
        if (this.#pending.size === 0) this.#channel.unref();
      };
      const abort = (): void => {
        end();
        ask({ from: threadId, id, cancel: true });
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort);
      this.#channel.ref();
      this.#pending.set(id, (answer) => {
        end();
        if ('decoded' in answer) resolve(answer.decoded);
        else reject('failure' in answer ? new CannotDecode(answer.failure) : new Error(answer.error));
      });
      ask({ from: threadId, id, task });
    });
  }
}

function listen(channel: BroadcastChannel, listener: (message: Question | Answer) => void): void {
  channel.onmessage = (event) => listener((event as unknown as MessageEvent).data as Question | Answer);
}
