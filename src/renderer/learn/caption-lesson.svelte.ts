import { untrack } from 'svelte';
import type { CaptionTrace } from '../../contract/data/traces.ts';
import type { Desk } from '../state/desk.ts';
import { codeOf, isOfConnection, messageOf } from '../state/failure.ts';
import type { Library } from '../state/library.svelte.ts';
import { OfPhoto } from '../state/of-photo.svelte.ts';
import type { Panel } from '../state/places.ts';
import { countIn } from './panel-address.ts';
import { Stepping } from './stepping.svelte.ts';

/** Opens the photo that an address names. */
export function openWanted(library: Library, { photo }: Panel): void {
  if (photo !== undefined && photo !== library.currentId && library.get(photo)) library.open(photo);
}

/** The caption of the library's photo, and one of its words. Made by a component, with which its requests end. */
export class CaptionLesson extends OfPhoto {
  readonly stepping: Stepping;
  /** The words as the model has them; null until they are known. */
  words = $state.raw<readonly string[] | null>(null);
  /** Why there are none, where the photo cannot be captioned. */
  problem = $state('');
  /** Which of them; behind the last one, the end of the sentence. */
  place = $state(0);
  grid = $state.raw<readonly [number, number]>([1, 1]);
  /** The cell whose score can be changed. */
  cell = $state<number | null>(null);

  /** The word that an address leads to, until its caption is known. */
  #wanted: number | undefined;

  constructor(desk: Desk, library: Library, panel: Panel) {
    super(desk, library);
    openWanted(library, panel);
    this.#wanted = countIn(panel, 'word');
    this.stepping = new Stepping(desk, countIn(panel, 'step'));
    $effect(() => this.#caption());
    $effect(() => this.#trace());
    $effect(() => () => this.stepping.stop());
  }

  /** As an address has it. */
  readonly panel = $derived.by((): Panel =>
    this.photo
      ? { photo: this.photo.id, ...(this.words && { word: String(this.place), step: String(this.stepping.stage) }) }
      : {},
  );

  /** On to the next word, or back. */
  turn(by: number): void {
    const { length } = this.words ?? [];
    this.place = Math.max(0, Math.min(length, this.place + by));
  }

  /** Finds the words of the photo's caption; of one without, has it captioned. */
  #caption(): (() => void) | undefined {
    const id = this.photo?.id;
    const { returns: _returns } = this.desk;
    untrack(() => {
      this.words = null;
      this.problem = '';
      this.stepping.own = null;
    });
    if (id === undefined) return undefined;
    const control = new AbortController();
    void this.#find(id, control.signal);
    return () => control.abort();
  }

  async #find(photoId: string, signal: AbortSignal): Promise<void> {
    const { client } = this.desk;
    try {
      const { result } = await client.request('caption.get', { photoId }, { signal });
      const { captions } = result ?? (await client.request('caption.run', { photoId }, { signal }));
      if (!signal.aborted) this.#take(captions[0]?.words.map(({ word }) => word) ?? []);
    } catch (error) {
      const code = codeOf(error);
      // Once the service is there again, it is asked again.
      if (signal.aborted || code === 'cancelled' || isOfConnection(code)) return;
      this.problem = messageOf(error);
      this.desk.say(this.problem);
    }
  }

  #take(words: readonly string[]): void {
    this.words = words;
    // The first word is always “a”: the second one is worth a look.
    this.place = Math.min(this.#wanted ?? 2, words.length);
    this.#wanted = undefined;
    this.cell = null;
  }

  #trace(): void {
    const { photo, place, words } = this;
    if (!photo || !words) return;
    const input = { photoId: photo.id, prefix: words.slice(0, place) };
    untrack(() => {
      void this.stepping.begin(async (change, signal) => {
        const asked = { ...input, ...(change && { change }) };
        const { grid, step }: CaptionTrace = await this.desk.client.request('learn.caption', asked, { signal });
        this.grid = grid;
        return step;
      });
    });
  }
}
