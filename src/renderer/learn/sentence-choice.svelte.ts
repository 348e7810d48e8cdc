import type { TranslationModel } from '../../contract/data/translation.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import type { Panel } from '../state/places.ts';
import type { Translators } from '../state/translators.svelte.ts';

/** Milliseconds without a key before a sentence is sent. */
export const PAUSE = 300;

/** A sentence, and the translator that it is shown with. */
export class SentenceChoice {
  readonly #translators: Translators;
  readonly #fits: (model: TranslationModel) => boolean;
  text = $state(i18n.t.inside.placeholder);
  /** The model that somebody chose, or ''. */
  chosen = $state('');

  /** First those that were made to be compared, one for each kind of attention. */
  readonly models = $derived.by(() => {
    const able = this.#translators.able.filter((one) => this.#fits(one));
    const compared = able.filter(({ isComparison }) => isComparison);
    return [...compared, ...able.filter(({ isComparison }) => !isComparison)];
  });
  /** Unless somebody chose, the first kind that there was. */
  readonly model = $derived(
    this.models.find(({ name }) => name === this.chosen) ??
      this.models.find(({ title }) => title.includes('additive')) ??
      this.models[0],
  );

  /** @param fits which models can be shown */
  constructor(translators: Translators, panel: Panel, fits: (model: TranslationModel) => boolean = () => true) {
    this.#translators = translators;
    this.#fits = fits;
    const { from, model, text, to } = panel;
    if (text !== undefined) this.text = text.slice(0, 500);
    if (model !== undefined) this.chosen = model;
    if (from !== undefined && to !== undefined) translators.use(from, to);
  }

  /** As an address has it. */
  readonly panel = $derived.by((): Panel => {
    const { from, to } = this.#translators;
    return { text: this.text.trim(), from, to, ...(this.model && { model: this.model.name }) };
  });
}
