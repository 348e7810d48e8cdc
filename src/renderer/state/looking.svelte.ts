import type { Caption, CaptionOptions, CaptionResult, PartialCaption, Word } from '../../contract/data/captions.ts';
import type { Failure } from '../../contract/data/failure.ts';
import type { Photo } from '../../contract/data/photos.ts';
import type { Output } from '../../contract/requests.ts';
import { shownWords, tiedWords } from '../attention/align-words.ts';
import { placeOf, shareInside, type Region } from '../attention/region.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { App } from './app.svelte.ts';
import { codeOf, isOfConnection, messageOf } from './failure.ts';

/** How long each word's map is shown while the sentence is played. */
const PLAY_STEP = 800;
/** `shown` of the caption written by hand. */
const BY_HAND = -1;

/** The photo that is looked at: its captions, and which word, region and alternative the user is at. */
export class Looking {
  readonly #app: App;

  photoId = $state<string | null>(null);
  result = $state.raw<CaptionResult | null>(null);
  /** Captions that were asked for but are not the photo's: drawn at random, or decoded on from another word. */
  drawn = $state.raw<readonly Caption[]>([]);
  edited = $state<string | null>(null);
  /** Keywords chosen by hand; null where those found in the captions count. */
  chosenKeywords = $state.raw<readonly string[] | null>(null);
  partial = $state.raw<PartialCaption | null>(null);
  running = $state(false);
  error = $state.raw<Failure | null>(null);

  /** Which caption stands under the photo: an index of `captions`, or −1 for the one written by hand. */
  shown = $state(0);
  /** A word of another caption that is pointed at. */
  foreign = $state.raw<Word | null>(null);
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
  editing = $state(false);
  /** What the editor holds. */
  draft = '';
  sheet = $state(false);
  others = $state(false);

  readonly captions = $derived<readonly Caption[]>([...(this.result?.captions ?? []), ...this.drawn]);
  readonly keywords = $derived<readonly string[]>(this.chosenKeywords ?? this.result?.keywords ?? []);
  readonly grid = $derived<readonly [number, number]>(this.partial?.grid ?? this.result?.grid ?? [1, 1]);
  /** The model's words that the shown caption's maps belong to. */
  readonly words = $derived<readonly Word[]>(
    this.partial?.words ?? this.captions[Math.max(0, this.shown)]?.words ?? [],
  );
  /** Whether the words began as somebody wanted, and not as the model would have it. */
  readonly isGuided = $derived(this.shown === 0 && this.partial === null && (this.result?.given ?? 0) > 0);
  readonly isByHand = $derived(this.shown === BY_HAND && this.edited !== null && this.partial === null);
  /** The caption as it is read. */
  readonly text = $derived(
    this.isByHand ? (this.edited ?? '') : (this.captions[Math.max(0, this.shown)]?.caption ?? ''),
  );
  readonly line = $derived(
    this.isByHand ? tiedWords(this.edited ?? '', this.words) : shownWords(this.words, this.partial === null),
  );
  readonly hasMaps = $derived(this.words.some(({ weights }) => weights.length > 0));
  /** The word whose map lies over the photo. */
  readonly active = $derived(
    this.hovered ??
      this.played ??
      this.stepped ??
      this.why ??
      this.pinned.at(-1) ??
      (this.running && this.words.length > 0 ? this.words.length - 1 : null),
  );
  readonly activeWeights = $derived.by((): readonly number[] | null => {
    if (this.foreign) return this.foreign.weights;
    // Whoever marks a region looks at the photo, not at a map; a word that is pointed at comes first all the same.
    if (this.pointed && this.hovered === null && this.played === null && this.pinned.length === 0) return null;
    const word = this.active === null ? undefined : this.words[this.active];
    return word && word.weights.length > 0 ? word.weights : null;
  });
  readonly compared = $derived(
    this.pinned.length === 2 && this.foreign === null && this.hovered === null && this.played === null,
  );
  /** How much of each word's attention fell into the marked region, or around the pointer; null without one. */
  readonly shares = $derived.by((): readonly number[] | null => {
    const region = this.region ?? this.pointed;
    if (!region || !this.hasMaps) return null;
    return this.words.map(({ weights }) => (weights.length > 0 ? shareInside(weights, this.grid, region) : 0));
  });

  #run: AbortController | undefined;
  #playing: ReturnType<typeof setTimeout> | undefined;

