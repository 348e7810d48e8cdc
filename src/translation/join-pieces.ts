import type { Encoding, TextTokenizer } from '../engine/text/text-tokenizer.ts';
import { sentenceOffset } from '../engine/text/source-tokens.ts';
import type { Word } from '../engine/text/word-alignment.ts';
import { withoutEndMark } from './end-mark.ts';
import { describeTokens, rounded } from './translation-parts.ts';
import type { Piece } from './pieces.ts';
import type { SentenceTranslation } from './translation-result.ts';

/** A stretch of a sentence with its translation. */
interface Part {
  readonly piece: Piece;
  readonly translation: SentenceTranslation;
}

/**
 * A sentence of its pieces: what stands between them is as it was, and looked at itself.
 *
 * @param encoding of the whole sentence
 * @param to the language, which decides about capitals inside a sentence
 */
export function joinPieces(
  tokenizer: TextTokenizer,
  sentence: string,
  encoding: Encoding,
  parts: readonly Part[],
  to: string,
): SentenceTranslation {
  const offset = sentenceOffset(tokenizer);
  const width = encoding.ids.length + offset + 1;
  const sourceWords = encoding.words;
  const joined: SentenceTranslation = {
    text: '',
    score: 0,
    finished: true,
    words: [],
    places: [],
    tokens: [],
    alignment: [],
    weights: [],
  };
  let logProbability = 0;
  let length = 0;
  let position = 0;
  const looksAt = parts.every(({ translation }) => translation.weights.length > 0);
  const keep = (end: number): void => {
    const shift = joined.text.length - position;
    for (const [i, word] of sourceWords.entries()) {
      if (word.start < position || word.end > end) continue;
      joined.words.push({ word: word.text, probability: 1 });
      joined.places.push([word.start + shift, word.end + shift]);
      if (looksAt) joined.alignment.push(unit(sourceWords.length, i));
      const own = describeTokens(
        tokenizer,
        word.tokens.map((token) => encoding.ids[token]!),
        [],
        0,
      );
      for (const [k, token] of own.entries()) {
        joined.tokens.push({ text: token.text, word: joined.words.length - 1, probability: 1 });
        if (looksAt) joined.weights.push(unit(width, word.tokens[k]! + offset));
      }
    }
    joined.text += sentence.slice(position, end);
    position = end;
  };
  for (const { piece, translation } of parts) {
    keep(piece.start);
    const fitted = inTheMiddle(translation, piece, to);
    const shift = joined.text.length;
    const firstWord = joined.words.length;
    joined.words.push(...fitted.words);
    joined.places.push(...fitted.places.map(([start, end]): [number, number] => [start + shift, end + shift]));
    joined.text += fitted.text;
    if (looksAt) {
      const wordAt = piece.encoding.words.map((word) => indexOf(sourceWords, word, piece.start));
      joined.alignment.push(...fitted.alignment.map((row) => spread(row, wordAt, sourceWords.length)));
      const tokenAt = piece.encoding.spans.map(({ start }) => tokenIndex(encoding, start + piece.start) + offset);
      joined.weights.push(
        ...fitted.weights
          .slice(0, fitted.tokens.length)
          .map((row) => spread(row, [...unitsBefore(offset), ...tokenAt, width - 1], width)),
      );
    }
    joined.tokens.push(
      ...fitted.tokens.map((token) => ({ ...token, word: token.word === null ? null : token.word + firstWord })),
    );
    for (const { probability } of fitted.tokens) logProbability += Math.log(Math.max(probability, 1e-12));
    length += fitted.tokens.length;
    joined.finished &&= translation.finished;
    position = piece.end;
  }
  keep(sentence.length);
  joined.score = rounded(logProbability / Math.max(1, length));
  return joined;
}

/** As a part of a sentence: without a mark at its end or a capital that the source has not there. */
function inTheMiddle(translation: SentenceTranslation, { start, text }: Piece, to: string): SentenceTranslation {
  let fitted = withoutEndMark(translation, text);
  // German nouns begin with capitals everywhere.
  const first = fitted.words[0];
  if (start > 0 && first && !to.startsWith('de') && /^\p{Ll}/u.test(text) && /^\p{Lu}\p{Ll}/u.test(first.word)) {
    const small = (word: string): string => word.replace(/^\p{Lu}/u, (letter) => letter.toLocaleLowerCase(to));
    const [from] = fitted.places[0]!;
    fitted = {
      ...fitted,
      text: fitted.text.slice(0, from) + small(fitted.text.slice(from)),
      words: [{ ...first, word: small(first.word) }, ...fitted.words.slice(1)],
    };
  }
  return fitted;
}

function unit(width: number, place: number): number[] {
  return Array.from({ length: width }, (_, i) => (i === place ? 1 : 0));
}

/** The tag stands where the tag stands. */
function unitsBefore(offset: number): number[] {
  return Array.from({ length: offset }, (_, i) => i);
}

/** The word of the sentence that a piece's word is, or is in. */
function indexOf(words: readonly Word[], { start }: Word, shift: number): number {
  return Math.max(
    0,
    words.findLastIndex((word) => word.start <= start + shift),
  );
}

function tokenIndex({ spans }: Encoding, place: number): number {
  return Math.max(
    0,
    spans.findLastIndex(({ start }) => start <= place),
  );
}

/** A row with its weights at other places. */
function spread(row: readonly number[], places: readonly number[], width: number): number[] {
  const result = new Array<number>(width).fill(0);
  for (const [i, weight] of row.entries()) {
    const place = places[i] ?? width - 1;
    result[place] = rounded(result[place]! + weight);
  }
  return result;
}
