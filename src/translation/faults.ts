import type { TranslationFault } from '../contract/data/translation.ts';
import { offensiveWords } from '../engine/text/offensive-words.ts';
import { digitsOf, type ProtectedSpan } from '../engine/text/protected-spans.ts';

/** The worst first. */
const FAULTS: readonly TranslationFault[] = ['missing', 'numbers', 'offensive', 'repetition', 'length'];

/** A bigram so many times is a loop, unless the source says something as often. */
export const LOOP = 3;
/** In characters, of sources that are not short: translations between these languages stay far inside. */
const SHORTEST = 0.3;
const LONGEST = 3;
const SHORT_SOURCE = 24;

export interface Judged {
  readonly source: string;
  readonly translation: string;
  /** Whether the search came to an end. */
  readonly finished: boolean;
  /** What the source has that stays as it is. */
  readonly spans: readonly ProtectedSpan[];
  /** Those of them that are numbers and must be there letter for letter: a language may not write them otherwise. */
  readonly read?: readonly ProtectedSpan[];
  readonly from: string;
  readonly to: string;
}

/** What is wrong with a translation, the worst first. */
export function faultsOf({ source, translation, finished, spans, read = [], from, to }: Judged): TranslationFault[] {
  const found = new Set<TranslationFault>();
  const digits = (text: string): string => digitsOf(text).toSorted().join(' ');
  const isOtherwise = ({ text }: ProtectedSpan): boolean => wholesOf(text, translation) !== wholesOf(text, source);
  if (digits(source) !== digits(translation) || read.some(isOtherwise)) found.add('numbers');
  if (spans.some((span) => isLost(span, source, translation))) found.add('missing');
  if (emptyElements(translation) > emptyElements(source)) found.add('missing');
  if (offensiveWords(translation, to).length > 0 && offensiveWords(source, from).length === 0) found.add('offensive');
  if (repeats(translation) >= LOOP && repeats(translation) > repeats(source)) found.add('repetition');
  const room = SHORT_SOURCE * (LONGEST - 1);
  const tooShort = source.length > SHORT_SOURCE && translation.length < SHORTEST * source.length;
  if (!finished || tooShort || translation.length > source.length + Math.max(room, (LONGEST - 1) * source.length)) {
    found.add('length');
  }
  return FAULTS.filter((fault) => found.has(fault));
}

/** Which of two lists of faults is the lesser evil: negative for the first. */
export function compareFaults(a: readonly TranslationFault[], b: readonly TranslationFault[]): number {
  const evil = (faults: readonly TranslationFault[]): number =>
    faults.reduce((sum, fault) => sum + 2 ** (FAULTS.length - FAULTS.indexOf(fault)), 0);
  return evil(a) - evil(b);
}

/** How often the bigram of words that is there most often is there; a word thrice in a row counts as one. */
export function repeats(text: string): number {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const counts = new Map<string, number>();
  let most = 0;
  for (let i = 0; i + 1 < words.length; i++) {
    const bigram = `${words[i]!} ${words[i + 1]!}`;
    const count = (counts.get(bigram) ?? 0) + 1;
    counts.set(bigram, count);
    most = Math.max(most, count);
    if (words[i] === words[i + 1] && words[i] === words[i + 2]) most = Math.max(most, LOOP);
  }
  return most;
}

function isLost({ kind, text }: ProtectedSpan, source: string, translation: string): boolean {
  // Digits are compared as numbers: a language may write "1,5" where another writes "1.5".
  if (kind === 'number' || kind === 'digit') return false;
  const [before, after] = [countOf(text, source), countOf(text, translation)];
  return kind === 'capitals' ? after < before : after !== before;
}

/**
 * How many elements of mark-up have nothing in them: their words went elsewhere, or nowhere. Of a sentence the tags at its
 * ends are taken off, so that at its end a tag may open, and at its beginning one may close, that has its other outside.
 */
function emptyElements(text: string): number {
  const opens = String.raw`<(?!(?:br|hr|img|input|wbr)\b)(\p{L}[^\s<>/]{0,40}|\d{1,3})(?:\s[^<>]{0,400})?(?<!\/)>`;
  const empty = new RegExp(
    String.raw`${opens}\s{0,10}(?:<\/\1\s{0,10}>|[.,;:!?]{0,3}$)|^\s{0,10}<\/[^<>]{1,60}>`,
    'gu',
  );
  return text.match(empty)?.length ?? 0;
}

/** How often a number stands there and no letter or digit beside it: "221B" is not in "221Baker". */
function wholesOf(number: string, whole: string): number {
  let count = 0;
  for (let at = whole.indexOf(number); at >= 0; at = whole.indexOf(number, at + number.length)) {
    const isInside = /[\p{L}\p{N}]$/u.test(whole.slice(Math.max(0, at - 2), at)) && /^[\p{L}\p{N}]/u.test(number);
    const goesOn =
      /[\p{L}\p{N}]$/u.test(number) && /^[\p{L}\p{N}]/u.test(whole.slice(at + number.length, at + number.length + 2));
    if (!isInside && !goesOn) count++;
  }
  return count;
}

function countOf(text: string, whole: string): number {
  return whole.split(text).length - 1;
}