  constructor(app: App) {
    this.#app = app;
  }

  /** Looks at another photo: shows what is known of it, and captions it where nothing is. */
  open(id: string | null): void {
    if (id === this.photoId) return;
    this.leave();
    this.#run?.abort();
    this.photoId = id;
    this.#forget();
    this.result = null;
    this.edited = null;
    this.chosenKeywords = null;
    if (id !== null) void this.#begin(id);
  }

  /** Whoever turns to another photo, or another place, while writing has not given it up: it is kept. */
  leave(): void {
    const draft = this.draft.trim();
    if (this.editing && draft !== '' && draft !== this.text) void this.keepEdited(draft);
    this.editing = false;
  }

  async #begin(id: string): Promise<void> {
    const app = this.#app;
    const known = await app.attempt(app.client.request('caption.get', { photoId: id }));
    if (!known || !this.#waitsFor(id)) return;
    this.#show(known);
    const photo = app.library.get(id);
    const isReadable = photo !== undefined && photo.width > 0;
    if (photo?.error) this.error = photo.error;
    else if (!known.result && isReadable && app.settings.captionOnOpen) await this.caption();
  }

  /** The service is back: what it has not answered is asked again. */
  again(): void {
    const id = this.photoId;
    if (id === null || this.running || this.result || (this.error && !isOfConnection(this.error.code))) return;
    this.error = null;
    void this.#begin(id);
  }

