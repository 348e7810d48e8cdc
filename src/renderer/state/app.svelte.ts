import { createContext } from 'svelte';
import type { AttendClient, Connection } from '../../client/attend-client.ts';
import { DEFAULT_SETTINGS } from '../../contract/constants/default-settings.ts';
import { MAP_KINDS } from '../../contract/constants/map-kinds.ts';
import type { AppInfo, Damage, ModelStatus } from '../../contract/data/app.ts';
import type { Batch, Photo } from '../../contract/data/photos.ts';
import type { MapStyle, Settings } from '../../contract/data/settings.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import { codeOf, isOfConnection, messageOf } from './failure.ts';
import { Library } from './library.svelte.ts';
import { Looking } from './looking.svelte.ts';
import { Models } from './models.svelte.ts';
import type { Notice } from './notice.ts';
import { PLACES, type Panel, type Place, type Topic } from './places.ts';
import { Reviewing } from './reviewing.svelte.ts';
import { Translators } from './translators.svelte.ts';
import { Undoing } from './undoing.svelte.ts';

const NEWS_STAYS = 5_000;
/** Also what offers to take something back. */
const PROBLEM_STAYS = 12_000;

/** What the whole page shares: the service, the settings, and where the user is. */
export class App implements Desk {
  readonly client: AttendClient;
  readonly library: Library;
  readonly looking: Looking;
  readonly reviewing: Reviewing;
  readonly translators: Translators;
  readonly models: Models;
  readonly undoing: Undoing;

  info = $state.raw<AppInfo | null>(null);
  model = $state.raw<ModelStatus>({ state: 'loading', name: null, backend: null, grid: null, error: null });
  readonly mapKinds = $derived(MAP_KINDS.filter((kind) => kind !== 'posterior' || this.model.hasPosterior));
  settings = $state.raw<Settings>(DEFAULT_SETTINGS);
  place = $state<Place>('caption');
  /** Of Learn. */
  topic = $state<Topic>('caption');
  /** What of the topic is shown. Whoever is led to an address arrives anew. */
  panel = $state.raw<Panel>({});
  arrivals = $state(0);
  dialog = $state<'settings' | 'help' | 'about' | 'export' | 'replace' | null>(null);
  /** The photo whose menu is open, and where. */
  menu = $state.raw<{ readonly photo: Photo; readonly x: number; readonly y: number } | null>(null);
  notices = $state.raw<readonly Notice[]>([]);
  /** Whether the service is there; while it is not, that stands on the page, and not what fails of it. */
  connection = $state<Connection>('connected');
  returns = $state(0);
  textToTranslate = $state.raw<Desk['textToTranslate']>(null);
  textToInspect = $state.raw<Desk['textToInspect']>(null);
  /** The last thing said to who listens rather than looks. */
  said = $state('');
  /** Whether the system asks for less motion, dark colours, more contrast. */
  #systemReduced = $state(false);
  #systemDark = $state(false);
  #systemContrast = $state(false);

