import { protectedSpans, type ProtectedSpan } from '../engine/text/protected-spans.ts';
import { splitSentences } from '../engine/text/sentences.ts';
import type { Stretch } from '../engine/text/stretch.ts';
import type { TextTokenizer } from '../engine/text/text-tokenizer.ts';
import { isInCapitals, smallLetters } from './capitals.ts';
import type { PlacedSentence } from './translation-result.ts';

/** A text on its way. */
export interface Draft {
  /** Of the text among those that are translated together. */
  readonly index: number;
  readonly source: string;
  readonly sentences: DraftSentence[];
}

/** A sentence on its way. */
export interface DraftSentence {
  readonly draft: Draft;
  readonly index: number;
  /** Its place in the text. */
  readonly start: number;
  readonly end: number;
  /** As it stands there. */
  readonly text: string;
  /** What the model reads: small letters where the sentence is in capitals; as long as `text`. */
  readonly readable: string;
  readonly inCapitals: boolean;
  /** What stays as it is, by its place in the sentence. */
  readonly spans: readonly ProtectedSpan[];
  result?: PlacedSentence | undefined;
}

export interface DraftOptions {
  lineBreak: 'end' | 'space';
  /** Whether the text is cut into sentences. */
  split: boolean;
}

/** What no word can be, in languages that put spaces between words: base64, a key, a row of signs. Copied as it is. */
const NO_WORD = /[^\s\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}]{100,}/gu;
/** The longest stretch without a line break that is taken for text. */
const LONGEST_PARAGRAPH = 100_000;
/** `- `, `* `, `1. `, `a) ` and what else begins a line of a list. */
const LIST_MARK = /^[^\S\r\n]*(?:(?:[-*+•‣◦▪–—>]|\(?\p{Nd}{1,4}[.)]|\(?[a-zA-Z]\)|\[[ xX]?\])[^\S\r\n]+)+(?=\S)/u;

/**
 * Takes a text apart: its sentences, and in each what stays as it is. What belongs to no sentence (white space, marks of
 * lists, emoji and addresses at the ends of sentences, what has no letters) is copied.
 *
 * @throws RangeError for a paragraph of more than 100,000 characters
 */
export function draftOf(
  tokenizer: TextTokenizer,
  from: string,
  source: string,
  index: number,
  options: DraftOptions,
): Draft {
  const draft: Draft = { index, source, sentences: [] };
  for (const { start, end } of stretchesOf(source, from, options)) {
    const text = source.slice(start, end);
    const single = (small: string): boolean => tokenizer.encode(small).length === 1;
    const all = protectedSpans(text, (character) => tokenizer.knows(character));
    const inCapitals = isInCapitals(proseOf(text, all), single);
    const spans = inCapitals ? all.filter(({ kind }) => kind !== 'capitals') : all;
    const inner = withoutEnds(text, spans);
    if (!inner) continue;
    const own = text.slice(inner.start, inner.end);
    const ownSpans = spans
      .filter((span) => span.start >= inner.start && span.end <= inner.end)
      .map((span) => ({ ...span, start: span.start - inner.start, end: span.end - inner.start }));
    draft.sentences.push({
      draft,
      index: draft.sentences.length,
      start: start + inner.start,
      end: start + inner.end,
      text: own,
      readable: inCapitals ? smallLetters(own, ownSpans) : own,
      inCapitals,
      spans: ownSpans,
    });
  }
  return draft;
}

/** A sentence without variables and addresses, which are in small letters anywhere. */
function proseOf(text: string, spans: readonly ProtectedSpan[]): string {
  let prose = '';
  let position = 0;
  for (const { start, end, kind } of spans) {
    prose += text.slice(position, start) + (kind === 'code' ? ' ' : text.slice(start, end));
    position = end;
  }
  return prose + text.slice(position);
}

/** Where sentences are; each begins behind the marks of its list. */
function* stretchesOf(source: string, language: string, { lineBreak, split }: DraftOptions): Generator<Stretch> {
  if (!split) {
    const start = source.length - source.trimStart().length;
    if (start < source.length) yield { start, end: source.trimEnd().length };
    return;
  }
  let position = 0;
  const between = function* (end: number): Generator<Stretch> {
    const part = source.slice(position, end);
    refuseLong(part, lineBreak);
    for (const sentence of splitSentences(part, { language, lineBreak })) {
      const start = position + sentence.start;
      const mark = isAtLineStart(source, start) ? (LIST_MARK.exec(sentence.text)?.[0].length ?? 0) : 0;
      if (start + mark < position + sentence.end) yield { start: start + mark, end: position + sentence.end };
    }
  };
  for (const { 0: run, index } of source.matchAll(NO_WORD)) {
    yield* between(index);
    position = index + run.length;
  }
  yield* between(source.length);
}

function refuseLong(part: string, lineBreak: 'end' | 'space'): void {
  if (part.length <= LONGEST_PARAGRAPH) return;
  const paragraphs = part.split(lineBreak === 'end' ? /[\r\n]/ : /\n\s*\n/);
  if (paragraphs.every(({ length }) => length <= LONGEST_PARAGRAPH)) return;
  throw new RangeError(
    `A paragraph has more than ${LONGEST_PARAGRAPH.toLocaleString('en')} characters without a line break. Is it text? Put line breaks into it.`,
  );
}

function isAtLineStart(source: string, position: number): boolean {
  return /(?:^|[\r\n])[^\S\r\n]*$/.test(source.slice(Math.max(0, position - 80), position));
}

/** What is left between things at the ends of a sentence that stay anyway; nothing where no letters are. */
function withoutEnds(text: string, spans: readonly ProtectedSpan[]): Stretch | undefined {
  // Variables, names and addresses are parts of their sentence; pictures and mark-up are none.
  const stays = ({ kind, text: own }: ProtectedSpan): boolean =>
    (kind === 'code' || kind === 'letters') && (!/[\p{L}\p{N}]/u.test(own) || /^[<&]/.test(own));
  let [start, end] = [0, text.length];
  for (const span of spans) {
    if (!stays(span) || /[\p{L}\p{N}]/u.test(text.slice(start, span.start))) break;
    // Marks that belong to what stands before them open no sentence.
    start = span.end + (/^[\s.,;:!?)\]}»”]*/.exec(text.slice(span.end))?.[0].length ?? 0);
  }
  for (const span of spans.toReversed()) {
    if (span.start < start || !stays(span) || /[\p{L}\p{N}]/u.test(text.slice(span.end, end))) break;
    end = span.start;
  }
  const trim = (): void => {
    while (start < end && /\s/.test(text[start]!)) start++;
    while (end > start && /\s/.test(text[end - 1]!)) end--;
  };
  trim();
  // Brackets around a whole sentence are not the sentence's.
  if (/^(?:\[[^[\]]*\]|\([^()]*\))$/u.test(text.slice(start, end))) {
    start++;
    end--;
    trim();
  }
  // A sentence of words that the model cannot read is one, too: somebody wants to know that it was left.
  const isOutside = (place: number): boolean =>
    !spans.some((span) => span.kind !== 'letters' && span.start <= place && place < span.end);
  for (const { index } of text.slice(start, end).matchAll(/\p{L}/gu)) {
    if (isOutside(start + index)) return { start, end };
  }
  return undefined;
}
