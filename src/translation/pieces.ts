import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import type { Encoding } from '../engine/text/text-tokenizer.ts';
import type { DraftSentence } from './draft.ts';
import { isMarkup } from './markup-spaces.ts';
import type { SentenceTranslation } from './translation-result.ts';
import type { TranslatorModel } from './translator-model.ts';

/** A stretch of a sentence that is searched for by itself: mostly the whole sentence. */
export interface Piece {
  readonly sentence: DraftSentence;
  /** Its place in the sentence. */
  readonly start: number;
  readonly end: number;
  /** What the model reads. */
  readonly text: string;
  readonly encoding: Encoding;
  /** What the model's placeholders stand for, in order. */
  readonly held: readonly string[];
  /** Best first, once it was searched for. */
  found?: readonly SentenceTranslation[];
}

/** A way to translate a sentence. */
export interface Attempt {
  readonly pieces: readonly Piece[];
  /** Whether the search is greedy and repeats nothing. */
  readonly strict: boolean;
  /** Numbers that the model read instead of placeholders: it must have written them letter for letter. */
  readonly read?: readonly ProtectedSpan[];
}

/** `17.05.2024`, `5/17/2024`, `2024-05-17`. */
const DATE = /^\p{Nd}{1,4}([./-])\p{Nd}{1,2}\1\p{Nd}{2,4}$/u;

/**
 * The sentence as one, with placeholders for what is kept; where that is more than the model has placeholders, between what
 * is kept. By a placeholder a model cannot tell what a number is. Where the words around it depend on that, it reads the
 * number at first: all in Spanish, which has an article before most ("a las 9:30", "un 25%"), and dates ("am", "le"), but in
 * Czech, which has no word before them.
 *
 * @param to the language
 */
export function firstAttempt(model: TranslatorModel, sentence: DraftSentence, to: string): Attempt {
  const { placeholders } = model.tokenizer;
  const isRead = ({ kind, text }: ProtectedSpan): boolean =>
    placeholders > 0 && kind === 'number' && (to === 'es' || (to !== 'cs' && DATE.test(text)));
  const read = sentence.spans.filter(isRead);
  const held = heldSpans(model, sentence).filter((span) => !isRead(span));
  if (read.length === 0 || held.length > placeholders) return heldAttempt(model, sentence);
  return { pieces: [pieceOf(model, sentence, held)], strict: false, read };
}

/** The same with placeholders for numbers, too. */
export function heldAttempt(model: TranslatorModel, sentence: DraftSentence): Attempt {
  const certain = heldSpans(model, sentence);
  if (certain.length > model.tokenizer.placeholders)
    return { pieces: between(model, sentence, certain), strict: false };
  return { pieces: [pieceOf(model, sentence, certain)], strict: false };
}

/** What a model without placeholders for it gets wrong too often. */
function heldSpans({ tokenizer }: TranslatorModel, { spans }: DraftSentence): ProtectedSpan[] {
  return spans.filter(
    ({ kind }) => kind === 'code' || kind === 'letters' || (kind === 'number' && tokenizer.placeholders > 0),
  );
}

/** The sentence as one, with all that is kept as placeholders; nothing where that is no other way. */
export function holdingAttempt(model: TranslatorModel, sentence: DraftSentence, before: Attempt): Attempt | undefined {
  const { spans } = sentence;
  if (spans.length > model.tokenizer.placeholders || before.pieces.length !== 1) return undefined;
  if (spans.length === before.pieces[0]!.held.length) return undefined;
  return { pieces: [pieceOf(model, sentence, spans)], strict: false };
}

/** The stretches between all that is kept. */
export function betweenAttempt(model: TranslatorModel, sentence: DraftSentence): Attempt | undefined {
  if (sentence.spans.length === 0) return undefined;
  return { pieces: between(model, sentence, sentence.spans), strict: false };
}

/** The same once more, greedily and without repetitions. */
export function strictAttempt({ pieces }: Attempt): Attempt {
  return { pieces: pieces.map(({ found: _, ...piece }) => piece), strict: true };
}

/** Two halves, cut at a comma or the like near the middle, else at a space; nothing for a few words. */
export function halvesAttempt(model: TranslatorModel, sentence: DraftSentence): Attempt | undefined {
  const { readable, spans } = sentence;
  const isInside = (place: number): boolean => spans.some(({ start, end }) => start < place && place < end);
  const cuts = (pattern: RegExp): number[] =>
    Array.from(readable.matchAll(pattern), ({ 0: found, index }) => index + found.length).filter(
      (place) => place > readable.length / 4 && place < (readable.length * 3) / 4 && !isInside(place),
    );
  const middle = readable.length / 2;
  const nearest = (places: number[]): number | undefined =>
    places.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0];
  const cut = nearest(cuts(/[,;:–—]\s+/gu)) ?? nearest(cuts(/\s+/gu));
  if (cut === undefined || readable.split(/\s+/).length < 4) return undefined;
  const { placeholders } = model.tokenizer;
  const pieces = [
    [0, cut],
    [cut, readable.length],
  ].flatMap(([start, end]) => {
    const own = spans.filter((span) => span.start >= start! && span.end <= end!);
    return own.length <= placeholders
      ? trimmedPiece(model, sentence, start!, end!, own)
      : between(model, sentence, own, start, end);
  });
  return { pieces, strict: false };
}

function pieceOf(model: TranslatorModel, sentence: DraftSentence, held: readonly ProtectedSpan[]): Piece {
  return makePiece(model, sentence, 0, sentence.text.length, held);
}

/** What stands between spans, where it has letters. */
function between(
  model: TranslatorModel,
  sentence: DraftSentence,
  spans: readonly ProtectedSpan[],
  from = 0,
  to = sentence.text.length,
): Piece[] {
  const pieces: Piece[] = [];
  let position = from;
  for (const { start, end } of [...spans, { start: to, end: to }]) {
    pieces.push(...trimmedPiece(model, sentence, position, start, []));
    position = end;
  }
  return pieces;
}

/** A piece without what needs no translation at its ends; none where no letters are. */
function trimmedPiece(
  model: TranslatorModel,
  sentence: DraftSentence,
  start: number,
  end: number,
  held: readonly ProtectedSpan[],
): Piece[] {
  const text = sentence.readable.slice(start, end);
  if (!/\p{L}/u.test(text)) return [];
  // Marks that belong to what stands before them open no sentence.
  const before = (start === 0 || held[0]?.start === start ? /^\s*/ : /^[\s.,;:!?)\]}»”]*/).exec(text)![0].length;
  return [makePiece(model, sentence, start + before, start + text.trimEnd().length, held)];
}

function makePiece(
  { from, tokenizer }: TranslatorModel,
  sentence: DraftSentence,
  start: number,
  end: number,
  held: readonly ProtectedSpan[],
): Piece {
  const text = sentence.readable.slice(start, end);
  const places = held.map((span) => ({ start: span.start - start, end: span.end - start, apart: isMarkup(span) }));
  const encoding = tokenizer.encodeWithSpans(text, from, places);
  return { sentence, start, end, text, encoding, held: held.map((span) => span.text) };
}