  readonly reducedMotion = $derived(
    this.settings.motion === 'system' ? this.#systemReduced : this.settings.motion === 'reduced',
  );
  readonly dark = $derived(this.settings.theme === 'system' ? this.#systemDark : this.settings.theme === 'dark');
  readonly highContrast = $derived(
    this.settings.contrast === 'system' ? this.#systemContrast : this.settings.contrast === 'high',
  );
  readonly mapStyle = $derived(this.settings.mapStyle);
  /** Whether single letters are shortcuts; who speaks to the computer, or often hits a key, may turn them off. */
  readonly letterKeys = $derived(this.settings.page['letterKeys'] !== false);
  /** Whether the hints of a first look stand on the photo. */
  readonly hintsWanted = $derived(this.settings.page['hintsSeen'] !== true);

  #nextNotice = 1;
  /** How many changes of settings are on their way. */
  #changing = 0;
  readonly #ends: (() => void)[] = [];

  constructor(client: AttendClient) {
    this.client = client;
    this.library = new Library(this, {
      open: (id) => this.looking.open(id),
      leave: () => this.looking.leave(),
    });
    this.looking = new Looking(this, this.library);
    this.reviewing = new Reviewing(this, this.library, this.looking);
    this.translators = new Translators(this);
    this.models = new Models(this, () => void this.translators.renew());
    this.undoing = new Undoing(this, (photoIds) => {
      void this.looking.renew(photoIds);
      if (this.place === 'review') this.reviewing.show(photoIds);
    });
  }

  /** Asks for all that the page begins with, and keeps it up to date. */
  start(): void {
    const { client } = this;
    this.#watch('(prefers-reduced-motion: reduce)', (matches) => (this.#systemReduced = matches));
    this.#watch('(prefers-color-scheme: dark)', (matches) => (this.#systemDark = matches));
    this.#watch('(prefers-contrast: more)', (matches) => (this.#systemContrast = matches));
    this.#ends.push(
      client.subscribe('settings', (settings) => {
        // While a slider is drawn, news of its last place would draw it back.
        if (this.#changing === 0) this.#use(settings);
      }),
      client.subscribe('model', (model) => (this.model = model)),
      client.subscribe('models', () => this.models.renew()),
      client.subscribe('damage', (damage) => this.#tellDamage(damage)),
      client.subscribe('batch', (batch) => this.library.batchChanged(batch)),
      client.subscribe('history', (history) => (this.undoing.status = history)),
      client.subscribe('photos', ({ changed, removed }) => this.library.apply(changed, removed)),
      client.subscribe('opened', ({ photoIds }) => this.library.show(photoIds)),
    );
    // What happens before events are heard is not missed this way, neither at the start nor after a break.
    this.#ends.push(client.onConnection((connection) => this.#connected(connection)));
  }

  #connected(connection: Connection): void {
    const before = this.connection;
    this.connection = connection;
    if (connection !== 'connected') return;
    if (before !== 'connected' && this.library.known) this.news(i18n.t.notices.back);
    void this.#load();
  }

  /** Asks for all that the page shows; a page that shows something already is brought up to date. */
  async #load(): Promise<void> {
    const { client } = this;
    const isFirst = !this.library.known;
    const asked = Promise.all([client.request('settings.get', {}), client.request('photos.list', {})]);
    const begun = asked.then(([settings, { photos, batch }]) => {
      if (!this.library.known) {
        this.#begin(settings, photos, batch);
        return;
      }
      if (this.#changing === 0) this.#use(settings);
      this.library.renew(photos, batch);
      this.looking.again();
    });
    await Promise.all([
      this.attempt(client.request('app.info', {}).then((info) => this.#know(info))),
      this.attempt(client.request('app.model', {}).then((model) => (this.model = model))),
      this.attempt(client.request('history.get', {}).then((history) => (this.undoing.status = history))),
      this.attempt(begun),
    ]);
    if (isFirst) return;
    this.returns++;
    if (this.translators.state === 'missing') void this.translators.load();
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  /** Settings first: where the photos come into view depends on them, and is noted among them. */
  #begin(settings: Settings, photos: readonly Photo[], batch: Batch): void {
    this.#use(settings);
    const { place } = settings.page;
    if (PLACES.some((known) => known === place)) this.place = place as Place;
    this.library.begin(photos, batch);
  }

  goTo(place: Place): void {
    if (this.place === place) return;
    this.looking.leave();
    this.place = place;
    void this.change({ page: { ...this.settings.page, place } });
  }

  /** Changes settings here at once, and keeps them. */
  async change(settings: Partial<Settings>): Promise<void> {
    this.#use({ ...this.settings, ...settings });
    this.#changing++;
    const kept = await this.attempt(this.client.request('settings.set', settings));
    this.#changing--;
    if (kept && this.#changing === 0) this.#use(kept);
  }

  showHints(isWanted: boolean): void {
    void this.change({ page: { ...this.settings.page, hintsSeen: !isWanted } });
  }

  changeMapStyle(style: Partial<MapStyle>): void {
    void this.change({ mapStyle: { ...this.settings.mapStyle, ...style } });
  }

  /** The value of what was asked for, or undefined after having said why there is none. */
  async attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const code = codeOf(error);
      const isKnown = code === 'cancelled' || (this.connection !== 'connected' && isOfConnection(code));
      if (!isKnown) this.problem(messageOf(error));
      return undefined;
    }
  }

  undo(step: number): void {
    void this.undoing.undo(step);
  }

  news(message: string, action?: Notice['action']): void {
    this.#notice({ kind: 'news', message, ...(action ? { action } : {}) }, action ? PROBLEM_STAYS : NEWS_STAYS);
  }

  #know(info: AppInfo): void {
    // Those of before were told of.
    if (!this.info) for (const damage of info.damages) this.#tellDamage(damage);
    this.info = info;
  }

  #tellDamage(damage: Damage): void {
    const { damaged } = i18n.t.notices;
    if (damage.kind === 'library') this.problem(damaged.library(damage));
    else if (damage.kind === 'settings') this.problem(damaged.settings(damage.kept));
    else if (damage.kind === 'result') this.problem(damaged.result(damage.photo, damage.kept));
    else {
      const photos = damage.photos.join(', ');
      this.problem(damaged[damage.how](damage.more > 0 ? damaged.more(photos, damage.more) : photos));
    }
  }

  problem(message: string): void {
    this.#notice({ kind: 'problem', message }, PROBLEM_STAYS);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  /** Says something to screen readers. The same again is said again. */
  say(text: string): void {
    this.said = this.said === text ? `${text}\u00a0` : text;
  }

  #notice(notice: Omit<Notice, 'id'>, stays: number): void {
    const id = this.#nextNotice++;
    // The same message does not pile up.
    const others = this.notices.filter(({ message }) => message !== notice.message);
    this.notices = [...others, { ...notice, id }].slice(-3);
    setTimeout(() => this.dismiss(id), stays);
  }

  #use(settings: Settings): void {
    this.settings = settings;
    i18n.use(settings.language);
  }

  #watch(query: string, use: (matches: boolean) => void): void {
    const list = matchMedia(query);
    const listener = (): void => use(list.matches);
    listener();
    list.addEventListener('change', listener);
    this.#ends.push(() => list.removeEventListener('change', listener));
  }
}

export const [getApp, setApp] = createContext<App>();
