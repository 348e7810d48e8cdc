import { AttendError } from '../../contract/attend-error.ts';
import type { StepKind } from '../../contract/constants/step-kinds.ts';
import type { History as HistoryStatus, HistoryStep } from '../../contract/data/history.ts';
import type { Entry } from './entry.ts';
import type { EntryChange, Library } from './library.ts';

/** So many steps can be undone; what was kept of photos that an older one removed is deleted. */
const STEPS = 100;
/** So many of a step's photos are named. */
const NAMED = 100;

/** What a step changed in one photo. */
interface Changed {
  readonly before: EntryChange;
  readonly after: EntryChange;
  /** The model's caption before and after the step: what a person said of it holds for no other. */
  readonly captions: readonly [before: string | null, after: string | null];
}

interface Step {
  readonly step: number;
  readonly kind: StepKind;
  /** Of each photo what was changed; for `remove` nothing. */
  readonly changed: ReadonlyMap<string, Changed>;
  readonly removed: readonly Entry[];
}

/**
 * What people did to the photos of a library, for all windows the same, and the way back. Each step is on disk when its
 * promise is kept, and so is each undoing; the way back itself ends with the service. Steps are done one after the other.
 */
export class History {
  readonly #library: Library;
  readonly #onChange: (status: HistoryStatus) => void;
  readonly #done: Step[] = [];
  #undone: Step[] = [];
  #next = 1;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange told of what would be undone and redone next, whenever that changes */
  constructor(library: Library, onChange: (status: HistoryStatus) => void = () => undefined) {
    this.#library = library;
    this.#onChange = onChange;
  }

  status(): HistoryStatus {
    return { undo: described(this.#done.at(-1)), redo: described(this.#undone.at(-1)) };
  }

  /**
   * Changes photos as one step.
   * @param ids those that are no more are passed over
   * @param change what to change in a photo, undefined for nothing
   * @returns the step's number; undefined where nothing was to be changed
   */
  change(
    kind: Exclude<StepKind, 'remove'>,
    ids: Iterable<string>,
    change: (entry: Entry) => EntryChange | undefined,
  ): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const changed = new Map<string, Changed>();
      for (const id of new Set(ids)) {
        if (!this.#library.has(id)) continue;
        const entry = this.#library.get(id);
        const after = different(entry, change(entry) ?? {});
        if (Object.keys(after).length === 0) continue;
        const before = pick(entry, Object.keys(after) as (keyof EntryChange)[]);
        changed.set(id, { before, after, captions: [entry.caption, { ...entry, ...after }.caption] });
      }
      if (changed.size === 0) return undefined;
      await this.#library.keepAll(new Map([...changed].map(([id, { after }]) => [id, after])));
      return this.#push({ step: this.#next++, kind, changed, removed: [] });
    });
  }

  /** Removes photos as one step. @returns its number; undefined where there were none */
  remove(ids: readonly string[]): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const removed = await this.#library.remove(ids);
      if (removed.length === 0) return undefined;
      return this.#push({ step: this.#next++, kind: 'remove', changed: new Map(), removed });
    });
  }

  /**
   * Undoes the last step.
   * @param only this one
   * @returns what was undone, null where there was nothing, and its photos
   * @throws AttendError `not-found` where something else was done since
   */
  undo(only?: number): Promise<{ done: HistoryStep | null; photoIds: string[] }> {
    return this.#inTurn(async () => {
      const step = this.#done.at(-1);
      if (only !== undefined && step?.step !== only) {
        throw new AttendError('not-found', 'Something else was changed since. Undo the steps one by one.');
      }
      if (!step) return { done: null, photoIds: [] };
      if (step.kind === 'remove') await this.#library.restore(step.removed);
      else await this.#library.keepAll(this.#changesOf(step, 'before'));
      this.#done.pop();
      this.#undone.push(step);
      this.#onChange(this.status());
      return { done: described(step), photoIds: this.#photosOf(step) };
    });
  }

  /** Does the step again that was undone last. */
  redo(): Promise<{ done: HistoryStep | null; photoIds: string[] }> {
    return this.#inTurn(async () => {
      const step = this.#undone.at(-1);
      if (!step) return { done: null, photoIds: [] };
      let again = step;
      // What came back may have been captioned since: it must come back so the next time.
      if (step.kind === 'remove') {
        again = { ...step, removed: await this.#library.remove(step.removed.map(({ id }) => id)) };
      } else await this.#library.keepAll(this.#changesOf(step, 'after'));
      this.#undone.pop();
      this.#done.push(again);
      this.#onChange(this.status());
      return { done: described(step), photoIds: this.#photosOf(step) };
    });
  }

  async #push(step: Step): Promise<number> {
    this.#done.push(step);
    this.#undone = [];
    this.#onChange(this.status());
    if (this.#done.length > STEPS) await this.#library.letGo(this.#done.shift()?.removed ?? []);
    return step.step;
  }

  /** How the photos of a step are to be on one side of it. */
  #changesOf({ changed }: Step, side: 'before' | 'after'): Map<string, EntryChange> {
    const changes = new Map<string, EntryChange>();
    for (const [id, one] of changed) {
      if (!this.#library.has(id)) continue;
      const now = this.#library.get(id);
      const { captions } = one;
      const isSameCaption = now.caption === (side === 'before' ? captions[1] : captions[0]);
      changes.set(id, isSameCaption ? one[side] : withoutCaption(now, one[side]));
    }
    return changes;
  }

  #photosOf({ changed, removed }: Step): string[] {
    return [...changed.keys(), ...removed.map(({ id }) => id)].filter((id) => this.#library.has(id)).slice(0, NAMED);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function described(step: Step | undefined): HistoryStep | null {
  return step ? { step: step.step, kind: step.kind, photos: step.changed.size + step.removed.length } : null;
}

/** The parts of a change that are not so already. */
function different(entry: Entry, change: EntryChange): EntryChange {
  const fields = Object.entries(change) as [keyof EntryChange, unknown][];
  return Object.fromEntries(fields.filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(entry[field])));
}

function pick(entry: Entry, fields: readonly (keyof EntryChange)[]): EntryChange {
  return Object.fromEntries(fields.map((field) => [field, entry[field]]));
}

/** A change for a photo that the model has captioned anew since: nobody has seen that caption. */
function withoutCaption(now: Entry, change: EntryChange): EntryChange {
  const { caption: _caption, confidence: _confidence, notSure: _notSure, keywords: _keywords, ...rest } = change;
  const { edited } = { ...now, ...rest };
  return edited === null && rest.review !== undefined ? { ...rest, review: 'new' } : rest;
}
