import { isDrawing } from '../sniff-format.ts';
import { tooMuchMemory, tooMuchTime } from './sentences.ts';
import { ALL_MEMORY, LEAST_MEMORY, MOST_MEMORY, MOST_MILLISECONDS } from './budget.ts';
import type { DecoderProcess, StartDecoder } from './decoder-process.ts';
import type { Decoded, DecodeTask, FromDecoder, Reason } from './protocol.ts';

/** A decoder without work ends after so many milliseconds. */
const IDLE_MILLISECONDS = 30_000;
/** One that keeps more bytes than this after a photo is replaced. */
const MOST_RESIDENT = 300_000_000;
/** How often a photo is tried at which a decoder ended without a word. */
const TRIES = 2;

/** A photo that cannot be decoded: why, without its name. */
export class CannotDecode extends Error implements Reason {
  readonly code: Reason['code'];
  readonly reason: string;
  /** Whether it was given up for what it is, after it took its share: it would be again. */
  readonly isLasting: boolean;

  constructor({ code, reason }: Reason, isLasting = false) {
    super(reason);
    this.code = code;
    this.reason = reason;
    this.isLasting = isLasting;
  }
}

interface Job {
  readonly task: DecodeTask;
  readonly signal: AbortSignal | undefined;
  /** Bytes that it may take. */
  allowance: number;
  tries: number;
  resolve(decoded: Decoded): void;
  reject(error: Error): void;
}

interface Worker {
  readonly process: DecoderProcess;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
  /** What it said before it ended itself; or that it was ended, since nothing came. */
  over: 'memory' | 'time' | 'silence' | undefined;
}

/**
 * Decodes photos in processes of their own, one photo in each at a time. A photo that takes more time or memory than
 * its budget, or that nobody waits for any more, takes its process with it and nothing else; what all of them take
 * together has a limit, too. One process is left to photos that take their moment, whatever else there is: those of which
 * that cannot be known never have them all. Processes start when they are needed, stay while there is work, and end with this one.
 */
export class DecoderPool {
  readonly #start: () => DecoderProcess;
  readonly #limit: number;
  readonly #workers = new Set<Worker>();
  /** In the order of asking. */
  readonly #waiting: Job[] = [];

  /**
   * @param start starts a process of `serveDecodes`
   * @param script its script
   * @param limit how many there are at most; of two or more, one is never given what may take seconds
   */
  constructor(start: StartDecoder, script: string, limit: number) {
    this.#start = () => start(script);
    this.#limit = limit;
  }

