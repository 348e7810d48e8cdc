import { untrack } from 'svelte';
import type { SearchTree } from '../../../contract/data/traces.ts';
import type { Desk } from '../../state/desk.ts';
import type { Library } from '../../state/library.svelte.ts';
import type { Panel } from '../../state/places.ts';
import type { Translators } from '../../state/translators.svelte.ts';
import { Asking } from '../../state/asking.svelte.ts';
import { openWanted } from '../caption-lesson.svelte.ts';
import { countIn, oneIn } from '../panel-address.ts';
import { PAUSE, SentenceChoice } from '../sentence-choice.svelte.ts';

/** What is searched for. */
export const SUBJECTS = ['caption', 'sentence'] as const;
export type Subject = (typeof SUBJECTS)[number];
/** The widest beam that can be looked through. */
export const WIDEST = 8;

/** A beam search, step by step. Made by a component, with which its requests end. */
export class TreeLesson {
  readonly #desk: Desk;
  readonly #library: Library;
  readonly #translators: Translators;
  readonly choice: SentenceChoice;
  readonly asking: Asking<SearchTree>;
  subject = $state<Subject>('caption');
  /** Of the beam; null: as the model has it. */
  width = $state<number | null>(null);
  /** How many steps the search has taken. */
  steps = $state(1);
  /** The steps that an address leads to, until the tree is known. */
  #wanted: number | undefined;

  readonly tree = $derived.by(() => this.asking.answer);
  /** How many steps it took. */
  readonly most = $derived((this.tree?.nodes.at(-1)?.step ?? 0) + 1);
  readonly photo = $derived.by(() => this.#library.current);
  readonly panel = $derived.by((): Panel => {
    const { photo, steps, subject, width } = this;
    return {
      of: subject,
      ...(subject === 'sentence' ? this.choice.panel : photo && { photo: photo.id }),
      ...(width !== null && { width: String(width) }),
      steps: String(steps),
    };
  });

  constructor(desk: Desk, library: Library, translators: Translators, panel: Panel) {
    this.#desk = desk;
    this.#library = library;
    this.#translators = translators;
    this.asking = new Asking(desk);
    this.choice = new SentenceChoice(translators, panel);
    openWanted(library, panel);
    this.subject = oneIn(panel, 'of', SUBJECTS) ?? 'caption';
    this.width = countIn(panel, 'width') ?? null;
    this.#wanted = countIn(panel, 'steps');
    $effect(() => void translators.load());
    $effect(() => this.#follow());
    $effect(() => () => this.asking.stop());
  }

  /** On by some steps, or back. */
  turn(by: number): void {
    this.steps = Math.max(1, Math.min(this.most, this.steps + by));
  }

  /** Asks for the search that is chosen; the end of it is to be called before the next. */
  #follow(): (() => void) | undefined {
    const { client, returns: _returns } = this.#desk;
    const beam = this.width === null ? {} : { beam: this.width };
    if (this.subject === 'caption') {
      const { photo } = this;
      if (photo) {
        const asked = { photoId: photo.id, ...beam };
        untrack(() => this.#ask((signal) => client.request('learn.captionTree', asked, { signal })));
      }
      return undefined;
    }
    const { model } = this.choice;
    const text = this.choice.text.trim();
    const { from, to } = this.#translators;
    if (!model || text === '') return undefined;
    const asked = { text, from, to, model: model.name, ...beam };
    const timer = setTimeout(
      () => this.#ask((signal) => client.request('learn.sentenceTree', asked, { signal })),
      untrack(() => this.tree) ? PAUSE : 0,
    );
    return () => clearTimeout(timer);
  }

  #ask(question: (signal: AbortSignal) => Promise<SearchTree>): void {
    void this.asking.ask(question).then((isNew) => {
      if (!isNew) return;
      this.steps = Math.max(1, Math.min(this.most, this.#wanted ?? 1));
      this.#wanted = undefined;
    });
  }
}
