import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';
import type { Translating } from './translating.svelte.ts';

/** Less than this is noise of the attention, not a word that was looked at. */
const FAINT = 0.08;
/** A word with at least this share is named to who listens. */
const NAMED = 0.2;

type Side = 'source' | 'target';

interface Place {
  readonly sentence: number;
  readonly word: number;
}

/** Which word of a text or its translation the user is at, and which words of the other side belong to it. */
export class WordPairs {
  readonly #translating: Pick<Translating, 'sentences' | 'shownOf'>;
  readonly #desk: Pick<Desk, 'say'>;

  pointed = $state.raw<(Place & { readonly side: Side }) | null>(null);
  /** The word of the translation that the keyboard was at last. */
  stepped = $state.raw<Place | null>(null);

  constructor(translating: Pick<Translating, 'sentences' | 'shownOf'>, desk: Pick<Desk, 'say'>) {
    this.#translating = translating;
    this.#desk = desk;
  }

  pointAt(side: Side, sentence: number, word: number): void {
    this.pointed = { side, sentence, word };
  }

  letGo(): void {
    this.pointed = null;
  }

  /** Moves to a word of the translation by the keyboard, and says what it belongs to. */
  stepTo(sentence: number, word: number): void {
    this.pointAt('target', sentence, word);
    this.stepped = { sentence, word };
    const one = this.#translating.sentences[sentence];
    if (!one) return;
    const own = this.#translating.shownOf(one, sentence);
    const others = (own.alignment[word] ?? []).flatMap((weight, index) =>
      weight >= NAMED ? [`${one.source.words[index] ?? ''} ${i18n.percent(weight)}`] : [],
    );
    const name = own.words[word]?.word ?? '';
    const { aligned, alignedNone } = i18n.t.translate;
    this.#desk.say(others.length > 0 ? aligned(name, others.join(', ')) : alignedNone(name));
  }

  /** How much a word has to do with the one that is pointed at, 0 to 1. */
  share(side: Side, sentence: number, word: number | null): number {
    const { pointed } = this;
    if (!pointed || word === null || pointed.sentence !== sentence) return 0;
    if (pointed.side === side) return pointed.word === word ? 1 : 0;
    const one = this.#translating.sentences[sentence];
    if (!one) return 0;
    const { alignment } = this.#translating.shownOf(one, sentence);
    const weight = side === 'source' ? (alignment[pointed.word]?.[word] ?? 0) : (alignment[word]?.[pointed.word] ?? 0);
    return weight < FAINT ? 0 : weight;
  }
}
