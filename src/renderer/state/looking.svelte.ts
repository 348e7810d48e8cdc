import type { MapKind } from '../../contract/constants/map-kinds.ts';
import { isNotSure } from '../../contract/constants/not-sure-below.ts';
import type { Caption, CaptionOptions, CaptionResult, PartialCaption, Word } from '../../contract/data/captions.ts';
import type { Failure } from '../../contract/data/failure.ts';
import type { Photo } from '../../contract/data/photos.ts';
import type { Output } from '../../contract/requests.ts';
import { pause } from '../../client/pause.ts';
import { shownWords, tiedWords } from '../attention/align-words.ts';
import { areOnePlaces } from '../../maps/one-place.ts';
import { halfArea } from '../attention/sharpness.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import { codeOf, isOfConnection, messageOf } from './failure.ts';
import type { Library } from './library.svelte.ts';
import { ShownMaps, type Writer } from './shown-maps.svelte.ts';
import { OtherCaptioners } from './other-captioners.svelte.ts';
import { Panels } from './panels.svelte.ts';
import { Pointer } from './pointer.svelte.ts';

/** `shown` of the caption written by hand. */
const BY_HAND = -1;
/** Milliseconds after which captions that are not those of the list are asked for once more. */
const SECOND_THOUGHT = 1000;

/** The photo that is looked at: its captions, which of them is shown, and what is asked about it. */
export class Looking {
  readonly #desk: Desk;
  readonly #library: Pick<Library, 'get' | 'apply'>;
  readonly pointer: Pointer;
  readonly panels = new Panels();
  readonly shownMaps: ShownMaps;
  readonly others: OtherCaptioners;

  photoId = $state<string | null>(null);
  result = $state.raw<CaptionResult | null>(null);
  /** Captions that were asked for but are not the photo's: drawn at random, or decoded on from another word. */
  drawn = $state.raw<readonly { readonly caption: Caption; readonly writer: Writer }[]>([]);
  edited = $state<string | null>(null);
  /** Keywords chosen by hand; null where those found in the captions count. */
  chosenKeywords = $state.raw<readonly string[] | null>(null);
  partial = $state.raw<PartialCaption | null>(null);
  running = $state(false);
  /** Whether words of the caption are still to come. */
  readonly coming = $derived(this.running && this.partial?.isWhole !== true);
  error = $state.raw<Failure | null>(null);

