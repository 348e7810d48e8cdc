import { beamSearch } from '../engine/decoding/beam.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { padTokens } from '../engine/batches/padded-tokens.ts';
import { offensiveWords } from '../engine/text/offensive-words.ts';
import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import { sentenceOffset, sourceTokens } from '../engine/text/source-tokens.ts';
import type { Encoding } from '../engine/text/text-tokenizer.ts';
import { wordWeights, type Word } from '../engine/text/word-alignment.ts';
import { capitalised } from './capitals.ts';
import type { DraftSentence } from './draft.ts';
import { withoutEndMark } from './end-mark.ts';
import type { TranslationFault } from '../contract/data/translation.ts';
import { compareFaults, faultsOf } from './faults.ts';
import { withoutInventedUnits } from './invented-units.ts';
import { joinPieces } from './join-pieces.ts';
import { withMarkupSpaces } from './markup-spaces.ts';
import {
  betweenAttempt,
  firstAttempt,
  halvesAttempt,
  heldAttempt,
  holdingAttempt,
  strictAttempt,
  type Attempt,
  type Piece,
} from './pieces.ts';
import { describeTokens, probability, rounded, writtenTokens } from './translation-parts.ts';
import type { Place, SentenceTranslation, PlacedSentence } from './translation-result.ts';
import { decoderOf, lengthClass, NOTHING_FOUND, searchOptions, type Search } from './translation-search.ts';
import type { TranslatorModel } from './translator-model.ts';
import { wordsInstead } from './words-instead.ts';

/** The most sentences, and the most source tokens with padding, of one batch. */
const BATCH_ROWS = 32;
const BATCH_TOKENS = 2048;
/** So many hypotheses of a model that read numbers are looked at for one that has them as they were. */
const MOST_READ = 5;

/** A sentence, what was tried, and the best of it. */
interface Trial {
  readonly sentence: DraftSentence;
  readonly tried: Set<Way>;
  /** What is tried now. */
  attempt: Attempt;
  /** The attempt that began it. */
  readonly first: Attempt;
  best?: Outcome;
}

/** What came of an attempt. */
interface Outcome {
  /** Best first. */
  readonly translations: readonly SentenceTranslation[];
  readonly faults: readonly TranslationFault[];
  /** Of the sentence: what the translations' weights are about. */
  readonly encoding: Encoding;
}

/** How else a sentence that came out badly can be translated; see `pieces.ts`. */
type Way = 'held' | 'holding' | 'between' | 'strict' | 'halves';

/**
 * Translates sentences in batches of like length. What can be seen to be wrong with a translation (see `faultsOf`) makes
 * the next hypothesis better; where none is good, the sentence is tried another way, at last in parts. Where all are bad
 * the least bad is taken, and says what is wrong with it.
 *
 * @param onDone told of each sentence when it has its result, in no particular order
 */
export async function translateSentences(
  model: TranslatorModel,
  search: Search,
  sentences: readonly DraftSentence[],
  signal: AbortSignal | undefined,
  onDone: (sentence: DraftSentence) => void,
): Promise<void> {
  let trials: Trial[] = [];
  for (const sentence of sentences) {
    if (isReadable(sentence)) {
      const first = firstAttempt(model, sentence, search.to);
      trials.push({ sentence, tried: new Set(), first, attempt: first });
    } else {
      sentence.result = kept(model, sentence, search.to);
      onDone(sentence);
    }
  }
  while (trials.length > 0) {
    const open: Trial[] = [];
    const waiting = new Map(trials.map((trial) => [trial, trial.attempt.pieces.length]));
    const judge = (trial: Trial): void => {
      const faults = take(model, search, trial);
      const next = faults.length > 0 ? nextAttempt(model, trial, faults) : undefined;
      if (next) {
        trial.attempt = next;
        open.push(trial);
      } else {
        trial.sentence.result = resultOf(model, search, trial);
        onDone(trial.sentence);
      }
    };
    for (const [trial, pieces] of waiting) if (pieces === 0) judge(trial);
    const ofTrial = new Map(trials.flatMap((trial) => trial.attempt.pieces.map((piece) => [piece, trial] as const)));
    for (const batch of batches([...ofTrial.keys()], (piece) => ofTrial.get(piece)!.attempt.strict)) {
      // Lets an abort arrive: searches of short sentences may be over before they give it a turn.
      if (signal) await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      await searchBatch(model, search, batch, ofTrial.get(batch[0]!)!.attempt.strict, signal);
      for (const piece of batch) {
        const trial = ofTrial.get(piece)!;
        const left = waiting.get(trial)! - 1;
        waiting.set(trial, left);
        if (left === 0) judge(trial);
      }
    }
    trials = open;
  }
}

