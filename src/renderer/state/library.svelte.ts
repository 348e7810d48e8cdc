import type { ReviewState } from '../../contract/constants/review-states.ts';
import type { Batch, Photo } from '../../contract/data/photos.ts';
import { MissedRuns } from '../../contract/missed-runs.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import { byAdded, comparisonOf, ORDERS, type PhotoOrder } from './photo-order.ts';

const IDLE: Batch = { state: 'idle', total: 0, done: 0, failed: 0, secondsLeft: null };

/** So many files may say each for itself why they could not be added. */
const FEW = 3;

/** Of many files, so many are captioned together while the rest are still being added. */
const ADDED_TOGETHER = 20;

/** Whether a photo waits for a person, or has been looked at: one that failed does neither. */
export function isIn(state: ReviewState, { caption, error, review }: Photo): boolean {
  return review === state && (error === null || caption !== null);
}

/** Tells somebody who looks elsewhere, where they have allowed it. */
function notify(text: string): void {
  if (document.hidden && 'Notification' in window && Notification.permission === 'granted') {
    // In the place of one that is still there.
    new Notification('Attend', { body: text, tag: 'finished' });
  }
}

/** Whoever looks at the photo that is opened. */
interface Looks {
  open(id: string | null): void;
  /** Called before the photo goes out of sight. */
  leave(): void;
}

/** The photos of the session, which of them is looked at, and which are chosen. */
export class Library {
  readonly #desk: Desk;
  readonly #looking: Looks;

  photos = $state.raw<readonly Photo[]>([]);
  batch = $state.raw<Batch>(IDLE);
  currentId = $state<string | null>(null);
  view = $state<'one' | 'all'>('one');
  selected = $state.raw<ReadonlySet<string>>(new Set());
  query = $state('');
  failuresOnly = $state(false);
  /** Only photos whose caption the model is not sure of, and that nobody has looked at. */
  unsureOnly = $state(false);
  /** Only photos of these states; none: of all. */
  states = $state.raw<ReadonlySet<ReviewState>>(new Set());
  order = $state<PhotoOrder>('added');
  /** How many of the files that are being added are done; null when none are. */
  adding = $state.raw<{ done: number; total: number } | null>(null);
  /** False until the session's photos are known. */
  known = $state(false);

  #matches = $state.raw<ReadonlySet<string> | null>(null);
  #search: AbortController | undefined;
  readonly #missed = new MissedRuns();
  /** What has been captioned while others were being added: a notice at the end tells all. */
  readonly #meanwhile = new MissedRuns();
  /** Counts how often somebody paused or cancelled a run: what is added goes on with none of these. */
  #halts = 0;

  readonly #byId = $derived(new Map(this.photos.map((photo, index) => [photo.id, index])));
  readonly current = $derived(this.currentId === null ? undefined : this.get(this.currentId));
  readonly unsure = $derived(this.photos.filter(({ notSure }) => notSure === true));
  readonly failures = $derived(this.photos.filter(({ error }) => error !== null));
  /** Those that nobody has asked a caption for, or that a cancel has left without one. */
  readonly uncaptioned = $derived(
    this.photos.filter(({ caption, state, width }) => caption === null && state === 'none' && width > 0),
  );
  /** Those that another try may help: of what a browser sent and could not be read nothing is kept. */
  readonly retryable = $derived(this.failures.filter(({ path, width }) => path !== null || width > 0));
  /** What the grid shows. */
  readonly listed = $derived(this.#arranged(null));
  /**
   * What the film strip shows and one steps along: the same, and the photo that is looked at, which stays in its place
   * where it is not, or no longer, among what the grid shows.
   */
  readonly along = $derived(
    this.currentId === null || this.listed.some(({ id }) => id === this.currentId)
      ? this.listed
      : this.#arranged(this.currentId),
  );
  readonly currentIndex = $derived(this.along.findIndex(({ id }) => id === this.currentId));
  /** Whether some photos are not shown for what they are, and not for what is searched. */
  readonly isFiltered = $derived(this.states.size > 0 || this.failuresOnly || this.unsureOnly);

  constructor(desk: Desk, looking: Looks) {
    this.#desk = desk;
    this.#looking = looking;
  }

  /** The photos that are wanted, in the order that is. @param kept one that is among them whatever it is */
  #arranged(kept: string | null): readonly Photo[] {
    const { failuresOnly, photos, states, unsureOnly } = this;
    const matches = this.#matches;
    const isWanted = (photo: Photo): boolean =>
      (failuresOnly ? photo.error !== null : !unsureOnly || photo.notSure === true) &&
      (matches?.has(photo.id) ?? true) &&
      (states.size === 0 || [...states].some((state) => isIn(state, photo)));
    const isAll = !failuresOnly && !unsureOnly && matches === null && states.size === 0;
    const wanted = isAll ? photos : photos.filter((photo) => photo.id === kept || isWanted(photo));
    const compare = comparisonOf(this.order);
    return compare ? [...wanted].sort(compare) : wanted;
  }