  /** Which caption stands under the photo: an index of `captions`, or −1 for the one written by hand. */
  shown = $state(0);
  readonly captions = $derived<readonly Caption[]>([
    ...(this.result?.captions ?? []),
    ...this.drawn.map(({ caption }) => caption),
  ]);
  /** Those found, in the language that the caption is read in; null where that is the model's. */
  translatedKeywords = $state.raw<readonly string[] | null>(null);
  readonly keywords = $derived<readonly string[]>(
    this.chosenKeywords ?? this.translatedKeywords ?? this.result?.keywords ?? [],
  );
  readonly grid = $derived<readonly [number, number]>(this.partial?.grid ?? this.result?.grid ?? [1, 1]);
  /** The model's words that the shown caption's maps belong to. */
  readonly words = $derived<readonly Word[]>(
    this.partial?.words ?? this.captions[Math.max(0, this.shown)]?.words ?? [],
  );
  /** Which of the result's captions the maps are of; null where they are of one that was drawn at random and is not kept. */
  readonly keptIndex = $derived.by(() => {
    const index = Math.max(0, this.shown);
    return this.partial === null && index < (this.result?.captions.length ?? 0) ? index : null;
  });
  /** The captioner that wrote the words, which is the one to be asked about them; empty while there are none. */
  readonly writer = $derived(this.#writerAt(Math.max(0, this.shown)));
  /** Whether the words began as somebody wanted, and not as the model would have it. */
  readonly isGuided = $derived(this.shown === 0 && this.partial === null && (this.result?.given ?? 0) > 0);
  readonly isByHand = $derived(this.shown === BY_HAND && this.edited !== null && this.partial === null);
  /** The caption as it is read. */
  readonly text = $derived(
    this.isByHand ? (this.edited ?? '') : (this.captions[Math.max(0, this.shown)]?.caption ?? ''),
  );
  readonly line = $derived(
    this.isByHand
      ? tiedWords(this.edited ?? '', this.words)
      : shownWords(this.words, this.partial === null || this.partial.isWhole === true),
  );
  readonly hasMaps = $derived(this.words.some(({ weights }) => weights.length > 0));
  /** What is drawn of each word: where the model looked, or another map where somebody wants that and it is known. */
  readonly maps = $derived.by((): readonly (readonly number[])[] => {
    const found = this.partial === null ? this.shownMaps.maps(this.photoId, this.spoken, this.writer) : null;
    return found ?? this.words.map(({ weights }) => weights);
  });
  /** What the map over the photo shows: that of a word of another caption may be of another kind. */
  readonly mapOf = $derived.by((): MapKind => this.pointer.foreign?.of ?? this.shownMaps.of);
  /** Whether it looked at one place alone for each word, as hard attention does; other maps are no look. */
  readonly isHard = $derived.by(() => this.shownMaps.of === 'looked' && areOnePlaces(this.maps));
  /** The words as the model has them. */
  readonly spoken = $derived<readonly string[]>(this.words.map(({ word }) => word));
  /** The map that says most: of the least of the photo. */
  readonly sharpest = $derived.by((): readonly number[] | null => {
    const maps = this.maps.filter((map) => map.length > 0);
    return maps.reduce<readonly number[] | null>(
      (best, map) => (best === null || halfArea(map) < halfArea(best) ? map : best),
      null,
    );
  });
  #run: AbortController | undefined;
  /** The state of the list for which the photo's captions were asked for. */
  #asked: string | null = null;

  constructor(desk: Desk, library: Pick<Library, 'get' | 'apply'>) {
    this.#desk = desk;
    this.#library = library;
    this.pointer = new Pointer(this, desk);
    this.shownMaps = new ShownMaps(desk);
    this.others = new OtherCaptioners(desk);
  }

  #writerAt(index: number): Writer {
    const drawn = this.drawn[index - (this.result?.captions.length ?? 0)];
    return drawn?.writer ?? (this.result ? writerOf(this.result) : {});
  }

