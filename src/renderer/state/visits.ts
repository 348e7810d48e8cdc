import { tick } from 'svelte';
import type { App } from './app.svelte.ts';
import { PLACES, TOPICS, type Panel, type Place, type Topic } from './places.ts';

/** Where somebody is: a place of the rail, in Caption a photo or all of them, and a dialog over it. */
interface Visit {
  readonly place: Place;
  /** Null: all of them, or there are none. */
  readonly photo: string | null;
  /** Of Learn; left out elsewhere. */
  readonly topic?: Topic;
  /** What of the topic is shown, where it says. */
  readonly panel?: Panel;
  readonly dialog: App['dialog'];
}

/** What the browser keeps of a visit: what it was, and the one that it came from. */
interface Kept {
  readonly visit: string;
  readonly before: string | null;
}

type Addressed = Pick<Visit, 'place' | 'photo' | 'topic' | 'panel'>;

/**
 * `#/caption/p3`, `#/caption/all`, `#/translate`, `#/learn/caption?photo=p3&word=2`: what a reload, or a second window,
 * begins with.
 */
export function addressOf({ panel, photo, place, topic }: Addressed): string {
  if (place === 'learn') {
    const query = new URLSearchParams(panel).toString();
    return `#/learn/${topic ?? TOPICS[0]}${query === '' ? '' : `?${query}`}`;
  }
  return place === 'caption' ? `#/caption/${photo ?? 'all'}` : `#/${place}`;
}

/**
 * The place, and the photo or the topic, in an address; undefined for one that has none. A photo that is none stands for
 * all of them.
 */
export function placeIn(hash: string): Addressed | undefined {
  const [, name, photo, query] = /^#\/([\w-]+)(?:\/(\w+)(?:\?(.*))?)?$/.exec(hash) ?? [];
  const place = PLACES.find((known) => known === name);
  if (place === 'learn') {
    const topic = TOPICS.find((known) => known === photo) ?? TOPICS[0];
    const panel = Object.fromEntries(new URLSearchParams(query));
    return { place, photo: null, topic, ...(Object.keys(panel).length > 0 && { panel }) };
  }
  return place && query === undefined
    ? { place, photo: photo === undefined || photo === 'all' ? null : photo }
    : undefined;
}

/** Writes down where somebody is, so that the browser's back button leads to where they were. */
export class Visits {
  readonly #app: App;
  /** Set while the browser goes back for us, which takes it a moment: where somebody went meanwhile stands. */
  #isReturning = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** To be called whenever somebody may be elsewhere. */
  note(): void {
    const app = this.#app;
    if (!app.library.known || this.#isReturning) return;
    const visit = JSON.stringify(this.#visit());
    const last = history.state as Kept | null;
    if (last?.visit === visit) return;
    const address = addressOf(this.#visit());
    // Whoever undoes a step, as by closing a dialog, is back; some moves are no step.
    if (last?.before === visit) {
      this.#isReturning = true;
      history.back();
    } else if (!last?.visit) history.replaceState({ visit, before: null } satisfies Kept, '', address);
    else if (isNoStep(JSON.parse(last.visit) as Visit, this.#visit())) {
      history.replaceState({ visit, before: last.before } satisfies Kept, '', address);
    } else history.pushState({ visit, before: last.visit } satisfies Kept, '', address);
  }

  /** The browser went back or on. */
  follow(state: unknown): void {
    if (this.#isReturning) {
      this.#isReturning = false;
      this.note();
      return;
    }
    const kept = state as Kept | null;
    const wanted = kept?.visit ? (JSON.parse(kept.visit) as Visit) : placeIn(location.hash);
    if (wanted) void this.#go({ dialog: null, ...wanted });
  }

  /** Begins where the address says. */
  begin(): void {
    const wanted = placeIn(location.hash);
    if (wanted) void this.#go({ dialog: null, ...wanted });
  }

  async #go({ dialog, panel = {}, photo, place, topic }: Visit): Promise<void> {
    const app = this.#app;
    app.goTo(place);
    if (topic !== undefined) {
      app.topic = topic;
      app.panel = panel;
      app.arrivals++;
    }
    if (place === 'caption') {
      if (photo !== null && app.library.get(photo)) app.library.open(photo);
      else if (photo === null && app.library.photos.length > 1) app.library.showAll();
    }
    app.dialog = dialog;
    await tick();
    this.note();
  }

  #visit(): Visit {
    const { dialog, library, panel, place, topic } = this.#app;
    const photo = place === 'caption' && library.view === 'one' ? library.currentId : null;
    const isShown = Object.keys(panel).length > 0;
    return { place, photo, ...(place === 'learn' && { topic, ...(isShown && { panel }) }), dialog };
  }
}

/** From photo to photo, and within a topic. */
function isNoStep(from: Visit, to: Visit): boolean {
  if (from.place !== to.place || from.dialog !== to.dialog) return false;
  return from.place === 'learn' ? from.topic === to.topic : from.photo !== null && to.photo !== null;
}
