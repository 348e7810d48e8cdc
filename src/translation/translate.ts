import { beamSearch } from '../engine/decoding/beam.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { padTokens } from '../engine/batches/padded-tokens.ts';
import { replaceSentences, splitSentences } from '../engine/text/sentences.ts';
import { sentenceOffset, sourceTokens } from '../engine/text/source-tokens.ts';
import type { Encoding, SubwordTokenizer } from '../engine/text/subword-tokenizer.ts';
import { translatableParts, type Stretch } from '../engine/text/translatable.ts';
import { wordWeights, type Word } from '../engine/text/word-alignment.ts';
import type { SentenceMemory } from './sentence-memory.ts';
import { describeTokens, probability, rounded, writtenTokens } from './translation-parts.ts';
import type { Place, SentenceTranslation, PlacedSentence, TranslatedText } from './translation-result.ts';
import {
  decoderOf,
  lengthClass,
  NOTHING_FOUND,
  searchOf,
  searchOptions,
  type Search,
  type SearchWishes,
} from './translation-search.ts';
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
export interface SentencePlace {
  /** Index of the text. */
  text: number;
  /** Index of the sentence in its text, and how many there are. */
  sentence: number;
  of: number;
}

/** Sentences that are sorted by length together; texts come out when all sentences of such a window are done. */
const WINDOW = 128;
/** The most sentences, and the most source tokens with padding, of one batch. */
const BATCH_ROWS = 32;
const BATCH_TOKENS = 2048;

/**
 * Translates texts, each sentence by itself, in batches of sentences of like length. Everything between sentences stays
 * (paragraphs, line breaks), and so do emoji, addresses and whatever has no letters; see `translatableParts`.
 *
 * @param texts of any length; empty ones come out empty
 * @returns a result a text, in their order
 * @throws UnknownLanguageError that lists the languages the model knows; RangeError on options out of range; the
 *   signal's reason when aborted
 */
export async function translate(
  model: TranslatorModel,
  texts: readonly string[],
  options: TranslateOptions = {},
): Promise<TranslatedText[]> {
  const search = searchOf(model, options);
  const drafts = texts.map((text, index) => draftOf(model, text, index, options));
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
    for (const batch of batches(window.filter(({ result }) => !result))) {
      // Lets an abort arrive: searches of short sentences may be over before they give it a turn.
      if (options.signal) await new Promise((resolve) => setTimeout(resolve));
      options.signal?.throwIfAborted();
      await translateBatch(model, search, batch, options);
      for (const sentence of batch) {
        options.memory?.remember(search, sentence.text, sentence.result as PlacedSentence);
        tell(sentence);
      }
    }
    const next = pending[start + WINDOW];
    if (next) await finishUpTo(next.draft.index);
  }
  options.signal?.throwIfAborted();
  await finishUpTo(texts.length);
  return results;
}

/** A text on its way. */
interface Draft {
  readonly index: number;
  readonly source: string;
  readonly sentences: DraftSentence[];
}

interface DraftSentence {
  readonly draft: Draft;
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly encoding: Encoding;
  result?: PlacedSentence | undefined;
}

function draftOf(
  { from, tokenizer }: TranslatorModel,
  source: string,
  index: number,
  { lineBreak = 'end', split = true }: TranslateOptions,
): Draft {
  const draft: Draft = { index, source, sentences: [] };
  const whole = (): Stretch[] => {
    const start = source.length - source.trimStart().length;
    return start < source.length ? [{ start, end: source.trimEnd().length }] : [];
  };
  for (const { start, end } of split ? partsOf(source, from, lineBreak) : whole()) {
    const text = source.slice(start, end);
    const encoding = tokenizer.encodeWithSpans(text, from);
    // Invisible characters alone write no tokens.
    if (encoding.ids.length === 0) continue;
    draft.sentences.push({ draft, index: draft.sentences.length, start, end, text, encoding });
  }
  return draft;
}

function partsOf(source: string, language: string, lineBreak: 'end' | 'space'): Stretch[] {
  return splitSentences(source, { language, lineBreak }).flatMap((sentence) =>
    translatableParts(sentence.text).map(({ start, end }) => ({
      start: sentence.start + start,
      end: sentence.start + end,
    })),
  );
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

/** Groups sentences of like length, longest first; only those whose translations may be equally long. */
function* batches(sentences: readonly DraftSentence[]): Generator<DraftSentence[]> {
  const sorted = sentences.toSorted((a, b) => b.encoding.ids.length - a.encoding.ids.length);
  while (sorted.length > 0) {
    const longest = (sorted[0] as DraftSentence).encoding.ids.length;
    const room = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_TOKENS / (longest + 2))));
    const shorter = sorted.findIndex(({ encoding }) => lengthClass(encoding.ids.length) < lengthClass(longest));
    yield sorted.splice(0, shorter < 0 ? room : Math.min(room, shorter));
  }
}

