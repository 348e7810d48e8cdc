import { untrack } from 'svelte';
import type { SentenceTrace } from '../../contract/data/traces.ts';
import type { Input } from '../../contract/requests.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from '../state/desk.ts';
import type { Translators } from '../state/translators.svelte.ts';
import type { Subject } from './stages.ts';
import { Stepping } from './stepping.svelte.ts';

/** Milliseconds without a key before a sentence is sent. */
const PAUSE = 300;

export type HeadKind = NonNullable<Input<'learn.sentence'>['head']>['kind'];

/** A sentence, a translator, and one token of the translation. Made by a component, with which its requests end. */
export class SentenceLesson {
  readonly #desk: Desk;
  readonly #translators: Translators;
  readonly stepping: Stepping;
  text = $state(i18n.t.inside.placeholder);
  /** The model that somebody chose, or ''. */
  chosen = $state('');
  /** Which token of the translation. */
  place = $state(0);
  kind = $state<HeadKind>('cross');
  /** Null: the one that counts as the alignment. */
  layer = $state<number | null>(null);
  head = $state(0);
  /** The token of the source that asks, where the source looks at itself. */
  query = $state(0);
  /** The last answer, whichever token it is of. */
  told = $state.raw<SentenceTrace | null>(null);
  /** Of which sentence, languages and model it is. */
  #toldOf = '';

  /** First those that were made to be compared, one for each kind of attention. */
  readonly models = $derived.by(() => {
    const { able } = this.#translators;
    const compared = able.filter(({ isComparison }) => isComparison);
    return [...compared, ...able.filter(({ isComparison }) => !isComparison)];
  });
  /** Unless somebody chose, the first kind that there was. */
  readonly model = $derived(
    this.models.find(({ name }) => name === this.chosen) ??
      this.models.find(({ title }) => title.includes('additive')) ??
      this.models[0],
  );
  readonly isTransformer = $derived(this.model?.architecture === 'transformer');
  readonly subject = $derived<Subject>({
    kind: 'sentence',
    attention: this.told?.attention ?? 'none',
    decoder: this.told?.decoder,
  });

  constructor(desk: Desk, translators: Translators) {
    this.#desk = desk;
    this.#translators = translators;
    this.stepping = new Stepping(desk);
    $effect(() => void translators.load());
    $effect(() => this.#follow());
    $effect(() => () => this.stepping.stop());
  }

  /** On to the next token, or back. */
  turn(by: number): void {
    const last = (this.told?.target.length ?? 1) - 1;
    this.place = Math.max(0, Math.min(last, this.place + by));
  }

  /** Asks for the step that is chosen; the end of it is to be called before the next. */
  #follow(): (() => void) | undefined {
    const { model, place } = this;
    const text = this.text.trim();
    const { from, to } = this.#translators;
    const head = this.#head();
    const { returns: _returns } = this.#desk;
    if (!model || text === '') return undefined;
    const key = JSON.stringify([text, from, to, model.name]);
    const isNew = untrack(() => this.#toldOf) !== key;
    const input = { text, from, to, model: model.name, ...(head && { head }) };
    if (!isNew) {
      untrack(() => this.#begin(input, place, key));
      return undefined;
    }
    const timer = setTimeout(() => this.#begin(input, null, key), this.told ? PAUSE : 0);
    return () => clearTimeout(timer);
  }

  /** @param place null: of a sentence that is not known yet, from its beginning */
  #begin(input: Omit<Input<'learn.sentence'>, 'step'>, place: number | null, key: string): void {
    const written = place === null ? undefined : this.told?.written;
    void this.stepping.begin(async (change, signal) => {
      const asked = { ...input, step: place ?? 0, ...(written && { written }), ...(change && { change }) };
      const told = await this.#desk.client.request('learn.sentence', asked, { signal });
      this.#toldOf = key;
      if (place === null) this.place = 0;
      this.told = told;
      return told.step;
    });
  }

  #head(): Input<'learn.sentence'>['head'] {
    const { head, kind, layer, query } = this;
    if (!this.isTransformer || (kind === 'cross' && layer === null && head === 0)) return undefined;
    return { kind, layer: layer ?? 0, head, ...(kind === 'encoder' && { query }) };
  }
}