  #show({ edited, keywords, result }: Output<'caption.get'>): void {
    this.result = result;
    this.edited = edited;
    this.chosenKeywords = keywords;
    this.shown = edited === null ? 0 : BY_HAND;
  }

  /** Captions the photo anew. */
  caption(): Promise<void> {
    return this.#decode({});
  }

  /** Goes on from words of the model: those before one, and another in its place. */
  decodeFrom(prefix: readonly string[]): Promise<void> {
    return this.#decode({ prefix: [...prefix] });
  }

  /** Lets the model finish what somebody began. */
  finish(start: string): Promise<void> {
    return this.#decode({ start });
  }

  /** Draws another caption at random. */
  another(): Promise<void> {
    return this.#decode({ sample: { temperature: 0.9, topP: 0.9 }, alternatives: 0 });
  }

  async #decode(options: CaptionOptions): Promise<void> {
    const { client, settings } = this.#app;
    const photoId = this.photoId;
    if (photoId === null) return;
    this.#run?.abort();
    const run = (this.#run = new AbortController());
    this.#letGo();
    this.error = null;
    this.running = true;
    // What was written by hand stays the photo's caption: the model's next one is shown beside it.
    const keep = options.sample === undefined && this.edited === null;
    try {
      const result = await client.request(
        'caption.run',
        {
          alternatives: settings.alternatives,
          ...(settings.beam === null ? {} : { beam: settings.beam }),
          ...options,
          photoId,
          keep,
        },
        {
          signal: run.signal,
          onProgress: (partial) => {
            if (this.#run === run) this.partial = partial;
          },
        },
      );
      if (this.#run !== run) return;
      if (keep || !this.result) {
        this.result = result;
        this.drawn = [];
        this.shown = this.edited !== null && !options.sample && !options.prefix && !options.start ? BY_HAND : 0;
      } else {
        const [best] = result.captions;
        const same = this.captions.findIndex(({ caption }) => caption === best?.caption);
        if (same < 0 && best) this.drawn = [...this.drawn, best];
        this.shown = same < 0 ? this.captions.length - 1 : same;
      }
      this.#app.say(i18n.t.caption.done(this.text));
    } catch (error) {
      if (this.#run !== run) return;
      const code = codeOf(error);
      const failure = { code: code ?? ('internal' as const), message: error instanceof Error ? error.message : '' };
      // With a caption on the screen a message in the corner is enough.
      if (code !== 'cancelled' && this.result) this.#app.problem(messageOf(error));
      else if (code !== 'cancelled') this.error = failure;
    } finally {
      if (this.#run === run) {
        this.running = false;
        this.partial = null;
      }
    }
  }

  cancel(): void {
    this.#run?.abort();
  }

  /** Asks anew where the service has another caption of this photo: from the batch, or from another window. */
  async refresh({ caption, edited, id }: Photo): Promise<void> {
    if (id !== this.photoId || this.running) return;
    const held = this.edited ?? this.result?.captions[0]?.caption ?? null;
    if (this.result && held === caption && (this.edited !== null) === edited) return;
    const known = await this.#app.attempt(this.#app.client.request('caption.get', { photoId: id }));
    if (!known || !this.#waitsFor(id)) return;
    this.#letGo();
    this.drawn = [];
    this.#show(known);
    this.error = null;
  }

  /**
   * Keeps a caption in the user's words; null goes back to the model's.
   * @param photoId the photo that it was written for, where another one is looked at by now
   */
  async keepEdited(caption: string | null, photoId = this.photoId): Promise<void> {
    if (photoId === null) return;
    const photo = await this.#app.attempt(this.#app.client.request('caption.edit', { photoId, caption }));
    if (!photo) return;
    this.#app.library.apply([photo], []);
    if (this.photoId !== photoId) return;
    this.#letGo();
    this.edited = caption;
    this.shown = caption === null ? 0 : BY_HAND;
    this.editing = false;
  }

  /**
   * Keeps the photo's keywords as somebody chose them.
   *
   * @param keywords null goes back to those found in the captions
   * @returns whether they were kept
   */
  async keepKeywords(keywords: readonly string[] | null): Promise<boolean> {
    const { photoId } = this;
    if (photoId === null) return false;
    const input = { photoId, keywords: keywords && [...keywords] };
    const kept = await this.#app.attempt(this.#app.client.request('caption.keywords', input));
    if (kept && this.photoId === photoId) this.chosenKeywords = kept.keywords;
    return kept !== undefined;
  }

  /** Makes one of the captions the photo's. */
  async choose(index: number): Promise<void> {
    const photoId = this.photoId;
    const caption = this.captions[index];
    if (photoId === null || !caption) return;
    if (index < (this.result?.captions.length ?? 0)) {
      if (this.edited !== null) await this.keepEdited(null);
      const result = await this.#app.attempt(this.#app.client.request('caption.choose', { photoId, caption: index }));
      if (!result || this.photoId !== photoId) return;
      this.result = result;
      this.shown = 0;
    } else {
      // The model did not find it by itself, so it is kept as the user's.
      await this.keepEdited(caption.caption);
    }
    this.#letGo();
  }

  show(index: number): void {
    this.#letGo();
    this.shown = index;
  }

  hover(index: number | null): void {
    this.hovered = index;
  }

  /** Moves to a word by the keyboard, and says where it looked. */
  stepTo(index: number): void {
    this.stop();
    this.stepped = index;
    const spoken = this.spoken(index);
    if (spoken !== undefined) this.#app.say(spoken);
  }

  /** "dog: lower left" */
  spoken(index: number): string | undefined {
    const word = this.words[index];
    if (!word) return undefined;
    return word.weights.length > 0 ? i18n.t.caption.looked(word.word, this.place(index)) : word.word;
  }

  /** Where a word looked, in words. */
  place(index: number): string {
    return placeName(this.words[index]?.weights ?? [], this.grid);
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
      if (index >= this.words.length) {
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

  /** Lets go of whatever is held, the latest first. @returns whether something was */
  escape(): boolean {
    if (this.played !== null) this.stop();
    else if (this.editing) this.editing = false;
    else if (this.why !== null) this.openWhy(null);
    else if (this.region) this.region = null;
    else if (this.pinned.length > 0) this.pinned = [];
    else if (this.stepped !== null) this.stepped = null;
    else if (this.sheet) this.sheet = false;
    else if (this.others) this.others = false;
    else return false;
    return true;
  }

  /** Whether an answer about a photo still matters: nothing newer is under way. */
  #waitsFor(id: string): boolean {
    return this.photoId === id && !this.running;
  }

  #letGo(): void {
    this.stop();
    this.hovered = this.stepped = this.why = null;
    this.foreign = null;
    this.pinned = [];
    this.outlined = [];
    this.editing = false;
  }

  #forget(): void {
    this.#letGo();
    this.drawn = [];
    this.partial = null;
    this.running = false;
    this.error = null;
    this.region = this.pointed = null;
    this.shown = 0;
  }
}

/** Where attention lay, in the words of the language in use. */
export function placeName(weights: readonly number[], grid: readonly [number, number]): string {
  const { regions } = i18n.t;
  const place = placeOf(weights, grid);
  if (place === 'everywhere') return regions.everywhere;
  if (place === 'nowhere') return regions.nowhere;
  return regions.names[place.row]?.[place.column] ?? regions.nowhere;
}
