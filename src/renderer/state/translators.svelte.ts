import type { Output, TranslationModel } from '../../contract/contract.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { App } from './app.svelte.ts';

/** The installed translators and the pair of languages in use; for both places that translate. */
export class Translators {
  readonly #app: App;
  models = $state.raw<readonly TranslationModel[]>([]);
  languages = $state.raw<Output<'translate.models'>['languages']>([]);
  state = $state<'loading' | 'ready' | 'missing'>('loading');
  from = $state('en');
  to = $state('de');

  readonly sources = $derived(this.#tags((pair) => pair.from));
  readonly targets = $derived(this.#tags((pair) => (pair.from === this.from ? pair.to : null)));
  /** The models that translate between the two languages in use. */
  readonly able = $derived(
    this.models.filter(({ pairs }) => pairs.some((pair) => pair.from === this.from && pair.to === this.to)),
  );
  readonly canSwap = $derived(
    this.models.some(({ pairs }) => pairs.some((pair) => pair.from === this.to && pair.to === this.from)),
  );

  constructor(app: App) {
    this.#app = app;
  }

  async load(): Promise<void> {
    const { settings, client } = this.#app;
    this.from = settings.translateFrom;
    this.to = settings.translateTo;
    const found = await this.#app.attempt(client.request('translate.models', {}));
    this.models = found?.models ?? [];
    this.languages = found?.languages ?? [];
    this.state = this.models.length > 0 ? 'ready' : 'missing';
    if (this.state === 'ready' && this.able.length === 0) {
      const pair = this.models[0]?.pairs[0];
      if (pair) this.use(pair.from, pair.to);
    }
  }

  use(from: string, to: string): void {
    this.from = from;
    this.to = this.#tags((pair) => (pair.from === from ? pair.to : null)).includes(to) ? to : (this.targets[0] ?? to);
    void this.#app.change({ translateFrom: this.from, translateTo: this.to });
  }

  /** A language's name in the language of the page. */
  name(tag: string): string {
    const name = i18n.languageName(tag);
    return name === tag ? (this.languages.find((one) => one.tag === tag)?.name ?? tag) : name;
  }

  #tags(tagOf: (pair: { from: string; to: string }) => string | null): string[] {
    const tags = this.models.flatMap(({ pairs }) => pairs.map(tagOf)).filter((tag) => tag !== null);
    return [...new Set(tags)];
  }
}
