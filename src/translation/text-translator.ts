import { resolve } from 'node:path';
import type { SearchTree, SentenceTrace } from '../contract/data/traces.ts';
import type { LookInsideOutput, Token, TranslatedSentence, TranslateOutput } from '../contract/data/translation.ts';
import type { Input, Output, Progress } from '../contract/requests.ts';
import { AttendError } from '../contract/attend-error.ts';
import {
  bestFor,
  chooseThrough,
  chooseTranslator,
  listTranslators,
  pairsThrough,
  readTranslator,
  type TranslatorListing,
} from './find-translator.ts';
import { findNamedModel } from '../model-folders/find-model.ts';
import { knownLanguage, languageName, UnknownLanguageError } from './languages.ts';
import { lookInside } from './look-inside.ts';
import { sentenceTree } from './sentence-tree.ts';
import { traceSentence } from './trace-sentence.ts';
import { RecentlyUsed } from '../tasks/recently-used.ts';
import { SentenceMemory } from './sentence-memory.ts';
import { translatePassages, writeDocument } from './documents/document.ts';
import { parseMarkdown } from './documents/markdown.ts';
import { parseSubtitles } from './documents/subtitles.ts';
import { withEntropies } from './spread.ts';
import { doubtOf } from './translate.ts';
import { through, translateBy, type AnyTranslator } from './translate-through.ts';
import { PIVOT } from './pivot.ts';
import type { TranslationDomain } from '../contract/constants/translation-domains.ts';
import type { PlacedSentence, TranslatedText } from './translation-result.ts';
import { loadTranslator, type TranslatorModel } from './translator-model.ts';
import type { TaskControl } from '../tasks/task-control.ts';

/** Translators that stay loaded: the models of the comparison stand side by side. */
const KEPT = 10;

type TraceTask = Input<'learn.sentence'>;

export interface TextTranslatorOptions {
  /** The folder of the models. */
  models: string;
  /** A translator's folder, or its name in `models`, that comes before the others. */
  preferred?: string | undefined;
  /** Called before a model is loaded. */
  useBackend(): Promise<void>;
}

/** Which translation is wanted. */
export interface WantedTranslation {
  /** One of the listed names; nothing: the first that knows the languages. */
  model?: string | undefined;
  from?: string | undefined;
  to: string;
  /** What is to be translated; nothing: any text. */
  domain?: TranslationDomain | undefined;
}

/** A translator that is loaded, and the language among its own that was asked for. */
export interface OpenTranslator {
  /** As it is listed. */
  readonly name: string;
  readonly model: TranslatorModel;
  /** What it translated lately. */
  readonly memory: SentenceMemory;
  readonly to: string;
}

/** A translator in memory. */
type Loaded = Pick<OpenTranslator, 'model' | 'memory'>;

/** Answers everything that can be asked of translators, which it loads when they are needed. One request at a time. */
export class TextTranslator {
  readonly #options: TextTranslatorOptions;
  #preferred: string | undefined;
  /** By folder. */
  readonly #loaded = new RecentlyUsed<Loaded>(KEPT, ({ model }) => model.dispose());

  constructor(options: TextTranslatorOptions) {
    this.#options = options;
    this.#preferred = options.preferred;
  }

  /** Puts another translator before the others, or none. */
  prefer(translator: string | undefined): void {
    this.#preferred = translator;
  }

  /** The translators that are there, best first, and every language that one of them reads or writes. */
  async list(): Promise<Output<'translate.models'>> {
    const listings = await this.#listings();
    const tags = listings.flatMap(({ from, to }) => [from, ...to]);
    return {
      models: listings.map(({ architecture, domain, from, heads, isComparison, layers, name, title, to }) => ({
        name,
        title,
        architecture,
        isComparison,
        ...(domain && { domain }),
        pairs: to.map((tag) => ({ from, to: tag })),
        layers,
        heads,
      })),
      languages: [...new Set(tags)].map((tag) => ({ tag, name: languageName(tag, tag) })),
      through: pairsThrough(listings),
    };
  }

  /** @throws AttendError `no-translator`, `not-found`; UnknownLanguageError; Error where the model is damaged */
  async open({ domain, from, model: wanted, to }: WantedTranslation): Promise<OpenTranslator> {
    const listings = await this.#listings(domain);
    if (listings.length === 0) throw new AttendError('no-translator', 'No translator is installed.');
    const candidates = wanted === undefined ? listings : listings.filter(({ name }) => name === wanted);
    if (candidates.length === 0) {
      const names = listings.map(({ name }) => name).join(', ');
      throw new AttendError('not-found', `There is no translator "${wanted}". Installed: ${names}.`);
    }
    const { folder, name } = chooseTranslator(candidates, { from, to });
    const loaded = await this.#load(folder);
    return { name, ...loaded, to: knownLanguage(to, loaded.model.to) ?? to };
  }

