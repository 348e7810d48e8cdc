import type { Output } from '../../contract/requests.ts';
import type { Desk } from './desk.ts';
import { codeOf, messageOf } from './failure.ts';

/** What another captioner said of the photo, or why it said nothing. */
type Said = Output<'caption.beside'> | { readonly failure: string };

/** What other captioners say of the photo that is looked at. */
export class OtherCaptioners {
  readonly #desk: Desk;
  #control = new AbortController();
  /** By their names. */
  said = $state.raw<ReadonlyMap<string, Said>>(new Map());
  /** The one that is being asked. */
  asking = $state<string | null>(null);

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Asks one of them; one at a time, since each takes memory. */
  async ask(photoId: string, model: string): Promise<void> {
    const control = this.#control;
    this.asking = model;
    let said: Said;
    try {
      said = await this.#desk.client.request('caption.beside', { photoId, model }, { signal: control.signal });
    } catch (error) {
      if (codeOf(error) === 'cancelled') return;
      said = { failure: messageOf(error) };
    }
    if (control.signal.aborted) return;
    this.asking = null;
    this.said = new Map([...this.said, [model, said]]);
  }

  /** Another photo is looked at. */
  forget(): void {
    this.#control.abort();
    this.#control = new AbortController();
    this.asking = null;
    this.said = new Map();
  }
}
