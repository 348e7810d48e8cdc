import type { Batch } from './data/photos.ts';

/** What runs over many photos have come to while nobody looked: of several, a notice at the end tells all. */
export class MissedRuns {
  #done = 0;
  #failed = 0;

  /** A run has ended. @returns it, and those before it that nobody has seen */
  add({ done, failed }: Pick<Batch, 'done' | 'failed'>): { done: number; failed: number } {
    this.#done += done;
    this.#failed += failed;
    return { done: this.#done, failed: this.#failed };
  }

  /** Somebody looks. */
  seen(): void {
    this.#done = 0;
    this.#failed = 0;
  }
}