  /** Points at a word of one of the captions: what maps are to show of it where that is known, else where the model looked. */
  pointAt(caption: number, word: number): void {
    const { words = [] } = this.captions[caption] ?? {};
    const own = words[word];
    const spoken = words.map((one) => one.word);
    const found = this.shownMaps.maps(this.photoId, spoken, this.#writerAt(caption))?.[word];
    this.pointer.foreign = own ? { ...own, ...(found ? { weights: [...found] } : { of: 'looked' }) } : null;
  }

  /** Whether the model is not sure of one of the captions; of the photo's own nothing is said once somebody has looked at it. */
  isDoubted(index: number): boolean {
    if (!isNotSure(this.captions[index]?.confidence)) return false;
    return index !== 0 || this.#library.get(this.photoId ?? '')?.notSure !== false;
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

  /** Whoever turns to another photo, or another place, while writing has not given it up: it is kept, and said. */
  leave(): void {
    const draft = this.panels.draft.trim();
    if (this.panels.editing && draft !== '' && draft !== this.text) void this.#keepLeft(draft);
    this.panels.editing = false;
  }

  async #keepLeft(draft: string): Promise<void> {
    const { photoId } = this;
    const desk = this.#desk;
    const name = photoId === null ? '' : (this.#library.get(photoId)?.name ?? '');
    const kept = await this.#edit(draft, photoId);
    if (!kept) return;
    const { step } = kept;
    const undo = step === undefined ? undefined : { label: i18n.t.history.undo, run: () => desk.undo(step) };
    desk.news(i18n.t.caption.keptOnLeaving(name, draft), undo);
  }

  async #begin(id: string): Promise<void> {
    const desk = this.#desk;
    const known = await desk.attempt(desk.client.request('caption.get', { photoId: id }));
    if (!known || !this.#waitsFor(id)) return;
    this.#show(known);
    const photo = this.#library.get(id);
    const isReadable = photo !== undefined && photo.width > 0;
    if (photo?.error) this.error = photo.error;
    else if (!known.result && isReadable && desk.settings.captionOnOpen) await this.caption();
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
  async caption(): Promise<void> {
    await this.#decode({});
  }

  /** Goes on from words of the model: those before one, and another in its place. */
  async decodeFrom(prefix: readonly string[]): Promise<void> {
    await this.#decode({ prefix: [...prefix] });
  }

  /** Lets the model finish what somebody began. Where it cannot, the editor has it back. */
  async finish(start: string): Promise<void> {
    const { photoId } = this;
    if ((await this.#decode({ start })) || this.photoId !== photoId) return;
    this.panels.begun = start;
    this.panels.editing = true;
  }

  /** Draws another caption at random. */
  async another(): Promise<void> {
    await this.#decode({ sample: { temperature: 0.9, topP: 0.9 }, alternatives: 0 });
  }

  /** @returns false where it failed; what was given up, or is under way anew, has not */
  async #decode(options: CaptionOptions): Promise<boolean> {
    const { client, settings } = this.#desk;
    const photoId = this.photoId;
    if (photoId === null) return true;
    this.#run?.abort();
    this.#asked = null;
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
      if (this.#run !== run) return true;
      if (keep || !this.result) {
        this.result = result;
        this.drawn = [];
        this.shown = this.edited !== null && !options.sample && !options.prefix && !options.start ? BY_HAND : 0;
      } else {
        const [best] = result.captions;
        const same = this.captions.findIndex(({ caption }) => caption === best?.caption);
        if (same < 0 && best) this.drawn = [...this.drawn, { caption: best, writer: writerOf(result) }];
        this.shown = same < 0 ? this.captions.length - 1 : same;
      }
      this.#desk.say(i18n.t.caption.done(this.text));
      return true;
    } catch (error) {
      if (this.#run !== run) return true;
      const code = codeOf(error);
      const failure = { code: code ?? ('internal' as const), message: error instanceof Error ? error.message : '' };
      // With a caption on the screen a message in the corner is enough.
      if (code !== 'cancelled' && this.result) this.#desk.problem(messageOf(error));
      else if (code !== 'cancelled') this.error = failure;
      return code === 'cancelled';
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
  async refresh(photo: Photo): Promise<void> {
    const { caption, edited, id, name } = photo;
    if (id !== this.photoId || this.running) return;
    if (this.#agrees(photo)) {
      // Whatever was asked of an older state has its answer.
      this.#asked = null;
      return;
    }
    const state = JSON.stringify([id, caption, edited]);
    // Asked already: the answer is under way, or was no other.
    if (this.#asked === state) return;
    this.#asked = state;
    // What was told of the photo may be older or newer than the answer, by a moment.
    for (const wait of [0, SECOND_THOUGHT]) {
      if (wait > 0) await pause(wait, undefined);
      if (!this.#waitsFor(id) || this.#asked !== state) return;
      const known = await this.#desk.attempt(this.#desk.client.request('caption.get', { photoId: id }));
      if (!this.#waitsFor(id) || this.#asked !== state) return;
      if (known) {
        this.#letGoUnlessWritten();
        this.drawn = [];
        this.#show(known);
        this.error = null;
      }
      if (!known || this.#agrees(photo)) {
        this.#asked = null;
        return;
      }
    }
    this.#desk.problem(i18n.t.notices.disagree(name));
  }

  /** Whether what is held of a photo is what the list says of it. */
  #agrees({ caption, edited }: Photo): boolean {
    const held = this.edited ?? this.result?.captions[0]?.caption ?? null;
    return this.result !== null && held === caption && (this.edited !== null) === edited;
  }

  /** Something was undone of photos: what is known of this one is asked for anew. */
  async renew(photoIds: readonly string[]): Promise<void> {
    const id = this.photoId;
    if (id === null || !photoIds.includes(id) || this.running) return;
    const known = await this.#desk.attempt(this.#desk.client.request('caption.get', { photoId: id }));
    if (!known || !this.#waitsFor(id)) return;
    this.#letGoUnlessWritten();
    this.#show(known);
  }

  /**
   * Keeps a caption in the user's words; null goes back to the model's.
   * @param photoId the photo that it was written for, where another one is looked at by now
   * @returns whether it was kept
   */
  async keepEdited(caption: string | null, photoId = this.photoId): Promise<boolean> {
    return (await this.#edit(caption, photoId)) !== undefined;
  }

  async #edit(caption: string | null, photoId: string | null): Promise<Output<'caption.edit'> | undefined> {
    if (photoId === null) return undefined;
    const photo = await this.#desk.attempt(this.#desk.client.request('caption.edit', { photoId, caption }));
    if (!photo) return undefined;
    this.#library.apply([photo], []);
    if (this.photoId !== photoId) return photo;
    this.#letGo();
    this.edited = caption;
    this.shown = caption === null ? 0 : BY_HAND;
    this.panels.editing = false;
    return photo;
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
    const kept = await this.#desk.attempt(this.#desk.client.request('caption.keywords', input));
    if (kept && this.photoId === photoId) this.chosenKeywords = kept.keywords;
    return kept !== undefined;
  }

  /** Makes one of the captions the photo's. @returns whether it is now */
  async choose(index: number): Promise<boolean> {
    const photoId = this.photoId;
    const caption = this.captions[index];
    if (photoId === null || !caption) return false;
    if (index < (this.result?.captions.length ?? 0)) {
      const result = await this.#desk.attempt(this.#desk.client.request('caption.choose', { photoId, caption: index }));
      if (!result) return false;
      if (this.photoId !== photoId) return true;
      this.result = result;
      this.edited = null;
      this.shown = 0;
    } else {
      // The model did not find it by itself, so it is kept as the user's.
      if (!(await this.keepEdited(caption.caption))) return false;
    }
    this.#letGo();
    return true;
  }

  show(index: number): void {
    this.#letGo();
    this.shown = index;
  }

  /** Lets go of whatever is held, the latest first. @returns whether something was */
  escape(): boolean {
    const { panels, pointer } = this;
    if (pointer.played !== null) pointer.stop();
    else if (panels.editing) panels.editing = false;
    else if (pointer.why !== null) pointer.openWhy(null);
    else if (pointer.region) pointer.region = null;
    else if (pointer.pinned.length > 0) pointer.pinned = [];
    else if (pointer.stepped !== null) pointer.stepped = null;
    else if (panels.sheet) panels.sheet = false;
    else if (panels.others) panels.others = false;
    else return false;
    return true;
  }

  /** Whether an answer about a photo still matters: nothing newer is under way. */
  #waitsFor(id: string): boolean {
    return this.photoId === id && !this.running;
  }

  #letGo(): void {
    this.pointer.letGo();
    this.panels.editing = false;
  }

  /** Where the caption changes by itself, as by the batch or another window: whoever is writing goes on. */
  #letGoUnlessWritten(): void {
    const isWriting = this.panels.editing && this.panels.draft.trim() !== this.text;
    this.#letGo();
    this.panels.editing = isWriting;
  }

  #forget(): void {
    this.#letGo();
    this.others.forget();
    this.drawn = [];
    this.partial = null;
    this.running = false;
    this.error = null;
    this.#asked = null;
    this.pointer.unmark();
    this.shown = 0;
  }
}

const writerOf = ({ checksum, model }: CaptionResult): Writer => ({
  model,
  ...(checksum !== undefined && { checksum }),
});