/** Whether the model knows the letters of a sentence, by and large. It would answer others with nonsense. */
function isReadable({ spans, text }: DraftSentence): boolean {
  const letters = (part: string): number => part.match(/\p{L}/gu)?.length ?? 0;
  const unknown = spans.reduce((sum, { kind, text: own }) => sum + (kind === 'letters' ? letters(own) : 0), 0);
  const stays = spans.reduce((sum, { text: own }) => sum + letters(own), 0);
  return 2 * unknown < letters(text) && stays < letters(text);
}

/** Groups pieces of like length, longest first; only those whose translations may be equally long. */
function* batches(pieces: readonly Piece[], isStrict: (piece: Piece) => boolean): Generator<Piece[]> {
  const key = (piece: Piece): string =>
    `${lengthClass(piece.encoding.ids.length)} ${isStrict(piece)} ${repeatsItself(piece.encoding.ids)} ${piece.held.length}`;
  const sorted = pieces.toSorted(
    (a, b) => b.encoding.ids.length - a.encoding.ids.length || a.held.length - b.held.length,
  );
  const groups = new Map<string, Piece[]>();
  for (const piece of sorted) {
    const group = groups.get(key(piece)) ?? [];
    groups.set(key(piece), group);
    group.push(piece);
  }
  for (const group of groups.values()) {
    const longest = group[0]!.encoding.ids.length;
    const room = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_TOKENS / (longest + 2))));
    for (let start = 0; start < group.length; start += room) yield group.slice(start, start + room);
  }
}

/** Whether a source says some tokens twice, so that its translation may as well. */
function repeatsItself(ids: readonly number[]): boolean {
  const seen = new Set<string>();
  for (let i = 0; i + 3 <= ids.length; i++) {
    const trigram = `${ids[i]!} ${ids[i + 1]!} ${ids[i + 2]!}`;
    if (seen.has(trigram)) return true;
    seen.add(trigram);
  }
  return false;
}

async function searchBatch(
  model: TranslatorModel,
  search: Search,
  batch: readonly Piece[],
  strict: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { tokenizer } = model;
  const first = batch[0]!;
  const sources = batch.map(({ encoding }) => sourceTokens(tokenizer, encoding.ids, search.to));
  const padded = padTokens(sources);
  const options = searchOptions(model, search, first.encoding.ids.length, {
    held: first.held.length,
    repeats: repeatsItself(first.encoding.ids),
    strict,
  });
  const found = await beamSearch(decoderOf(model, padded), options, signal === undefined ? undefined : { signal });
  for (const [row, piece] of batch.entries()) {
    const source = sources[row]!;
    const translations = new Map<string, SentenceTranslation>();
    const ranked = byCoverage(found[row] ?? [], model.decoding.coverage, source.length);
    for (const hypothesis of ranked) {
      const whole = withoutEndMark(translationOf(model, search.to, piece, source, hypothesis), piece.text);
      const clean = withoutInventedUnits(whole, piece.text, seenAsPlaceholders(piece), search.to);
      const one = withMarkupSpaces(clean, piece.sentence.readable, seenAsPlaceholders(piece));
      if (!translations.has(one.text)) translations.set(one.text, one);
    }
    if (translations.size === 0) throw new Error(NOTHING_FOUND);
    piece.found = [...translations.values()];
  }
}

