import type { Photo } from '../../contract/data/photos.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import type { Library } from './library.svelte.ts';
import type { Looking } from './looking.svelte.ts';
import { bySureness } from './photo-order.ts';

/** So many alternatives have a key of their own. */
export const KEYED = 5;

/** Goes through many captions, the least sure first, and says of each what a person thinks of it. */
export class Reviewing {
  readonly #desk: Desk;
  readonly #library: Library;
  readonly #looking: Looking;

  /** The photos as they were when it began, so that none jumps while others are decided. */
  #order = $state.raw<readonly string[]>([]);
  /** Of these alone, where some were chosen. */
  #scope = $state.raw<ReadonlySet<string> | null>(null);
  /** Decided here; that the service has it may not have come back yet. */
  readonly #decided = new Set<string>();
  #viewBefore: Library['view'] = 'one';
  #isBusy = false;

  /** Everything that can be decided, in order; captions that came since are the last. */
  readonly queue = $derived.by((): readonly Photo[] => {
    const photos = new Map(
      this.#library.photos
        .filter(({ caption, id, width }) => caption !== null && width > 0 && (this.#scope?.has(id) ?? true))
        .map((photo) => [photo.id, photo]),
    );
    const known = this.#order.flatMap((id) => photos.get(id) ?? []);
    for (const { id } of known) photos.delete(id);
    return [...known, ...[...photos.values()].sort(bySureness)];
  });
  readonly done = $derived(this.queue.filter(({ review }) => review !== 'new').length);
  readonly index = $derived(this.queue.findIndex(({ id }) => id === this.#library.currentId));
  readonly current = $derived(this.queue[this.index]);
  readonly alternatives = $derived.by(() => (this.#looking.result?.captions ?? []).slice(1, KEYED + 1));
  /** Whether what would be decided about is on the screen: nobody accepts what they have not seen. */
  readonly isShown = $derived.by(() => this.current?.id === this.#looking.photoId && this.#looking.text !== '');

  constructor(desk: Desk, library: Library, looking: Looking) {
    this.#desk = desk;
    this.#library = library;
    this.#looking = looking;
  }

  /** Begins with the least sure of those that nobody has looked at: of the chosen photos where some are, else of all. */
  begin(): void {
    const { photos, selected, view } = this.#library;
    this.#viewBefore = view;
    this.#decided.clear();
    this.#looking.panels.sheet = false;
    this.#scope = selected.size > 0 ? new Set(selected) : null;
    this.#order = [...photos].sort(bySureness).map(({ id }) => id);
    const first = this.queue.find(({ review }) => review === 'new') ?? this.queue[0];
    if (first) this.#library.open(first.id);
  }

  leave(): void {
    this.#desk.goTo('caption');
    if (this.#viewBefore === 'all') this.#library.showAll();
  }

  step(by: number): void {
    const photo = this.queue[Math.min(this.queue.length - 1, Math.max(0, this.index + by))];
    if (photo) this.#library.open(photo.id);
  }

  /** To a photo that something was undone of. */
  show(photoIds: readonly string[]): void {
    for (const id of photoIds) this.#decided.delete(id);
    const photo = this.queue.find(({ id }) => photoIds.includes(id));
    if (photo) this.#library.open(photo.id);
  }

  accept(): Promise<void> {
    return this.#decide((photo) => this.#set(photo, 'accepted'));
  }

  reject(): Promise<void> {
    return this.#decide((photo) => this.#set(photo, 'rejected'));
  }

  /** Takes one of the alternatives. @param place from 0 */
  take(place: number): Promise<void> {
    if (place >= this.alternatives.length) return Promise.resolve();
    return this.#decide(() => this.#looking.choose(place + 1));
  }

  /** Goes on, once what was written in the editor is kept. */
  edited(): Promise<void> {
    return this.#decide(() => Promise.resolve(true));
  }

  async #set({ id }: Photo, state: 'accepted' | 'rejected'): Promise<boolean> {
    const said = await this.#desk.attempt(this.#desk.client.request('review.set', { photoIds: [id], state }));
    if (said) this.#library.apply(said.photos, []);
    return said !== undefined;
  }

  async #decide(decide: (photo: Photo) => Promise<boolean>): Promise<void> {
    const photo = this.current;
    // A key that is pressed twice decides one photo, and not the next one unseen.
    if (!photo || !this.isShown || this.#isBusy) return;
    this.#isBusy = true;
    const isDone = await decide(photo).finally(() => (this.#isBusy = false));
    if (!isDone) return;
    this.#decided.add(photo.id);
    // Somebody may have turned to another one meanwhile.
    if (this.#library.currentId === photo.id) this.#next();
  }

  #next(): void {
    const { index, queue } = this;
    const next = [...queue.slice(index + 1), ...queue.slice(0, index)].find(
      ({ id, review }) => review === 'new' && !this.#decided.has(id),
    );
    if (next) this.#library.open(next.id);
    else this.#desk.say(i18n.t.review.finished(queue.length));
  }
}
