import { untrack } from 'svelte';
import type { SentenceTrace } from '../../contract/data/traces.ts';
import type { Input } from '../../contract/requests.ts';
import type { Desk } from '../state/desk.ts';
import type { Panel } from '../state/places.ts';
import type { Translators } from '../state/translators.svelte.ts';
import { countIn, oneIn } from './panel-address.ts';
import { PAUSE, SentenceChoice } from './sentence-choice.svelte.ts';
import type { Subject } from './stages.ts';
import { Stepping } from './stepping.svelte.ts';

export type HeadKind = NonNullable<Input<'learn.sentence'>['head']>['kind'];
export const HEAD_KINDS: readonly HeadKind[] = ['cross', 'encoder', 'decoder'];

/** A sentence, a translator, and one token of the translation. Made by a component, with which its requests end. */
export class SentenceLesson {
  readonly #desk: Desk;
  readonly #translators: Translators;
  readonly stepping: Stepping;
  readonly choice: SentenceChoice;
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
  /** Of which sentence, languages and model it is; and of which sentence and languages. */
  #toldOf = '';
  #toldText = '';
  /** The token that an address leads to, until its sentence is known. */
  #wanted: number | undefined;

  readonly hasLayers = $derived.by(
    () => this.choice.model !== undefined && this.choice.model.architecture !== 'seq2seq',
  );
  readonly subject = $derived<Subject>({
    kind: 'sentence',
    attention: this.told?.attention ?? 'none',
    decoder: this.told?.decoder,
  });

  constructor(desk: Desk, translators: Translators, panel: Panel) {
    this.#desk = desk;
    this.#translators = translators;
    this.choice = new SentenceChoice(translators, panel);
    this.stepping = new Stepping(desk, countIn(panel, 'step'));
    this.kind = oneIn(panel, 'kind', HEAD_KINDS) ?? 'cross';
    this.layer = countIn(panel, 'layer') ?? null;
    this.head = countIn(panel, 'head') ?? 0;
    this.query = countIn(panel, 'query') ?? 0;
    this.#wanted = countIn(panel, 'token');
    $effect(() => void translators.load());
    $effect(() => this.#follow());
    $effect(() => () => this.stepping.stop());
  }

  /** As an address has it. */
  readonly panel = $derived.by((): Panel => {
    const head = this.#head();
    return {
      ...this.choice.panel,
      token: String(this.place),
      ...(head && {
        kind: head.kind,
        layer: String(head.layer),
        head: String(head.head),
        ...(head.query !== undefined && { query: String(head.query) }),
      }),
      step: String(this.stepping.stage),
    };
  });

  /** On to the next token, or back. */
  turn(by: number): void {
    const last = (this.told?.target.length ?? 1) - 1;
    this.place = Math.max(0, Math.min(last, this.place + by));
  }

  /** Asks for the step that is chosen; the end of it is to be called before the next. */
  #follow(): (() => void) | undefined {
    const { place } = this;
    const { model } = this.choice;
    const text = this.choice.text.trim();
    const { from, to } = this.#translators;
    const head = this.#head();
    const { returns: _returns } = this.#desk;
    if (!model || text === '') return undefined;
    const words = JSON.stringify([text, from, to]);
    const key = `${model.name} ${words}`;
    const isNew = untrack(() => this.#toldOf) !== key;
    const input = { text, from, to, model: model.name, ...(head && { head }) };
    if (!isNew) {
      untrack(() => this.#begin(input, place, key, words));
      return undefined;
    }
    const timer = setTimeout(() => this.#begin(input, null, key, words), this.told ? PAUSE : 0);
    return () => clearTimeout(timer);
  }

  /** @param place null: of a sentence that is not known yet, from its beginning */
  #begin(input: Omit<Input<'learn.sentence'>, 'step'>, place: number | null, key: string, words: string): void {
    const written = place === null ? undefined : this.told?.written;
    void this.stepping.begin(async (change, signal) => {
      const asked = { ...input, step: place ?? 0, ...(written && { written }), ...(change && { change }) };
      const told = await this.#desk.client.request('learn.sentence', asked, { signal });
      this.#toldOf = key;
      if (place === null) {
        // Another model writes the same sentence or a like one: whoever compares them stays at the token.
        const before = this.#toldText === words ? this.place : 0;
        this.place = Math.min(this.#wanted ?? before, told.target.length - 1);
        this.#wanted = undefined;
      }
      this.#toldText = words;
      this.told = told;
      return told.step;
    });
  }

  #head(): Input<'learn.sentence'>['head'] {
    const { layer, query } = this;
    // What somebody chose of a Transformer, a ConvS2S may not have.
    const isTransformer = this.choice.model?.architecture === 'transformer';
    const [kind, head] = isTransformer ? [this.kind, this.head] : (['cross', 0] as const);
    if (!this.hasLayers || (kind === 'cross' && layer === null && head === 0)) return undefined;
    return { kind, layer: layer ?? 0, head, ...(kind === 'encoder' && { query }) };
  }
}
