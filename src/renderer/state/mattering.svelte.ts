import type { Desk } from './desk.ts';
import { codeOf, messageOf } from './failure.ts';

/** What maps show: where the model looked, or what its words depended on. */
export type MapsOf = 'looked' | 'mattered';
/** Captions whose maps are kept. */
const KEPT = 20;

/** Maps of what mattered, found when somebody wants them: it takes a look at the photo for each cell of the grid. */
export class Mattering {
  readonly #desk: Desk;
  /** What somebody wants maps to show. */
  of = $state<MapsOf>('looked');
  progress = $state.raw<{ done: number; total: number } | null>(null);
  problem = $state('');
  #found = $state.raw<ReadonlyMap<string, readonly (readonly number[])[]>>(new Map());
  #control = new AbortController();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Of each word of a caption; null where they are not wanted, or not known yet. */
  maps(photoId: string | null, words: readonly string[]): readonly (readonly number[])[] | null {
    return this.of === 'mattered' ? (this.#found.get(keyOf(photoId, words)) ?? null) : null;
  }

  /** Finds the maps of a caption, where they are wanted and not known. @returns what stops it */
  follow(photoId: string | null, words: readonly string[]): () => void {
    const key = keyOf(photoId, words);
    if (this.of === 'mattered' && photoId !== null && words.length > 0 && !this.#found.has(key)) {
      void this.#find(photoId, words, key);
    }
    return () => this.stop();
  }

  /** Ends what is being found; maps show where the model looked again. */
  cancel(): void {
    this.stop();
    this.of = 'looked';
  }

  stop(): void {
    this.#control.abort();
    this.#control = new AbortController();
    this.progress = null;
  }

  async #find(photoId: string, words: readonly string[], key: string): Promise<void> {
    const { signal } = this.#control;
    this.problem = '';
    this.progress = { done: 0, total: 1 };
    try {
      const { weights } = await this.#desk.client.request(
        'caption.mattered',
        { photoId, words: [...words] },
        { signal, onProgress: (progress) => (this.progress = signal.aborted ? null : progress) },
      );
      const kept = [...this.#found].slice(1 - KEPT);
      if (!signal.aborted) this.#found = new Map([...kept, [key, weights]]);
    } catch (error) {
      if (signal.aborted || codeOf(error) === 'cancelled') return;
      this.problem = messageOf(error);
      this.#desk.say(this.problem);
    }
    if (!signal.aborted) this.progress = null;
  }
}

const keyOf = (photoId: string | null, words: readonly string[]): string => `${photoId} ${words.join(' ')}`;
