import type { AddingProgress, InstalledModel, ModelOffer } from '../../contract/data/models.ts';
import type { DroppedFolder } from '../../client/attend-client.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import { codeOf, isOfConnection, messageOf } from './failure.ts';

/** A model that is being added. */
interface Adding {
  readonly name: string;
  /** Null until something is known of it, and of a folder always. */
  readonly progress: AddingProgress | null;
  /** Ends it; what was loaded is kept. Null of what cannot be ended. */
  readonly stop: (() => void) | null;
}

/** What a captioner is called where only captioners are meant. */
export const captionerTitle = (name: string): string => name.replace(/^captioner-/, '');

/** The models that are there, and what is being added; it goes on while somebody is elsewhere in the page. */
export class Models {
  readonly #desk: Desk;
  readonly #changed: () => void;
  list = $state.raw<readonly InstalledModel[]>([]);
  state = $state<'loading' | 'ready'>('loading');
  readonly captioners = $derived(this.list.filter(({ kind }) => kind === 'captioner'));
  /** The captioner that is taken first. */
  readonly first = $derived(this.captioners.find(({ isFirst }) => isFirst)?.name ?? '');
  /** What was typed: "owner/name". */
  wanted = $state('');
  /** Whether the Hub is being asked. */
  asking = $state(false);
  offer = $state.raw<ModelOffer | null>(null);
  adding = $state.raw<Adding | null>(null);
  /** Why the last thing that was wanted failed. */
  failure = $state<string | null>(null);
  /** Names of those that are being measured. */
  measuring = $state.raw<ReadonlySet<string>>(new Set());

  /** @param changed told that there are other models than before */
  constructor(desk: Desk, changed: () => void) {
    this.#desk = desk;
    this.#changed = changed;
  }

  async load(): Promise<void> {
    const found = await this.#desk.attempt(this.#desk.client.request('models.list', {}));
    if (!found) return;
    this.list = found.models;
    this.state = 'ready';
  }

  /** Something of the models is otherwise. */
  renew(): void {
    if (this.state === 'ready') void this.load();
    this.#changed();
  }

  /** Asks the Hub what the model is that was typed. Nothing of weight is loaded. */
  async ask(name = this.wanted.trim()): Promise<void> {
    this.wanted = name;
    this.offer = null;
    this.failure = null;
    if (name === '') return;
    this.asking = true;
    const offer = await this.#try(this.#desk.client.request('models.offer', { name }));
    this.asking = false;
    if (offer && this.wanted.trim() === name) this.offer = offer;
  }

  /** Loads what was offered and adds it. */
  async take({ name, revision }: ModelOffer): Promise<void> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    this.failure = null;
    this.adding = { name, progress: null, stop };
    const added = await this.#try(
      this.#desk.client.request(
        'models.add',
        { name, revision },
        { signal: controller.signal, onProgress: (progress) => (this.adding = { name, progress, stop }) },
      ),
    );
    this.adding = null;
    if (added) this.#added(added.name);
    else if (controller.signal.aborted) {
      this.#desk.say(i18n.t.models.stopped);
      // How much of it is there now.
      void this.ask(name);
    }
  }

  /** Lets the user choose a folder, in the app's own window. */
  async chooseFolder(): Promise<void> {
    await this.#addFolder('', () => this.#desk.client.request('models.dialog', {}));
  }

  /** What was dropped onto the place, or chosen in a page's own dialog. */
  async drop(folder: DroppedFolder): Promise<void> {
    const { name } = folder;
    if (this.adding !== null) {
      this.failure = i18n.t.models.oneAtATime(this.adding.name);
      return;
    }
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    await this.#addFolder(name, () =>
      this.#desk.client.addModel(folder, {
        signal: controller.signal,
        onProgress: (progress) => (this.adding = { name, progress, stop }),
      }),
    );
    if (controller.signal.aborted) this.#desk.say(i18n.t.models.stoppedSending);
  }

  async #addFolder(name: string, add: () => Promise<{ name: string | null }>): Promise<void> {
    this.failure = null;
    this.adding = { name, progress: null, stop: null };
    const added = await this.#try(add());
    this.adding = null;
    if (added?.name) this.#added(added.name);
  }

  /** Takes a model first. @returns whether it could be; why it could not stands on the place */
  async choose({ name }: InstalledModel): Promise<boolean> {
    this.failure = null;
    const isTaken = (await this.#try(this.#desk.client.request('models.choose', { name }))) !== undefined;
    if (isTaken) await this.load();
    return isTaken;
  }

  /** The same of a captioner, from other places: why it could not be taken is said there. */
  async chooseCaptioner(name: string): Promise<boolean> {
    const chosen = this.captioners.find((one) => one.name === name);
    if (!chosen) return false;
    const isTaken = await this.choose(chosen);
    if (!isTaken && this.failure !== null) this.#desk.problem(this.failure);
    return isTaken;
  }

  async remove({ name }: InstalledModel): Promise<void> {
    if (await this.#try(this.#desk.client.request('models.remove', { name })))
      this.#desk.news(i18n.t.models.removed(name));
  }

  async measure({ name }: InstalledModel): Promise<void> {
    this.measuring = new Set([...this.measuring, name]);
    await this.#try(this.#desk.client.request('models.measure', { name }));
    this.measuring = new Set([...this.measuring].filter((other) => other !== name));
  }

  async card({ name }: InstalledModel): Promise<string> {
    return (await this.#desk.attempt(this.#desk.client.request('models.card', { name })))?.card ?? '';
  }

  #added(name: string): void {
    this.offer = null;
    this.wanted = '';
    this.#desk.news(i18n.t.models.added(name));
  }

  /** The value of what was asked for; why there is none stands on the place. */
  async #try<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const code = codeOf(error);
      // It names files, addresses and sizes, which a sentence for each code would leave out.
      const isOfModel = error instanceof Error && error.message !== '' && !isOfConnection(code);
      if (code !== 'cancelled') this.failure = isOfModel ? error.message : messageOf(error);
      return undefined;
    }
  }
}
