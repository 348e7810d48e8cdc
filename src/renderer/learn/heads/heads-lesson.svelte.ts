import { untrack } from 'svelte';
import type { AttentionMap, LookInsideOutput } from '../../../contract/data/translation.ts';
import type { Desk } from '../../state/desk.ts';
import type { Panel } from '../../state/places.ts';
import type { Translators } from '../../state/translators.svelte.ts';
import { Asking } from '../../state/asking.svelte.ts';
import { countIn, oneIn } from '../panel-address.ts';
import { PAUSE, SentenceChoice } from '../sentence-choice.svelte.ts';
import { HEAD_KINDS, type HeadKind } from '../sentence-lesson.svelte.ts';

/** One head, by its layer and its number. */
export interface HeadName {
  readonly layer: number;
  readonly head: number;
}

/** All heads of a Transformer on one sentence. Made by a component, with which its requests end. */
export class HeadsLesson {
  readonly #desk: Desk;
  readonly #translators: Translators;
  readonly choice: SentenceChoice;
  readonly asking: Asking<LookInsideOutput>;
  kind = $state<HeadKind>('encoder');
  /** The one that is enlarged. */
  chosen = $state.raw<HeadName>({ layer: 0, head: 0 });
  /** The one that is pointed at, which is enlarged instead. */
  pointed = $state.raw<HeadName | null>(null);

  readonly look = $derived.by(() => this.asking.answer);
  /** Of the kind, in the order of layers and heads. */
  readonly maps = $derived.by(() => this.look?.maps.filter(({ kind }) => kind === this.kind) ?? []);
  readonly layers = $derived(Math.max(0, ...this.maps.map(({ layer }) => layer + 1)));
  readonly heads = $derived(Math.max(0, ...this.maps.map(({ head }) => head + 1)));
  readonly enlarged = $derived.by((): AttentionMap | undefined => {
    const { layer, head } = this.pointed ?? this.chosen;
    return this.maps.find((map) => map.layer === layer && map.head === head) ?? this.maps[0];
  });
  readonly panel = $derived.by((): Panel => {
    const { layer, head } = this.chosen;
    return { ...this.choice.panel, kind: this.kind, layer: String(layer), head: String(head) };
  });

  constructor(desk: Desk, translators: Translators, panel: Panel) {
    this.#desk = desk;
    this.#translators = translators;
    this.asking = new Asking(desk);
    this.choice = new SentenceChoice(translators, panel, ({ architecture }) => architecture === 'transformer');
    this.kind = oneIn(panel, 'kind', HEAD_KINDS) ?? 'encoder';
    this.chosen = { layer: countIn(panel, 'layer') ?? 0, head: countIn(panel, 'head') ?? 0 };
    $effect(() => void translators.load());
    $effect(() => this.#follow());
    $effect(() => () => this.asking.stop());
  }

  #follow(): (() => void) | undefined {
    const { client, returns: _returns } = this.#desk;
    const { model } = this.choice;
    const text = this.choice.text.trim();
    const { from, to } = this.#translators;
    if (!model || text === '') return undefined;
    const asked = { text, from, to, model: model.name };
    const timer = setTimeout(
      () => void this.asking.ask((signal) => client.request('translate.lookInside', asked, { signal })),
      untrack(() => this.look) ? PAUSE : 0,
    );
    return () => clearTimeout(timer);
  }
}
