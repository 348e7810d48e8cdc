import { untrack } from 'svelte';
import type { LookInsideOutput } from '../../contract/data/translation.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import { AVERAGE, extentOf, kindsOf, matrixOf, type Kind } from '../text/alignment.ts';
import type { Matrix } from '../text/matrix-files.ts';
import type { Desk } from './desk.ts';
import { codeOf, isOfConnection, messageOf } from './failure.ts';
import type { Translators } from './translators.svelte.ts';

/** Milliseconds without a key before a sentence is sent. */
const PAUSE = 300;
/** Sides of a cell in pixels: the smallest and the largest that can be zoomed to, and where zooming begins. */
const SMALLEST = 10;
const LARGEST = 96;
const USUAL = 32;

/** What is looked into. */
export const SUBJECTS = ['sentence', 'photo'] as const;

/** What one model did with the sentence, as far as it is known. */
interface Look {
  readonly name: string;
  /** Tells whether it is of the sentence and the languages that stand there now. */
  readonly key: string;
  readonly output: LookInsideOutput | null;
  readonly problem: string;
}

/** A look, with the matrix of it that is wanted; null where the model has none. */
export interface View extends Look {
  readonly matrix: Matrix | null;
}

/** A sentence, and what one or several translators look at. Made by a component, with which its requests end. */
export class Inside {
  readonly #desk: Desk;
  readonly #translators: Translators;

  subject = $state<(typeof SUBJECTS)[number]>('sentence');
  text = $state('');
  /** The model that somebody chose, or ''. */
  model = $state('');
  /** Indices as texts, or `AVERAGE`. */
  layer = $state(AVERAGE);
  head = $state(AVERAGE);
  /** Side of a cell in pixels; null: what fits. */
  cell = $state<number | null>(null);
  working = $state(false);
  #kind = $state<Kind>('cross');
  #looks = $state.raw<readonly Look[]>([]);

  readonly first = $derived.by(
    () => this.#translators.able.find(({ name }) => name === this.model) ?? this.#translators.able[0],
  );
  /** Those that the first can be compared with, and the names of those that were chosen for it. */
  readonly others = $derived.by(() => this.#translators.able.filter((one) => one !== this.first));
  readonly compared = $derived.by(() => String(this.#desk.settings.page['comparedModels'] ?? '').split(','));
  /** The models whose looks are shown, in the order of the list. */
  readonly shown = $derived.by(() =>
    this.#translators.able.filter((one) => one === this.first || this.compared.includes(one.name)),
  );
  /** As one text, so that a list of the same asks for nothing. */
  readonly #names = $derived(this.shown.map(({ name }) => name).join(','));

  readonly #outputs = $derived(this.#looks.flatMap(({ output }) => output ?? []));
  readonly isKnown = $derived(this.#outputs.length > 0);
  readonly kinds = $derived(kindsOf(this.#outputs));
  /** What was chosen may be of a model that is not shown any more. */
  readonly kind = $derived(this.kinds.includes(this.#kind) ? this.#kind : 'cross');
  readonly layers = $derived(extentOf(this.#outputs, this.kind, ({ layer }) => layer));
  readonly heads = $derived(extentOf(this.#outputs, this.kind, ({ head }) => head));
  readonly views = $derived<readonly View[]>(
    this.#looks.map((look) => {
      const { kind, layer, head } = this;
      return { ...look, matrix: look.output && matrixOf(look.output, { kind, layer, head }) };
    }),
  );

  constructor(desk: Desk, translators: Translators) {
    this.#desk = desk;
    this.#translators = translators;
    const handed = desk.textToInspect;
    desk.textToInspect = null;
    this.text = handed?.text ?? i18n.t.inside.placeholder;
    this.model = handed?.model ?? '';
    $effect(() => void translators.load());
    if (handed) translators.use(handed.from, handed.to);
    $effect(() => this.#follow());
  }

  /** Asks for what is not known of what stands there now, a little later; the end of it is to be called before the next. */
  #follow(): (() => void) | undefined {
    const text = this.text.trim();
    const { from, to } = this.#translators;
    const key = JSON.stringify([text, from, to]);
    const wanted = this.#names === '' || text === '' ? [] : this.#names.split(',');
    // Once more where the service was away.
    const { returns: _returns } = this.#desk;
    const before = untrack(() => this.#looks);
    // What was seen before stays until the new is there.
    const now = wanted.map(
      (name) => before.find((look) => look.name === name) ?? { name, key: '', output: null, problem: '' },
    );
    this.#looks = now;
    const missing = now.filter((look) => look.key !== key).map(({ name }) => name);
    if (missing.length === 0) {
      this.working = false;
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(
      () => void this.#look(missing, { text, from, to }, key, control.signal),
      before.length === 0 ? 0 : PAUSE,
    );
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }

  async #look(
    missing: readonly string[],
    input: { text: string; from: string; to: string },
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    this.working = true;
    for (const name of missing) {
      let found: Look;
      try {
        const output = await this.#desk.client.request('translate.lookInside', { ...input, model: name }, { signal });
        found = { name, key, output, problem: '' };
      } catch (error) {
        if (signal.aborted || codeOf(error) === 'cancelled') return;
        // One model that cannot do it does not stop the others.
        found = { name, key: isOfConnection(codeOf(error)) ? '' : key, output: null, problem: messageOf(error) };
      }
      if (signal.aborted) return;
      this.#looks = this.#looks.map((one) => (one.name === name ? found : one));
    }
    this.working = false;
  }

  compare(name: string, isChosen: boolean): void {
    const names = this.others.map((one) => one.name);
    this.#keep(names.filter((one) => (one === name ? isChosen : this.compared.includes(one))));
  }

  compareAll(): void {
    this.#keep(this.others.map(({ name }) => name));
  }

  compareNone(): void {
    this.#keep([]);
  }

  #keep(compared: readonly string[]): void {
    const { page } = this.#desk.settings;
    void this.#desk.change({ page: { ...page, comparedModels: compared.join(',') } });
  }

  useKind(kind: Kind): void {
    this.#kind = kind;
  }

  zoom(by: number): void {
    this.cell = Math.round(Math.min(LARGEST, Math.max(SMALLEST, (this.cell ?? USUAL) * by)));
  }
}
