import type { EventName, EventOf } from '../contract/events.ts';

export type Listener<Name extends EventName> = (event: EventOf<Name>) => void;

/** Tells those who listen what happened. */
export class Emitter {
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();

  emit<Name extends EventName>(name: Name, event: EventOf<Name>): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) (listener as Listener<Name>)(event);
  }

  /** @returns a function that ends the subscription */
  subscribe<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}