  get(id: string): Photo | undefined {
    const index = this.#byId.get(id);
    return index === undefined ? undefined : this.photos[index];
  }

  /** The library as the service has it, at the start. */
  begin(photos: readonly Photo[], batch: Batch): void {
    const added = new Set(photos.map(({ id }) => id));
    this.photos = [...photos, ...this.photos.filter(({ id }) => !added.has(id))];
    this.batch = batch;
    this.known = true;
    // As they were kept: what is opened below is noted among them.
    const { order, photo, view } = this.#desk.settings.page;
    this.order = ORDERS.find((known) => known === order) ?? 'added';
    const before = typeof photo === 'string' ? this.get(photo) : undefined;
    if (this.currentId === null) this.open((before ?? this.photos[0])?.id ?? null);
    if (view === 'all' && this.photos.length > 1) this.showAll();
  }

  /** The library as the service has it now, after it was not heard for a while. */
  renew(photos: readonly Photo[], batch: Batch): void {
    const there = new Set(photos.map(({ id }) => id));
    const gone = this.photos.flatMap(({ id }) => (there.has(id) ? [] : [id]));
    this.apply(photos, gone);
    this.batch = batch;
  }

  /** News from the service about photos. */
  apply(changed: readonly Photo[], removed: readonly string[]): void {
    const gone = new Set(removed);
    const news = new Map(changed.map((photo) => [photo.id, photo]));
    const photos: Photo[] = [];
    for (const photo of this.photos) {
      if (gone.has(photo.id)) continue;
      photos.push(news.get(photo.id) ?? photo);
      news.delete(photo.id);
    }
    photos.push(...news.values());
    // What was removed and comes back has its old place.
    if (news.size > 0) photos.sort(byAdded);
    // Whoever looks at one that goes comes to the next that stays.
    const { along, currentIndex } = this;
    const isThere = ({ id }: Photo): boolean => !gone.has(id);
    const neighbour =
      along.slice(currentIndex + 1).find(isThere) ?? along.slice(0, Math.max(0, currentIndex)).findLast(isThere);
    this.photos = photos;
    if (removed.some((id) => this.selected.has(id))) {
      this.selected = new Set([...this.selected].filter((id) => !gone.has(id)));
    }
    if (this.currentId !== null && gone.has(this.currentId)) {
      const { view } = this;
      this.open((neighbour ?? photos[0])?.id ?? null);
      // Whoever takes photos out of the list goes on with the list.
      if (view === 'all' && photos.length > 0) this.showAll();
    }
    if (photos.length === 0) this.view = 'one';
    if (this.query.trim() !== '' && changed.length > 0) void this.search(this.query);
  }

  batchChanged(batch: Batch): void {
    const before = this.batch;
    this.batch = batch;
    if (before.state !== 'running' || batch.state !== 'idle') return;
    const { done, failed } = this.#meanwhile.add(batch);
    // Captions may be faster than files come in.
    if (this.adding === null) this.#finished({ done, failed });
  }

