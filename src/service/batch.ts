import type { CaptionOptions, CaptionResult } from '../contract/data/captions.ts';
import type { Batch } from '../contract/data/photos.ts';
import type { Library } from './library/library.ts';
import type { Entry } from './library/entry.ts';
import { toAttendError } from './describe-failure.ts';

/** How many of the last photos say how long the rest will take. */
const RECENT = 20;

type Caption = (id: string, options: CaptionOptions, signal: AbortSignal) => Promise<CaptionResult>;

/** Captions many photos in the background, one after the other, and keeps count. */
export class BatchRun {
  readonly #library: Library;
  readonly #caption: Caption;
  readonly #onChange: (batch: Batch) => void;
  /** Photos that wait, with the options that they were asked for with. */
  readonly #waiting = new Map<string, CaptionOptions>();
  readonly #milliseconds: number[] = [];
  #state: Batch['state'] = 'idle';
  #total = 0;
  #done = 0;
  #failed = 0;
  #running: { id: string; controller: AbortController } | undefined;
  /** Counts the runs: what is left of one that was cancelled does not count in the next. */
  #run = 0;

  /** @param caption must keep its result in the library */
  constructor(library: Library, caption: Caption, onChange: (batch: Batch) => void) {
    this.#library = library;
    this.#caption = caption;
    this.#onChange = onChange;
    // What a crash left waiting can be gone on with.
    for (const { id, state } of library.list()) {
      if (state === 'waiting' || state === 'running') {
        library.change(id, { state: 'waiting' });
        this.#waiting.set(id, {});
      }
    }
    if (this.#waiting.size > 0) {
      this.#state = 'paused';
      this.#total = this.#waiting.size;
    }
  }

  status(): Batch {
    const mean = this.#milliseconds.reduce((sum, one) => sum + one, 0) / this.#milliseconds.length;
    const left = this.#waiting.size + (this.#running ? 1 : 0);
    return {
      state: this.#state,
      total: this.#total,
      done: this.#done,
      failed: this.#failed,
      secondsLeft: this.#milliseconds.length === 0 || this.#state === 'idle' ? null : Math.ceil((mean * left) / 1000),
    };
  }

  /** @param ids left out: all photos without a caption */
  start(ids: readonly string[] | undefined, again: boolean, options: CaptionOptions): Batch {
    // One that was cancelled, and has not heard of it yet.
    const given = this.#running?.controller.signal.aborted ? this.#running.id : undefined;
    const isWanted = ({ caption, id, width, state }: Entry): boolean => {
      if (width === 0) return false;
      if (again) return true;
      // What failed is tried again only where somebody names it.
      return ids === undefined ? state === 'none' || (id === given && caption === null) : state !== 'done';
    };
    const wanted = (
      ids?.flatMap((id) => (this.#library.has(id) ? [this.#library.get(id)] : [])) ?? this.#library.list()
    ).filter(isWanted);
    if (this.#state === 'idle') {
      this.#run++;
      [this.#total, this.#done, this.#failed] = [0, 0, 0];
      this.#milliseconds.length = 0;
    }
    for (const { id } of wanted) {
      if (this.#waiting.has(id) || (this.#running?.id === id && id !== given)) continue;
      this.#waiting.set(id, options);
      this.#total++;
      this.#library.change(id, { state: 'waiting', error: null });
    }
    return this.resume();
  }

  pause(): Batch {
    if (this.#state === 'running') this.#to('paused');
    return this.status();
  }

  resume(): Batch {
    if (this.#state !== 'running' && this.#waiting.size > 0) {
      this.#to('running');
      if (!this.#running) void this.#work();
    } else this.#onChange(this.status());
    return this.status();
  }

  /** Forgets what waits and stops what runs. */
  cancel(): Batch {
    for (const id of [...this.#waiting.keys()]) this.#forget(id);
    this.#running?.controller.abort();
    this.#to('idle');
    return this.status();
  }

  /** A photo that is removed, or that is captioned meanwhile, need not wait any more. */
  forget(id: string): void {
    if (this.#running?.id === id) this.#running.controller.abort();
    if (!this.#waiting.has(id)) return;
    this.#forget(id);
    this.#total = Math.max(0, this.#total - 1);
    this.#onChange(this.status());
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    if (!this.#library.has(id)) return;
    const { state, caption } = this.#library.get(id);
    if (state === 'waiting') this.#library.change(id, { state: caption === null ? 'none' : 'done' });
  }

  #to(state: Batch['state']): void {
    this.#state = state;
    this.#onChange(this.status());
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#state === 'running' ? this.#waiting.entries().next().value : undefined;
      if (!next) break;
      const [id, options] = next;
      this.#waiting.delete(id);
      const controller = new AbortController();
      this.#running = { id, controller };
      const run = this.#run;
      const begin = performance.now();
      const outcome = await this.#caption(id, options, controller.signal).then(
        () => 'done' as const,
        // Removed when its caption was found already, it has not failed.
        (error: unknown) =>
          toAttendError(error).code === 'cancelled' || !this.#library.has(id) ? 'cancelled' : 'failed',
      );
      this.#running = undefined;
      if (run === this.#run) this.#count(outcome, performance.now() - begin);
      this.#onChange(this.status());
    }
    if (this.#state === 'running') this.#to('idle');
  }

  #count(outcome: 'done' | 'cancelled' | 'failed', milliseconds: number): void {
    if (outcome === 'cancelled') {
      this.#total = Math.max(0, this.#total - 1);
      return;
    }
    if (outcome === 'done') this.#done++;
    else this.#failed++;
    this.#milliseconds.push(milliseconds);
    if (this.#milliseconds.length > RECENT) this.#milliseconds.shift();
  }
}
