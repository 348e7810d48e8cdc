import type { TranslationModel } from '../../contract/data/translation.ts';
import type { Output } from '../../contract/requests.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from './desk.ts';

/** The installed translators and the pair of languages in use, for all that translates. */
export class Translators {
  readonly #desk: Desk;
  models = $state.raw<readonly TranslationModel[]>([]);
  languages = $state.raw<Output<'translate.models'>['languages']>([]);
  /** Pairs that two of them translate together, through English. */
  through = $state.raw<Output<'translate.models'>['through']>([]);
  state = $state<'loading' | 'ready' | 'missing'>('loading');

  readonly sources = $derived(this.#tags((pair) => pair.from));
  /** The languages of the settings, where something translates from and to them; else what there is. */
  readonly from = $derived(oneOf(this.sources, this.#settings.translateFrom));
  readonly targets = $derived(this.#tags((pair) => (pair.from === this.from ? pair.to : null)));
  readonly to = $derived(oneOf(this.targets, this.#settings.translateTo));
  /** The same with what there is a way to through English, for texts; who looks inside looks into one model. */
  readonly farTargets = $derived([
    ...new Set([...this.targets, ...this.through.filter(({ from }) => from === this.from).map(({ to }) => to)]),
  ]);
  readonly farTo = $derived(oneOf(this.farTargets, this.#settings.translateTo));
  readonly isThrough = $derived(this.farTargets.length > 0 && !this.targets.includes(this.farTo));
  readonly canSwapFar = $derived(
    this.through.some(({ from, to }) => from === this.farTo && to === this.from) ||
      this.models.some(({ pairs }) => pairs.some((pair) => pair.from === this.farTo && pair.to === this.from)),
  );
  /** The models that translate between the two languages in use, best first. */
  readonly able = $derived(
    this.models.filter(({ pairs }) => pairs.some((pair) => pair.from === this.from && pair.to === this.to)),
  );
  /** What captions, which are English, can be translated to; and the one that the user reads them in, or ''. */
  readonly captionLanguages = $derived(this.#tags((pair) => (pair.from === 'en' ? pair.to : null)));
  readonly captionLanguage = $derived.by(() => {
    // Unless somebody chose: as the page speaks.
    const wanted = String(this.#desk.settings.page['captionLanguage'] ?? i18n.tag);
    return this.captionLanguages.includes(wanted) ? wanted : '';
  });
  readonly canSwap = $derived(
    this.models.some(({ pairs }) => pairs.some((pair) => pair.from === this.to && pair.to === this.from)),
  );

  #asking: Promise<void> | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Asks which there are, until there is one: a translator may be installed while the page is open. */
  load(): Promise<void> {
    this.#asking ??= this.#load().finally(() => {
      if (this.models.length === 0) this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Asks again, where somebody has asked before: there may be others now. */
  async renew(): Promise<void> {
    if (this.state === 'loading') return;
    this.#asking = undefined;
    await this.load();
  }

  async #load(): Promise<void> {
    const found = await this.#desk.attempt(this.#desk.client.request('translate.models', {}));
    this.models = found?.models ?? [];
    this.languages = found?.languages ?? [];
    this.through = found?.through ?? [];
    this.state = this.models.length > 0 ? 'ready' : 'missing';
  }

  use(translateFrom: string, translateTo: string): void {
    void this.#desk.change({ translateFrom, translateTo });
  }

  /** A language's name in the language of the page. */
  name(tag: string): string {
    const name = i18n.languageName(tag);
    return name === tag ? (this.languages.find((one) => one.tag === tag)?.name ?? tag) : name;
  }

  /** What a model is called; where another one is of the same kind, with what tells it apart. */
  title({ isComparison, name, title }: TranslationModel): string {
    const alike = this.models.filter((one) => one.title === title);
    if (alike.length < 2) return title;
    const isOnly = isComparison && alike.filter((one) => one.isComparison).length === 1;
    return `${title} (${isOnly ? i18n.t.inside.comparison : name.replace(/^(translator|comparison)-/, '')})`;
  }

  get #settings(): { translateFrom: string; translateTo: string } {
    return this.#desk.settings;
  }

  #tags(tagOf: (pair: { from: string; to: string }) => string | null): string[] {
    const tags = this.models.flatMap(({ pairs }) => pairs.map(tagOf)).filter((tag) => tag !== null);
    return [...new Set(tags)];
  }
}

function oneOf(known: readonly string[], wanted: string): string {
  return known.includes(wanted) ? wanted : (known[0] ?? wanted);
}
