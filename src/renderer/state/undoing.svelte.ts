import type { History } from '../../contract/data/history.ts';
import type { Output } from '../../contract/requests.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';

/** Takes back what was done to photos, in this window or another, and does it again. */
export class Undoing {
  readonly #desk: Desk;
  readonly #onMoved: (photoIds: readonly string[]) => void;

  /** What would be undone and redone next. */
  status = $state.raw<History>({ undo: null, redo: null });

  /** @param onMoved told of the photos that something was undone or redone of */
  constructor(desk: Desk, onMoved: (photoIds: readonly string[]) => void) {
    this.#desk = desk;
    this.#onMoved = onMoved;
  }

  /** @param step only this one, where nothing was done since; left out: what was done last */
  async undo(step?: number): Promise<void> {
    const { client } = this.#desk;
    const move = await this.#desk.attempt(client.request('history.undo', step === undefined ? {} : { step }));
    if (move) this.#moved(move, i18n.t.history.undone);
  }

  async redo(): Promise<void> {
    const move = await this.#desk.attempt(this.#desk.client.request('history.redo', {}));
    if (move) this.#moved(move, i18n.t.history.redone);
  }

  #moved({ done, photoIds }: Output<'history.undo'>, say: (what: string) => string): void {
    if (!done) {
      this.#desk.news(i18n.t.history.nothing);
      return;
    }
    this.#onMoved(photoIds);
    this.#desk.news(say(i18n.t.history.kinds[done.kind](done.photos)));
  }
}
