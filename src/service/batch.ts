import type { CaptionOptions, CaptionResult } from '../contract/data/captions.ts';
import type { Batch } from '../contract/data/photos.ts';
import type { Library } from './library/library.ts';
import type { Entry } from './library/entry.ts';
import { toAttendError } from './describe-failure.ts';

/** How many of the last photos say how long the rest will take. */
const RECENT = 20;

type Outcome = 'done' | 'cancelled' | 'failed';
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
  #running: { id: string; options: CaptionOptions; controller: AbortController; isTaken: boolean } | undefined;
  /** Photos that waited and that somebody looks at: captioned beside the run, they count in it. */
  readonly #beside = new Set<Promise<void>>();
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

  /**
   * Captions a photo that somebody looks at. Where it is one of the run, it need not wait any more, and counts as ever;
   * where they look away before it is done, it waits again.
   */
  async beside<T>(id: string, caption: () => Promise<T>): Promise<T> {
    const running = this.#running?.id === id && !this.#running.controller.signal.aborted ? this.#running : undefined;
    const options = this.#waiting.get(id) ?? running?.options;
    if (!options) return caption();
    if (running) {
      running.isTaken = true;
      running.controller.abort();
    } else this.#forget(id);
    const run = this.#run;
    const captioned = caption();
    const counted = this.#outcome(id, captioned).then((outcome) => {
      this.#beside.delete(counted);
      const goesOn = run === this.#run && this.#state !== 'idle';
      if (goesOn && outcome === 'cancelled' && this.#library.has(id) && !this.#waiting.has(id)) {
        this.#waiting.set(id, options);
        this.#library.change(id, { state: 'waiting' });
      } else if (run === this.#run) this.#count(outcome);
      this.#onChange(this.status());
      this.#endIfOver();
    });
    this.#beside.add(counted);
    return captioned;
  }

  /** A photo that is removed need not wait any more. */
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
      if (!next && this.#state === 'running' && this.#beside.size > 0) {
        await Promise.race(this.#beside);
        continue;
      }
      if (!next) break;
      const [id, options] = next;
      this.#waiting.delete(id);
      const controller = new AbortController();
      const running = { id, options, controller, isTaken: false };
      this.#running = running;
      const run = this.#run;
      const begin = performance.now();
      const outcome = await this.#outcome(id, this.#caption(id, options, controller.signal));
      this.#running = undefined;
      if (run === this.#run && !running.isTaken) {
        this.#count(outcome);
        if (outcome !== 'cancelled') this.#milliseconds.push(performance.now() - begin);
        if (this.#milliseconds.length > RECENT) this.#milliseconds.shift();
      }
      this.#onChange(this.status());
    }
    if (this.#state === 'running') this.#to('idle');
    this.#endIfOver();
  }

  /** Paused at its last photo, it has nothing to go on with. */
  #endIfOver(): void {
    const left = this.#waiting.size + this.#beside.size + (this.#running ? 1 : 0);
    if (this.#state === 'paused' && left === 0) this.#to('idle');
  }

  /** One that was removed meanwhile is as good as cancelled, however far its caption was. */
  #outcome(id: string, captioned: Promise<unknown>): Promise<Outcome> {
    return captioned.then(
      () => (this.#library.has(id) ? 'done' : 'cancelled'),
      (error: unknown) =>
        !this.#library.has(id) || toAttendError(error).code === 'cancelled' ? 'cancelled' : 'failed',
    );
  }

  #count(outcome: Outcome): void {
    if (outcome === 'cancelled') this.#total = Math.max(0, this.#total - 1);
    else if (outcome === 'done') this.#done++;
    else this.#failed++;
  }
}