  /** A run over many photos has ended. */
  #finished(batch: Pick<Batch, 'done' | 'failed'>): void {
    this.#meanwhile.seen();
    const { done, failed } = batch;
    if (done + failed > 1) this.#desk.say(i18n.t.batch.finished(done, failed));
    this.#tellWhoIsAway(batch);
  }

  /** The page is in sight again. */
  seen(): void {
    this.#missed.seen();
  }

  /** Of all runs that have ended while the page was out of sight. */
  #tellWhoIsAway(batch: Pick<Batch, 'done' | 'failed'>): void {
    if (!document.hidden) return;
    const { done, failed } = this.#missed.add(batch);
    if (done + failed > 1 && this.#desk.settings.page['notify'] === true) notify(i18n.t.batch.finished(done, failed));
  }

  /** Looks at one photo. */
  open(id: string | null): void {
    this.currentId = id;
    if (id !== null) this.view = 'one';
    this.#looking.open(id);
    if (id !== null) this.#remember();
  }

  step(by: number): void {
    const next = this.along[this.currentIndex + by];
    if (next) this.open(next.id);
  }

  showAll(): void {
    this.#looking.leave();
    this.view = 'all';
    this.#remember();
  }

  showOne(): void {
    this.view = 'one';
    this.#remember();
    if (this.currentId === null) this.open(this.photos[0]?.id ?? null);
  }

  /**
   * Brings photos that were added into view: one large, many as a grid; and captions them.
   *
   * @param fresh those of many that nobody has asked captions for yet
   */
  show(photoIds: readonly string[], fresh = photoIds): void {
    const [first] = photoIds;
    if (first === undefined) return;
    this.#desk.goTo('caption');
    if (photoIds.length === 1) {
      this.open(first);
      return;
    }
    this.open(first);
    this.showAll();
    if (fresh.length > 0 && this.#desk.settings.captionOnOpen) void this.caption(fresh);
  }

  /** Adds files of the page: dropped, pasted or chosen. */
  async addFiles(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const desk = this.#desk;
    const { length: total } = files;
    let left = total;
    // Others may be on their way already: one count counts all.
    this.#countAdding(0, total);
    const count = (): void => {
      left--;
      this.#countAdding(1, 0);
    };
    const halts = this.#halts;
    let fresh: string[] = [];
    const added = await desk.attempt(
      desk.client.addFiles(files, {
        onAdded: (photo) => {
          this.apply([photo], []);
          count();
          fresh.push(photo.id);
          if (left === 0 || fresh.length < ADDED_TOGETHER || !desk.settings.captionOnOpen || halts !== this.#halts)
            return;
          void this.caption(fresh);
          fresh = [];
        },
        onFailed: count,
      }),
    );
    this.#countAdding(left, 0);
    if (added) {
      this.apply(added.photos, []);
      const { failed } = added;
      if (failed.length > FEW) desk.problem(i18n.t.add.failedMany(failed.length, failed[0]?.message ?? ''));
      else for (const { name, message } of failed) desk.problem(i18n.t.add.failed(name, message));
      const ids = added.photos.map(({ id }) => id);
      // Whoever paused or cancelled meanwhile says when it goes on.
      this.show(ids, halts === this.#halts ? fresh : []);
    }
    this.#tellOfMeanwhile();
  }

  /** All files are there, and what was captioned meanwhile is done: or the run that goes on tells. */
  #tellOfMeanwhile(): void {
    if (this.adding !== null || this.batch.state !== 'idle') return;
    const all = this.#meanwhile.add({ done: 0, failed: 0 });
    if (all.done + all.failed > 0) this.#finished(all);
  }

  #countAdding(done: number, more: number): void {
    const before = this.adding ?? { done: 0, total: 0 };
    const now = { done: before.done + done, total: before.total + more };
    this.adding = now.done < now.total ? now : null;
  }

  /** Adds what a dialog, the clipboard or the samples give. */
  async add(work: Promise<{ photos: Photo[] }>, whenEmpty?: string): Promise<void> {
    const added = await this.#desk.attempt(work);
    if (!added) return;
    this.apply(added.photos, []);
    if (added.photos.length === 0 && whenEmpty !== undefined) this.#desk.problem(whenEmpty);
    this.show(added.photos.map(({ id }) => id));
  }

  addSamples(): Promise<void> {
    return this.add(this.#desk.client.request('photos.samples', {}));
  }

  async caption(photoIds?: readonly string[], again = false): Promise<void> {
    const batch = await this.#desk.attempt(
      this.#desk.client.request('batch.start', { ...(photoIds ? { photoIds: [...photoIds] } : {}), again }),
    );
    if (batch) this.batchChanged(batch);
  }

  async control(request: 'batch.pause' | 'batch.resume' | 'batch.cancel'): Promise<void> {
    if (request !== 'batch.resume') this.#halts++;
    const batch = await this.#desk.attempt(this.#desk.client.request(request, {}));
    if (batch) this.batchChanged(batch);
  }

  async remove(photoIds: readonly string[]): Promise<void> {
    if (photoIds.length === 0) return;
    const done = await this.#desk.attempt(this.#desk.client.request('photos.remove', { photoIds: [...photoIds] }));
    if (!done) return;
    this.apply([], photoIds);
    const { step } = done;
    const undo = step === undefined ? undefined : { label: i18n.t.history.undo, run: () => this.#desk.undo(step) };
    this.#desk.news(i18n.t.grid.removed(photoIds.length), undo);
  }

  /** Shows only photos whose caption or name has the words; all of them again without words. */
  async search(query: string): Promise<void> {
    this.query = query;
    this.#search?.abort();
    if (query.trim() === '') {
      this.#matches = null;
      return;
    }
    const { signal } = (this.#search = new AbortController());
    const found = await this.#desk.attempt(this.#desk.client.request('photos.search', { text: query }, { signal }));
    if (found && !signal.aborted) this.#matches = new Set(found.photoIds);
  }

  showState(state: ReviewState, isShown: boolean): void {
    const states = new Set(this.states);
    if (isShown) states.add(state);
    else states.delete(state);
    this.states = states;
  }

  /** All photos again, whatever they are. */
  showEverything(): void {
    this.states = new Set();
    this.failuresOnly = false;
    this.unsureOnly = false;
  }

  sortBy(order: PhotoOrder): void {
    this.order = order;
    const desk = this.#desk;
    void desk.change({ page: { ...desk.settings.page, order } });
  }

  select(id: string, isSelected: boolean): void {
    const selected = new Set(this.selected);
    if (isSelected) selected.add(id);
    else selected.delete(id);
    this.selected = selected;
  }

  selectRange(from: string, to: string): void {
    const ids = this.listed.map(({ id }) => id);
    const [a, b] = [ids.indexOf(from), ids.indexOf(to)].sort((x, y) => x - y) as [number, number];
    if (a >= 0) this.selected = new Set([...this.selected, ...ids.slice(a, b + 1)]);
  }

  selectAll(): void {
    this.selected = new Set(this.listed.map(({ id }) => id));
  }

  selectNone(): void {
    this.selected = new Set();
  }

  /** What an export takes: the chosen photos, else what is looked at, else all that is listed. */
  readonly toExport = $derived.by((): readonly Photo[] => {
    if (this.selected.size > 0) return this.photos.filter(({ id }) => this.selected.has(id));
    if (this.view === 'one' && this.current) return [this.current];
    return this.listed;
  });

  #remember(): void {
    const desk = this.#desk;
    const { page } = desk.settings;
    if (page['photo'] === this.currentId && page['view'] === this.view) return;
    void desk.change({ page: { ...page, photo: this.currentId, view: this.view } });
  }
}
