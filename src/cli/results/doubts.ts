import type { TranslationFault } from '../../contract/data/translation.ts';
import type { TranslatedText } from '../../translation/translation-result.ts';
import { plural, printable } from '../terminal/progress.ts';

/** What is said of a sentence with such a fault. */
const SAID: Readonly<Record<TranslationFault, string>> = {
  missing: 'something that stays as it is was lost',
  numbers: 'the numbers are not those of the source',
  offensive: 'an offensive word was left out',
  repetition: 'it repeats itself',
  length: 'it is too short or too long',
};
/** Faults that are named one by one. */
const NAMED = 5;
/** Characters of a sentence that are shown. */
const SHOWN = 60;

/** What somebody should look at again in what was translated. */
export class Doubts {
  #kept = 0;
  #faulty = 0;
  #texts = 0;
  #unlike = 0;
  readonly #named: string[] = [];

  /** @param place of the text, as in `line 3` */
  add({ isUnlike, sentences }: TranslatedText, place?: string): void {
    for (const { faults, kept, source } of sentences) {
      if (kept !== undefined) this.#kept++;
      const [worst] = faults ?? [];
      if (worst === undefined) continue;
      this.#faulty++;
      if (this.#named.length >= NAMED) continue;
      const text = source.text.length > SHOWN ? `${source.text.slice(0, SHOWN)}…` : source.text;
      this.#named.push(`Check${place === undefined ? '' : ` ${place}`}, ${SAID[worst]}: ${printable(text)}`);
    }
    if (sentences.length > 0) this.#texts++;
    if (isUnlike) this.#unlike++;
  }

  /** In sentences, nothing where all is well. */
  lines(): string[] {
    const lines = [...this.#named];
    const more = this.#faulty - this.#named.length;
    if (more > 0) lines.push(`Check ${plural(more, 'more sentence')}; --json says which.`);
    if (this.#kept > 0) {
      const [were, their] = this.#kept === 1 ? ['was', 'its'] : ['were', 'their'];
      lines.push(`${plural(this.#kept, 'sentence')} ${were} left as written: the model does not know ${their} script.`);
    }
    if (this.#unlike > 0) {
      const of = this.#texts === 1 ? 'The text' : `${this.#unlike} of ${plural(this.#texts, 'text')}`;
      const is = this.#texts === 1 || this.#unlike === 1 ? 'is' : 'are';
      lines.push(
        `${of} ${is} unlike what the translator was trained on (everyday sentences, captions): expect little of the translation.`,
      );
    }
    return lines;
  }
}
