import type { BackendName } from '../contract/constants/backends.ts';
import type { TranslationDomain } from '../contract/constants/translation-domains.ts';
import { ASKED, check, described } from './check.ts';
import { backendOfEnvironment, useBackend } from '../native/backend.ts';
import { findTranslator } from '../translation/find-translator.ts';
import { translate } from '../translation/translate.ts';
import type { TranslatedText } from '../translation/translation-result.ts';
import { loadTranslator, type TranslatorModel } from '../translation/translator-model.ts';

export interface OpenTranslatorOptions {
  /** A model's folder, or the name of one that is installed; left out: the first that knows the languages. */
  model?: string;
  /** Language tags: "en", "de". */
  from?: string;
  to?: string;
  /** What is to be translated: `captions` puts the translators of captions before the others. */
  domain?: TranslationDomain;
  /** `onnx`, `native` or `wasm`; left out: what ATTEND_BACKEND says, or the first of them that loads. One a process. */
  backend?: BackendName;
}

/** What can be asked of translations; what is left out is as the model has it. */
export interface TranslationRequest {
  /** A language tag; left out: what `openTranslator` was told, or the model's only one. */
  to?: string;
  /** How many further translations of each sentence are wanted. */
  alternatives?: number;
  /** Beam width; 1 is greedy. */
  beam?: number;
  /** α of the beam search. */
  lengthNormalisation?: number;
  /** What a single line break is: the `end` of a sentence (default), or a `space` in text that was wrapped. */
  lineBreak?: 'end' | 'space';
  /** Whether texts are cut into sentences; default true. */
  split?: boolean;
  /** Aborting makes the translation reject with the signal's reason. */
  signal?: AbortSignal;
  /** Told of each text as soon as it is done, in the order of the texts. */
  onResult?: (result: TranslatedText, index: number) => void | Promise<void>;
}

/** A translator in memory. */
export class Translator {
  readonly #model: TranslatorModel;
  readonly #to: string | undefined;
  #isDisposed = false;

  /** @internal */
  constructor(model: TranslatorModel, to: string | undefined) {
    this.#model = model;
    this.#to = to;
  }

  /** The model's name. */
  get name(): string {
    return this.#model.name;
  }

  /** What the model runs on. */
  get backend(): BackendName {
    return this.#model.backend;
  }

  /** The language that it reads, and those that it writes. */
  get languages(): { from: string; to: readonly string[] } {
    return { from: this.#model.from, to: this.#model.to };
  }

  /** Translates a text. @throws as `translateAll` */
  async translate(text: string, request: TranslationRequest = {}): Promise<TranslatedText> {
    const [translated] = await this.translateAll([text], request);
    return translated as TranslatedText;
  }

  /**
   * Translates texts, sentence by sentence; one result a text, with words, alignments and how sure the model is.
   * @throws UnknownLanguageError that says which languages there are; TypeError where the texts or the request are none; the
   *   signal's reason where it aborted
   */
  async translateAll(texts: readonly string[], request: TranslationRequest = {}): Promise<TranslatedText[]> {
    if (this.#isDisposed) throw new Error('This translator was disposed of: open another one.');
    check(ASKED.translations, request, 'The request for translations');
    if (!Array.isArray(texts)) throw new TypeError(`What is to be translated are texts, and not ${described(texts)}.`);
    for (const text of texts as readonly unknown[]) {
      if (typeof text !== 'string')
        throw new TypeError(`What is to be translated is a text, and not ${described(text)}.`);
    }
    return translate(this.#model, texts, { ...(this.#to !== undefined && { to: this.#to }), ...request });
  }

  /** Frees the model; nothing can be translated after. */
  dispose(): void {
    this.#isDisposed = true;
    this.#model.dispose();
  }
}

/**
 * Loads a translator. Free it by `dispose()`.
 * @throws UnknownLanguageError that says which languages there are; Error where there is no such model or it is damaged;
 *   TypeError where the options are none
 */
export async function openTranslator(options: OpenTranslatorOptions = {}): Promise<Translator> {
  check(ASKED.openTranslator, options, 'The options of openTranslator');
  const { backend, ...wanted } = options;
  const { folder } = await findTranslator(wanted);
  await useBackend(backend ?? backendOfEnvironment());
  return new Translator(await loadTranslator(folder), wanted.to);
}