  /** Translates a text; `control.report` gets each sentence as soon as it is done, but those of documents. @throws as `open` and `translate` */
  async translate(
    { text, alternatives, beam, format = 'text', ...wanted }: Input<'translate.run'>,
    control: TaskControl<Progress<'translate.run'>>,
  ): Promise<TranslateOutput> {
    const { signal } = control;
    const { memory, model, name, through: between, to } = await this.#openAny(wanted);
    signal.throwIfAborted();
    const begin = performance.now();
    const how = {
      to,
      signal,
      ...(memory && { memory }),
      ...(alternatives === undefined ? {} : { alternatives }),
      ...(beam === undefined ? {} : { beam }),
    };
    if (format !== 'text') {
      const document = format === 'markdown' ? parseMarkdown(text) : parseSubtitles(text);
      const passages = await translatePassages(model, document, how);
      const sentences = passages.flatMap(({ translated }) => translated.sentences);
      return {
        from: model.from,
        to,
        ...(between !== undefined && { through: between }),
        sentences: sentences.map(sentenceOf),
        text: writeDocument(document, passages),
        ...doubtOf('decoding' in model ? model.decoding.unlikeAbove[to] : undefined, sentences),
        model: name,
        backend: model.backend,
        milliseconds: tenths(performance.now() - begin),
      };
    }
    const [translated] = await translateBy(model, [text], {
      ...how,
      onSentence: (sentence, place) =>
        control.report({ sentence: place.sentence, of: place.of, translated: sentenceOf(sentence) }),
    });
    const result = translated as TranslatedText;
    return {
      from: result.from,
      to: result.to,
      ...(result.through !== undefined && { through: result.through }),
      sentences: result.sentences.map(sentenceOf),
      text: result.text,
      confidence: result.confidence,
      isUnlike: result.isUnlike,
      model: name,
      backend: result.backend,
      milliseconds: tenths(performance.now() - begin),
    };
  }

  /** Translates one sentence and shows what every layer and head looked at. @throws as `open` and `lookInside` */
  async lookInside(
    { text, alternatives: _, ...wanted }: Input<'translate.lookInside'>,
    { signal }: TaskControl<never>,
  ): Promise<LookInsideOutput> {
    const { model, name, to } = await this.open(wanted);
    signal.throwIfAborted();
    const begin = performance.now();
    const { beam, target } = wanted;
    const look = await lookInside(model, text, {
      to,
      signal,
      ...(beam === undefined ? {} : { beam }),
      ...(target === undefined ? {} : { target }),
    });
    return { ...look, model: name, milliseconds: tenths(performance.now() - begin) };
  }

  /** Takes one step of a translation apart. @throws as `open` and `traceSentence` */
  async trace(
    { from, model: wanted, text, ...wishes }: TraceTask,
    { signal }: TaskControl<never>,
  ): Promise<SentenceTrace> {
    const { model, name, to } = await this.open({ from, model: wanted, to: wishes.to });
    signal.throwIfAborted();
    return { ...(await traceSentence(model, text, { ...wishes, to }, signal)), model: name };
  }

  /** Translates a sentence and tells everything that the beam search looked at. @throws as `open` and `sentenceTree` */
  async tree(
    { beam, text, ...wanted }: Input<'learn.sentenceTree'>,
    { signal }: TaskControl<never>,
  ): Promise<SearchTree> {
    const { model, name, to } = await this.open(wanted);
    signal.throwIfAborted();
    return { ...(await sentenceTree(model, text, { to, beam, signal })), model: name };
  }

  /** Frees the models. */
  dispose(): void {
    this.#loaded.clear();
  }

  /** One translator; where none goes all the way and nobody named one, two of them through English. */
  async #openAny(wanted: WantedTranslation): Promise<{
    name: string;
    model: AnyTranslator;
    memory?: SentenceMemory;
    through?: string;
    to: string;
  }> {
    try {
      return await this.open(wanted);
    } catch (error) {
      const both =
        error instanceof UnknownLanguageError && wanted.model === undefined
          ? chooseThrough(await this.#listings(wanted.domain), wanted)
          : undefined;
      if (!both) throw error;
      const first = await this.#load(both[0].folder);
      const second = await this.#load(both[1].folder);
      const to = knownLanguage(wanted.to, second.model.to) ?? wanted.to;
      const name = both.map((one) => one.name).join(' + ');
      return { name, model: through(first.model, second.model), through: PIVOT, to };
    }
  }

  async #listings(domain?: TranslationDomain): Promise<TranslatorListing[]> {
    const { models } = this.#options;
    const preferred = this.#preferred;
    const installed = bestFor(await listTranslators(models), domain);
    if (preferred === undefined) return installed;
    const first = await readTranslator(findNamedModel('translator', preferred, models));
    // The folder of a checkpoint is called "best" or "final": its run says more.
    const named = { ...first, name: first.runName ?? first.name };
    const isOther = ({ folder, name }: TranslatorListing): boolean =>
      resolve(folder) !== resolve(first.folder) && name !== named.name;
    return [named, ...installed.filter(isOther)];
  }

  async #load(folder: string): Promise<Loaded> {
    const known = this.#loaded.get(folder);
    if (known) return known;
    await this.#options.useBackend();
    const loaded = { model: await loadTranslator(folder), memory: new SentenceMemory() };
    this.#loaded.set(folder, loaded);
    return loaded;
  }
}

/** What travels of a sentence: without the weights of every token, which would fill messages for nothing. */
function sentenceOf({ confidence, faults, kept, source, translations }: PlacedSentence): TranslatedSentence {
  return {
    source: { text: source.text, words: source.words, tokens: source.tokens.map(tokenOf) },
    translations: translations.map(({ alignment, score, text, tokens, words }) =>
      withEntropies({ text, score, words, tokens: tokens.map(tokenOf), alignment }),
    ),
    confidence,
    ...(faults === undefined ? {} : { faults }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function tokenOf({ text, word }: Token): Token {
  return { text, word };
}

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