async function translateBatch(
  model: TranslatorModel,
  search: Search,
  batch: readonly DraftSentence[],
  { signal }: TranslateOptions,
): Promise<void> {
  const { tokenizer } = model;
  const readable = batch.filter((sentence) => {
    if (!isUnreadable(tokenizer, sentence.encoding.ids)) return true;
    sentence.result = kept(tokenizer, sentence, search.to);
    return false;
  });
  if (readable.length === 0) return;
  const sources = readable.map(({ encoding }) => sourceTokens(tokenizer, encoding.ids, search.to));
  const padded = padTokens(sources);
  const found = await beamSearch(
    decoderOf(model, padded),
    searchOptions(model, search, (readable[0] as DraftSentence).encoding.ids.length),
    signal === undefined ? undefined : { signal },
  );
  for (const [row, sentence] of readable.entries()) {
    const translations = new Map<string, SentenceTranslation>();
    for (const hypothesis of found[row] ?? []) {
      const one = translation(model, search.to, sentence.encoding, sources[row] as number[], hypothesis);
      if (!translations.has(one.text)) translations.set(one.text, one);
    }
    if (translations.size === 0) throw new Error(NOTHING_FOUND);
    sentence.result = {
      start: sentence.start,
      end: sentence.end,
      source: describeSource(tokenizer, sentence, search.to),
      translations: [...translations.values()].slice(0, search.wanted),
    };
  }
}

/** Whether a sentence is mostly bytes: in a script that the model has never seen. It would answer with nonsense. */
function isUnreadable(tokenizer: SubwordTokenizer, ids: readonly number[]): boolean {
  const bytes = ids.filter((id) => /^<0x[0-9A-F]{2}>$/.test(tokenizer.tokens[id] ?? ''));
  return 2 * bytes.length > ids.length;
}

/** A sentence as its own translation. */
function kept(tokenizer: SubwordTokenizer, sentence: DraftSentence, to: string): PlacedSentence {
  const { start, end, text, encoding } = sentence;
  const source = describeSource(tokenizer, sentence, to);
  const words = encoding.words.map(({ text: word }) => ({ word, probability: 1 }));
  const offset = sentenceOffset(tokenizer);
  const tokens = source.tokens.slice(offset, -1).map((token) => ({ ...token, probability: 1 }));
  const identity = (size: number, width: number, shift: number): number[][] =>
    Array.from({ length: size }, (_, i) => Array.from({ length: width }, (_, j) => (j === i + shift ? 1 : 0)));
  const alignment = identity(words.length, words.length, 0);
  const weights = identity(tokens.length, source.tokens.length, offset);
  const itself: SentenceTranslation = {
    text,
    score: 0,
    finished: true,
    words,
    places: source.places,
    tokens,
    alignment,
    weights,
  };
  return { start, end, source, translations: [itself], kept: 'unknown-script' };
}

function translation(
  { tokenizer }: TranslatorModel,
  to: string,
  encoding: Encoding,
  source: readonly number[],
  hypothesis: Hypothesis,
): SentenceTranslation {
  const { finished, logProbabilities, score, tokens } = hypothesis;
  const { text, words } = tokenizer.decodeWithSpans(tokens, to);
  // Behind its own end a row of a batch has padding, where nothing looks.
  const weights = hypothesis.weights.map((row) => Array.from(row.subarray(0, source.length)));
  const offset = sentenceOffset(tokenizer);
  const inside = weights.map((row) => row.slice(offset, offset + encoding.ids.length));
  return {
    text,
    score: rounded(score),
    finished,
    words: words.map(({ text: word, tokens: own }) => ({
      word,
      probability: probability(own.reduce((sum, token) => sum + (logProbabilities[token] ?? 0), 0)),
    })),
    places: words.map(placeOf),
    tokens: describeTokens(tokenizer, writtenTokens(tokenizer, hypothesis), words, 0).map((token, i) => ({
      ...token,
      probability: probability(logProbabilities[i] as number),
    })),
    alignment: weights.length === 0 ? [] : wordWeights(inside, words, encoding.words).map(normalised),
    weights: weights.map((row) => row.map(rounded)),
  };
}

function placeOf({ start, end }: Word): Place {
  return [start, end];
}

/** Without what tokens that write nothing got, so that rows sum to 1. */
function normalised(row: readonly number[]): number[] {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((value) => rounded(sum > 0 ? value / sum : 1 / row.length));
}

function describeSource(tokenizer: SubwordTokenizer, { text, encoding }: DraftSentence, to: string) {
  const tokens = sourceTokens(tokenizer, encoding.ids, to);
  return {
    text,
    words: encoding.words.map((word) => word.text),
    places: encoding.words.map(placeOf),
    tokens: describeTokens(tokenizer, tokens, encoding.words, sentenceOffset(tokenizer)),
  };
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
    model: model.name,
    backend: model.backend,
  };
}