function seenAsPlaceholders({ held, sentence }: Piece): ProtectedSpan[] {
  return sentence.spans.filter(({ text }) => held.includes(text));
}

/**
 * Hypotheses that looked at the whole source before those that left some out: the score gets β times the mean over the
 * source tokens of log min(Σ weights, 1); after Wu et al. 2016 (arXiv 1609.08144), equation 14, by token as the score is.
 */
function byCoverage(hypotheses: readonly Hypothesis[], beta: number, length: number): Hypothesis[] {
  const total = ({ finished, score, weights }: Hypothesis): number => {
    if (weights.length === 0) return finished ? score : score - 1e6;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const looked = weights.reduce((all, row) => all + row[i]!, 0);
      sum += Math.log(Math.min(Math.max(looked, 1e-3), 1));
    }
    return score + (beta * sum) / length - (finished ? 0 : 1e6);
  };
  if (beta === 0) return [...hypotheses];
  const totals = new Map(hypotheses.map((hypothesis) => [hypothesis, total(hypothesis)]));
  return hypotheses.toSorted((a, b) => totals.get(b)! - totals.get(a)!);
}

/**
 * Puts what was found for the pieces together, and keeps it where it is the best so far.
 * @returns what is wrong with it
 */
function take(model: TranslatorModel, search: Search, trial: Trial): TranslationFault[] {
  const { attempt, first, sentence } = trial;
  const { pieces } = attempt;
  const { from } = model;
  const { to } = search;
  const judged = (translation: SentenceTranslation): TranslationFault[] =>
    faultsOf({
      source: sentence.readable,
      translation: translation.text,
      finished: translation.finished,
      spans: sentence.spans,
      read: attempt.read ?? [],
      from,
      to,
    });
  const isWhole = pieces.length === 1 && pieces[0]!.start === 0 && pieces[0]!.end === sentence.text.length;
  let translations: readonly SentenceTranslation[];
  let faults: TranslationFault[];
  let encoding: Encoding;
  if (isWhole) {
    encoding = pieces[0]!.encoding;
    const found = attempt.read ? pieces[0]!.found!.slice(0, MOST_READ) : pieces[0]!.found!;
    const judgements = found.map(judged);
    const least = judgements.reduce((a, b) => (compareFaults(b, a) < 0 ? b : a));
    const chosen = judgements.indexOf(least);
    const isOther = (i: number): boolean => i !== chosen && (!attempt.read || judgements[i]!.length === 0);
    translations = [found[chosen]!, ...found.filter((_, i) => isOther(i))];
    faults = least;
  } else {
    const { tokenizer } = model;
    const parts = pieces.map((piece) => {
      const own = { source: piece.text, spans: [], from, to };
      const judgements = piece.found!.map(({ finished, text }) => faultsOf({ ...own, translation: text, finished }));
      const least = judgements.reduce((a, b) => (compareFaults(b, a) < 0 ? b : a));
      return { piece, translation: piece.found![judgements.indexOf(least)]! };
    });
    encoding = tokenizer.encodeWithSpans(sentence.text, from);
    const joined = joinPieces(tokenizer, sentence.text, encoding, parts, to);
    translations = [joined];
    faults = judged(joined);
  }
  const before = attempt === first ? [] : alternativesOf(first, encoding);
  const texts = new Set(translations.map(({ text }) => text));
  translations = [...translations, ...before.filter(({ text }) => !texts.has(text))];
  if (!trial.best || compareFaults(faults, trial.best.faults) < 0) trial.best = { translations, faults, encoding };
  return faults;
}

/** What the first attempt found, where it reads the sentence by the same tokens: somebody may want more than one. */
function alternativesOf({ pieces }: Attempt, { ids }: Encoding): readonly SentenceTranslation[] {
  const [only] = pieces;
  const isSame =
    pieces.length === 1 &&
    only!.encoding.ids.length === ids.length &&
    only!.encoding.ids.every((id, i) => id === ids[i]);
  return isSame ? (only!.found ?? []) : [];
}

