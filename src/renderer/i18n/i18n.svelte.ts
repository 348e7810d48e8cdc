import { chooseLanguage } from '../../contract/choose-language.ts';
import type { Failure } from '../../contract/data/failure.ts';
import { de, deFailures } from './de.ts';
import { en } from './en.ts';
import type { Failures, Messages } from './messages.ts';

/** The languages that the page has texts for, by their tags. A further one is a further file and a line here. */
export const LANGUAGES: Readonly<Record<string, Messages>> = { en, de };

const FAILURES: Readonly<Record<string, Failures>> = { de: deFailures };

/** The texts and number formats of the language in use. */
class I18n {
  tag = $state('en');
  readonly t: Messages = $derived(LANGUAGES[this.tag] ?? en);
  readonly #percent = $derived(new Intl.NumberFormat(this.tag, { style: 'percent', maximumFractionDigits: 0 }));

  /** @param language 'system' or a tag; of an unknown one the page keeps to what the system prefers, else English */
  use(language: string, preferred: readonly string[] = navigator.languages): void {
    this.tag = chooseLanguage(language, preferred, Object.keys(LANGUAGES));
  }

  /** A probability as a person reads it: "87%", "<1%"; almost certain is not certain. */
  percent(probability: number): string {
    if (probability > 0 && probability < 0.01) return `<${this.#percent.format(0.01)}`;
    return this.#percent.format(probability < 1 ? Math.min(0.99, probability) : 1);
  }

  /** What a person is told of a failure. */
  failure({ code, message }: Failure): string {
    return FAILURES[this.tag]?.[code] ?? message;
  }

  /** A number with so many digits after the point, or comma. */
  number(value: number, digits: number): string {
    return value.toLocaleString(this.tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /** "990 MB", "24.6 MB", in millions of bytes; of less than one, "45 kB", in thousands. */
  dataSize(bytes: number): string {
    if (bytes < 1e6) return `${this.number(bytes / 1e3, 0)} kB`;
    return `${this.number(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`;
  }

  /** The name of a language in the language in use. */
  languageName(tag: string): string {
    try {
      return new Intl.DisplayNames([this.tag], { type: 'language' }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }
}

export const i18n = new I18n();
