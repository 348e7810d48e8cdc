import type { MapKind } from '../../contract/constants/map-kinds.ts';
import type { Word } from '../../contract/data/captions.ts';
import { wordSaid } from '../../contract/word-said.ts';
import { shareInside, type Region } from '../attention/region.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import { placeName } from './place-name.ts';

/** How long each word's map is shown while the sentence is played. */
const PLAY_STEP = 800;

/** What can be pointed at. */
interface Seen {
  /** The words of the caption that is shown, and the grid of their maps. */
  readonly words: readonly Word[];
  readonly grid: readonly [number, number];
  /** What is drawn of each word; empty where nothing is. */
  readonly maps: readonly (readonly number[])[];
  readonly hasMaps: boolean;
  /** Whether words are still coming. */
  readonly running: boolean;
}

/** Which word and which region of the photo the user is at. */
export class Pointer {
  readonly #seen: Seen;
  readonly #desk: Pick<Desk, 'say'>;

  /**
   * A word of another caption that is pointed at, with the grid of its map where another captioner wrote it, and with what
   * that map shows where it is not what those of the shown caption do.
   */
  foreign = $state.raw<(Word & { readonly grid?: readonly [number, number]; readonly of?: MapKind }) | null>(null);
  hovered = $state<number | null>(null);
  stepped = $state<number | null>(null);
  played = $state<number | null>(null);
  pinned = $state.raw<readonly number[]>([]);
  why = $state<number | null>(null);
  /** The marked region, and the one around the pointer. */
  region = $state.raw<Region | null>(null);
  pointed = $state.raw<Region | null>(null);
  /** Cells to be outlined on the photo: what was blanked. */
  outlined = $state.raw<readonly number[]>([]);

  /** The word whose map lies over the photo. */
  readonly active = $derived.by(
    () =>
      this.hovered ??
      this.played ??
      this.stepped ??
      this.why ??
      this.pinned.at(-1) ??
      (this.#seen.running && this.#seen.words.length > 0 ? this.#seen.words.length - 1 : null),
  );
  readonly activeWeights = $derived.by((): readonly number[] | null => {
    if (this.foreign) return this.foreign.weights;
    // Whoever marks a region looks at the photo, not at a map; a word that is pointed at comes first all the same.
    if (this.pointed && this.hovered === null && this.played === null && this.pinned.length === 0) return null;
    const map = this.active === null ? undefined : this.#seen.maps[this.active];
    return map && map.length > 0 ? map : null;
  });
  /** The grid of that map. */
  readonly activeGrid = $derived.by(() => this.foreign?.grid ?? this.#seen.grid);
  readonly compared = $derived(
    this.pinned.length === 2 && this.foreign === null && this.hovered === null && this.played === null,
  );
  /** How much of each word's attention fell into the marked region, or around the pointer; null without one. */
  readonly shares = $derived.by((): readonly number[] | null => {
    const region = this.region ?? this.pointed;
    if (!region || !this.#seen.hasMaps) return null;
    return this.#seen.words.map(({ weights }) =>
      weights.length > 0 ? shareInside(weights, this.#seen.grid, region) : 0,
    );
  });

  #playing: ReturnType<typeof setTimeout> | undefined;

  constructor(seen: Seen, desk: Pick<Desk, 'say'>) {
    this.#seen = seen;
    this.#desk = desk;
  }

  hover(index: number | null): void {
    this.hovered = index;
  }

  /** Moves to a word by the keyboard, and says where its map lies. */
  stepTo(index: number): void {
    this.stop();
    this.stepped = index;
    const spoken = this.spoken(index);
    if (spoken !== undefined) this.#desk.say(spoken);
  }

  /** "dog: lower left" */
  spoken(index: number): string | undefined {
    const word = this.#seen.words[index];
    if (!word) return undefined;
    const place = this.placeOfMap(index);
    return place === undefined ? wordSaid(word) : i18n.t.caption.looked(wordSaid(word), place);
  }

  /** Where a word looked, in words. */
  place(index: number): string {
    return placeName(this.#seen.words[index]?.weights ?? [], this.#seen.grid);
  }

  /** Where the map lies that is drawn of a word, in words; nothing where none is. */
  placeOfMap(index: number): string | undefined {
    const map = this.#seen.maps[index];
    return map && map.length > 0 ? placeName(map, this.#seen.grid) : undefined;
  }

  /** Pins a word; a second one beside it; a third in the second's place. A pinned one is let go. */
  pin(index: number): void {
    this.stop();
    this.stepped = null;
    if (this.pinned.includes(index)) this.pinned = this.pinned.filter((other) => other !== index);
    else this.pinned = [...this.pinned.slice(0, 1), index];
    if (this.pinned.length > 0) this.why = null;
    this.outlined = [];
    // Otherwise the word under the pointer would hide the comparison.
    if (this.pinned.length === 2) this.hovered = null;
  }

  openWhy(index: number | null): void {
    this.why = index;
    this.outlined = [];
  }

  /** Shows the words' maps one after another; again: stops. */
  play(): void {
    if (this.played !== null) {
      this.stop();
      return;
    }
    this.stepped = null;
    const next = (index: number): void => {
      if (index >= this.#seen.words.length) {
        this.stop();
        return;
      }
      this.played = index;
      this.#playing = setTimeout(() => next(index + 1), PLAY_STEP);
    };
    next(0);
  }

  stop(): void {
    clearTimeout(this.#playing);
    this.played = null;
  }

  /** Lets go of all words. */
  letGo(): void {
    this.stop();
    this.hovered = this.stepped = this.why = null;
    this.foreign = null;
    this.pinned = [];
    this.outlined = [];
  }

  /** Lets go of the marked region. */
  unmark(): void {
    this.region = this.pointed = null;
  }
}