  /** Starts a process beforehand, so that the first photo does not wait for it. */
  warm(): void {
    if (this.#workers.size === 0) this.#idle(this.#add());
  }

  /** @throws CannotDecode; the signal's reason when it is aborted, at once */
  decode(task: DecodeTask, signal?: AbortSignal): Promise<Decoded> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        const place = this.#waiting.indexOf(job);
        if (place >= 0) this.#waiting.splice(place, 1);
        for (const worker of this.#workers) if (worker.job === job) this.#end(worker);
        job.reject(signal?.reason as Error);
        this.#next();
      };
      const done = (): void => signal?.removeEventListener('abort', abort);
      const job: Job = {
        task,
        signal,
        allowance: LEAST_MEMORY,
        tries: 0,
        resolve(decoded) {
          done();
          resolve(decoded);
        },
        reject(error) {
          done();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort);
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** Begins what fits into the budget. */
  #next(): void {
    for (let place = 0; place < this.#waiting.length;) {
      const job = this.#waiting[place] as Job;
      if (job.signal?.aborted) {
        // Its turn to hear of it is still to come.
        this.#waiting.splice(place, 1);
        continue;
      }
      const slow = [...this.#workers].filter((one) => one.job && mayBeSlow(one.job)).length;
      if (mayBeSlow(job) && slow >= Math.max(1, this.#limit - 1)) {
        place++;
        continue;
      }
      const worker = this.#freeWorker();
      if (!worker) return;
      const running = [...this.#workers].flatMap((one) => (one.job ? [one.job.allowance] : []));
      const fits = running.reduce((sum, bytes) => sum + bytes, job.allowance) <= ALL_MEMORY;
      if (fits) {
        this.#waiting.splice(place, 1);
        this.#begin(worker, job);
      } else {
        this.#idle(worker);
        // Small ones may pass a large one while another large one runs; else it would wait for ever.
        if (running.every((bytes) => bytes === LEAST_MEMORY)) return;
        place++;
      }
    }
  }

  #freeWorker(): Worker | undefined {
    for (const worker of this.#workers) if (!worker.job) return worker;
    return this.#workers.size < this.#limit ? this.#add() : undefined;
  }

  #add(): Worker {
    const process = this.#start();
    const worker: Worker = { process, job: undefined, timer: undefined, over: undefined };
    this.#workers.add(worker);
    process.onMessage((message) => this.#hear(worker, message));
    process.onExit(() => this.#lose(worker));
    return worker;
  }

  #begin(worker: Worker, job: Job): void {
    clearTimeout(worker.timer);
    worker.job = job;
    job.tries++;
    worker.process.keepAlive(true);
    worker.timer = setTimeout(() => {
      worker.over = 'silence';
      this.#end(worker);
      this.#lose(worker);
    }, MOST_MILLISECONDS);
    worker.process.send({ task: job.task, allowance: job.allowance });
  }

  #hear(worker: Worker, message: FromDecoder): void {
    const { job } = worker;
    if (!job || !this.#workers.has(worker)) return;
    if ('over' in message) {
      worker.over = message.over;
      return;
    }
    worker.job = undefined;
    if (message.resident > MOST_RESIDENT) this.#end(worker);
    else this.#idle(worker);
    if ('decoded' in message) job.resolve(message.decoded);
    else if ('failure' in message) job.reject(new CannotDecode(message.failure));
    else {
      job.allowance = Math.min(MOST_MEMORY, Math.ceil(message.needs * 1.15));
      job.tries--;
      this.#waiting.unshift(job);
    }
    this.#next();
  }

  /** A process without work keeps nobody waiting, and ends after a while. */
  #idle(worker: Worker): void {
    clearTimeout(worker.timer);
    worker.process.keepAlive(false);
    worker.timer = setTimeout(() => this.#end(worker), IDLE_MILLISECONDS).unref();
  }

  /** Ends a process, and whatever it does. */
  #end(worker: Worker): void {
    clearTimeout(worker.timer);
    this.#workers.delete(worker);
    worker.process.keepAlive(false);
    worker.process.kill();
  }

  /** A process has ended: by itself, or at a photo that broke the decoder. */
  #lose(worker: Worker): void {
    const { job, over } = worker;
    const isKnown = this.#workers.delete(worker) || over !== undefined;
    clearTimeout(worker.timer);
    worker.job = undefined;
    if (!job || !isKnown) return;
    if (over === 'memory' && job.allowance < MOST_MEMORY) {
      // Its header promised less: once more, and nearly alone.
      job.allowance = MOST_MEMORY;
      this.#waiting.unshift(job);
    } else if (over !== undefined) {
      const reason = over === 'memory' ? tooMuchMemory() : tooMuchTime();
      // A disk that does not answer may answer the next time.
      job.reject(new CannotDecode({ code: 'too-large', reason }, over !== 'silence'));
    } else if (job.tries < TRIES) {
      this.#waiting.unshift(job);
    } else {
      const reason = 'the file is damaged so that reading it stops the decoder. Copy or download it again.';
      job.reject(new CannotDecode({ code: 'unreadable', reason }, true));
    }
    this.#next();
  }
}

/** Whether a photo may take seconds: a drawing, whose bytes say nothing of that, or one that needs much memory. */
function mayBeSlow({ allowance, task }: Job): boolean {
  return allowance > LEAST_MEMORY || ('bytes' in task.data && isDrawing(task.data.bytes));
}
