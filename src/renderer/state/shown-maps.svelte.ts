import { toBeFound, type FoundMaps, type MapKind } from '../../contract/constants/map-kinds.ts';
import type { Desk } from './desk.ts';
import { codeOf, messageOf } from './failure.ts';

/** Who wrote a caption. */
export interface Writer {
  /** The captioner. */
  readonly model?: string | undefined;
  /** Of its weights then. */
  readonly checksum?: string | undefined;
}

/** Captions whose maps are kept. */
const KEPT = 20;

/** What maps show. Others than where the model looked are found when somebody wants them. */
export class ShownMaps {
  readonly #desk: Desk;
  #wanted = $state<MapKind>('looked');
  progress = $state.raw<{ done: number; total: number } | null>(null);
  problem = $state('');
  #found = $state.raw<ReadonlyMap<string, readonly (readonly number[])[]>>(new Map());
  #control = new AbortController();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** What somebody wants maps to show, as far as the captioner has it. */
  get of(): MapKind {
    return this.#desk.mapKinds.includes(this.#wanted) ? this.#wanted : 'looked';
  }

  set of(kind: MapKind) {
    this.#wanted = kind;
  }

  /** Of each word of a caption; null where none are to be found, or they are not known yet. */
  maps(photoId: string | null, words: readonly string[], writer: Writer = {}): readonly (readonly number[])[] | null {
    const kind = toBeFound(this.of);
    return kind ? (this.#found.get(keyOf(kind, photoId, words, writer)) ?? null) : null;
  }

  /**
   * Finds the maps of a caption, where they are wanted and not known.
   * @returns what stops it
   */
  follow(photoId: string | null, words: readonly string[], writer: Writer = {}): () => void {
    const kind = toBeFound(this.of);
    // What went wrong was of other maps.
    this.problem = '';
    if (kind && photoId !== null && words.length > 0 && !this.#found.has(keyOf(kind, photoId, words, writer))) {
      void this.#find(kind, photoId, words, writer);
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

  async #find(kind: FoundMaps, photoId: string, words: readonly string[], writer: Writer): Promise<void> {
    const { signal } = this.#control;
    const key = keyOf(kind, photoId, words, writer);
    // What the model saw once it knew the word is there at once.
    if (kind === 'mattered') this.progress = { done: 0, total: 1 };
    try {
      const { weights } = await this.#desk.client.request(
        `caption.${kind}`,
        { photoId, words: [...words], ...writer },
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

/** Other captioners have other maps of the same words. */
function keyOf(kind: FoundMaps, photoId: string | null, words: readonly string[], writer: Writer): string {
  return `${writer.model} ${writer.checksum} ${kind} ${photoId} ${words.join(' ')}`;
}
