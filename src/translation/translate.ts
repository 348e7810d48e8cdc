import { replaceSentences } from '../engine/text/sentences.ts';
import { draftOf, type Draft, type DraftSentence } from './draft.ts';
import type { SentenceMemory } from './sentence-memory.ts';
import { rounded } from './translation-parts.ts';
import type { PlacedSentence, TranslatedText } from './translation-result.ts';
import { searchOf, type Search, type SearchWishes } from './translation-search.ts';
import { translateSentences } from './translate-sentences.ts';
import { alignmentLayerOf } from './translator-checkpoint.ts';
import type { TranslatorModel } from './translator-model.ts';

/** What can be asked for; what is left out is as the model has it. */
export interface TranslateOptions extends SearchWishes {
  /** What a single line break is: the `end` of a sentence (default), or a `space` in text that was wrapped. */
  lineBreak?: 'end' | 'space';
  /** Whether texts are cut into sentences (default true). Test sets are not: each of their lines is one sentence. */
  split?: boolean;
  /** Aborting makes the translation reject with the signal's reason. */
  signal?: AbortSignal;
  /** Sentences that this model translated before; they are not translated again, and new ones are added. */
  memory?: SentenceMemory;
  /** Told of each text as soon as it is done, in the order of the texts. */
  onResult?: (result: TranslatedText, index: number) => void | Promise<void>;
  /** Told of each sentence as soon as it is done, in no particular order. */
  onSentence?: (sentence: PlacedSentence, place: SentencePlace) => void;
}

/** Which sentence of which text. */
interface SentencePlace {
  /** Index of the text. */
  text: number;
  /** Index of the sentence in its text, and how many there are. */
  sentence: number;
  of: number;
}

/** Sentences that are sorted by length together; texts come out when all sentences of such a window are done. */
const WINDOW = 128;
/** Of a few tokens one cannot tell whether they are like others. */
const FEW_TOKENS = 8;

/**
 * Translates texts, each sentence by itself, in batches of sentences of like length. Everything between sentences stays
 * (paragraphs, line breaks, marks of lists), and so does whatever a translation must have letter for letter; see
 * `protectedSpans`. What can be seen to be wrong with a translation is tried otherwise, and else said; see `faultsOf`.
 *
 * @param texts of any length; empty ones come out empty
 * @returns a result a text, in their order
 * @throws UnknownLanguageError that lists the languages the model knows; RangeError on options out of range,
 *   and for a paragraph of more than 100,000 characters; the signal's reason when aborted
 */
export async function translate(
  model: TranslatorModel,
  texts: readonly string[],
  options: TranslateOptions = {},
): Promise<TranslatedText[]> {
  const search = searchOf(model, options);
  const { lineBreak = 'end', split = true } = options;
  const drafts = texts.map((text, index) => draftOf(model.tokenizer, model.from, text, index, { lineBreak, split }));
  const results: TranslatedText[] = [];
  const finishUpTo = async (count: number): Promise<void> => {
    while (results.length < count) {
      const result = finish(model, search, drafts[results.length] as Draft);
      results.push(result);
      await options.onResult?.(result, results.length - 1);
    }
  };

  const tell = ({ draft, index, result }: DraftSentence): void =>
    options.onSentence?.(result as PlacedSentence, {
      text: draft.index,
      sentence: index,
      of: draft.sentences.length,
    });

  const pending = drafts.flatMap(({ sentences }) => sentences);
  for (let start = 0; start < pending.length; start += WINDOW) {
    const window = pending.slice(start, start + WINDOW);
    for (const sentence of window) {
      sentence.result = recalled(options.memory, search, sentence);
      if (sentence.result) tell(sentence);
    }
    await translateSentences(
      model,
      search,
      window.filter(({ result }) => !result),
      options.signal,
      (sentence) => {
        options.memory?.remember(search, sentence.text, sentence.result as PlacedSentence);
        tell(sentence);
      },
    );
    const next = pending[start + WINDOW];
    if (next) await finishUpTo(next.draft.index);
  }
  options.signal?.throwIfAborted();
  await finishUpTo(texts.length);
  return results;
}

/** A sentence that was translated before, at its new place. */
function recalled(
  memory: SentenceMemory | undefined,
  search: Search,
  { end, start, text }: DraftSentence,
): PlacedSentence | undefined {
  const known = memory?.recall(search, text);
  return known && { ...known, start, end };
}

function finish(model: TranslatorModel, { to, wanted }: Search, { source, sentences }: Draft): TranslatedText {
  const done = sentences.map(({ result }) => result as PlacedSentence);
  const places = sentences.map(({ start, end, text }) => ({ start, end, text }));
  const whole = (rank: number): string => {
    const texts = done.map(({ translations }) => (translations[rank] ?? translations[0])?.text ?? '');
    return replaceSentences(source, places, texts);
  };
  const most = done.reduce((count, { translations }) => Math.max(count, translations.length), 1);
  return {
    source,
    text: whole(0),
    alternatives: Array.from({ length: Math.min(wanted, most) - 1 }, (_, i) => whole(i + 1)),
    from: model.from,
    to,
    sentences: done,
    alignmentLayer: alignmentLayerOf(model),
    ...doubtOf(model.decoding.unlikeAbove[to], done),
    model: model.name,
    backend: model.backend,
  };
}

/** How sure a model is of a text, by the tokens that it wrote. @param unlikeAbove nats a token; nothing: none are many */
export function doubtOf(
  unlikeAbove: number | undefined,
  sentences: readonly PlacedSentence[],
): Pick<TranslatedText, 'confidence' | 'isUnlike'> {
  let loss = 0;
  let tokens = 0;
  for (const { confidence, kept, translations } of sentences) {
    const count = kept ? 0 : translations[0]!.tokens.length;
    loss -= count * Math.log(Math.max(confidence, 1e-12));
    tokens += count;
  }
  const mean = tokens === 0 ? 0 : loss / tokens;
  return { confidence: rounded(Math.exp(-mean)), isUnlike: tokens >= FEW_TOKENS && mean > (unlikeAbove ?? Infinity) };
}