/** What to try after an attempt with these faults; nothing where nothing is left. */
function nextAttempt(model: TranslatorModel, trial: Trial, faults: readonly TranslationFault[]): Attempt | undefined {
  const { attempt, first, sentence, tried } = trial;
  const isCopying = faults.includes('numbers') || faults.includes('missing');
  const ways: [Way, () => Attempt | undefined][] = isCopying
    ? [
        ['held', () => (attempt.read ? heldAttempt(model, sentence) : undefined)],
        ['holding', () => holdingAttempt(model, sentence, attempt)],
        ['between', () => betweenAttempt(model, sentence)],
        ['strict', () => strictAttempt(first)],
      ]
    : [
        ['strict', () => strictAttempt(first)],
        ['halves', () => halvesAttempt(model, sentence)],
      ];
  for (const [way, make] of ways) {
    if (tried.has(way)) continue;
    tried.add(way);
    const next = make();
    if (next) return next;
  }
  return undefined;
}

function resultOf(model: TranslatorModel, search: Search, { best, sentence }: Trial): PlacedSentence {
  const { end, inCapitals, readable, spans, start } = sentence;
  const { encoding, faults, translations } = best!;
  const isInvented = faults.includes('offensive') && offensiveWords(readable, model.from).length === 0;
  const source = describeSource(model, sentence, encoding, search.to);
  const whole = translations.slice(0, search.wanted).map((translation) => {
    // Better a word of the source than a word that nobody said.
    const clean = isInvented
      ? wordsInstead(translation, offensiveWords(translation.text, search.to), source.words)
      : translation;
    const held = spans.map(({ text }) => text);
    return inCapitals ? capitalised(clean, held, search.to) : clean;
  });
  const { tokens } = whole[0]!;
  const mean = tokens.reduce((sum, token) => sum + Math.log(Math.max(token.probability, 1e-12)), 0) / tokens.length;
  return {
    start,
    end,
    source,
    translations: whole,
    confidence: rounded(tokens.length === 0 ? 1 : Math.exp(mean)),
    ...(faults.length > 0 && { faults: [...faults] }),
  };
}

function describeSource(
  { tokenizer }: TranslatorModel,
  { text }: DraftSentence,
  { ids, words }: Encoding,
  to: string,
): PlacedSentence['source'] {
  return {
    text,
    words: words.map(({ start, end }) => text.slice(start, end)),
    places: words.map(placeOf),
    tokens: describeTokens(tokenizer, sourceTokens(tokenizer, ids, to), words, sentenceOffset(tokenizer)),
  };
}

/** A sentence as its own translation. */
function kept(model: TranslatorModel, sentence: DraftSentence, to: string): PlacedSentence {
  const { start, end, text } = sentence;
  const { from, tokenizer } = model;
  const source = describeSource(model, sentence, tokenizer.encodeWithSpans(text, from), to);
  const words = source.words.map((word) => ({ word, probability: 1 }));
  const offset = sentenceOffset(tokenizer);
  const tokens = source.tokens.slice(offset, -1).map((token) => ({ ...token, probability: 1 }));
  const identity = (size: number, width: number, shift: number): number[][] =>
    Array.from({ length: size }, (_, i) => Array.from({ length: width }, (_, j) => (j === i + shift ? 1 : 0)));
  const itself: SentenceTranslation = {
    text,
    score: 0,
    finished: true,
    words,
    places: source.places,
    tokens,
    alignment: identity(words.length, words.length, 0),
    weights: identity(tokens.length, source.tokens.length, offset),
  };
  return { start, end, source, translations: [itself], confidence: 1, kept: 'unknown-script' };
}

function translationOf(
  { tokenizer }: TranslatorModel,
  to: string,
  { encoding, held }: Piece,
  source: readonly number[],
  hypothesis: Hypothesis,
): SentenceTranslation {
  const { finished, logProbabilities, score, tokens } = hypothesis;
  const { text, words } = tokenizer.decodeWithSpans(tokens, to, held);
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
