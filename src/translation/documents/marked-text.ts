import type { PlacedSentence, TranslatedText } from '../translation-result.ts';

/** Mark-up around a part of a text: `**` and `**`, or `[` and `](address)`. Marks are nested or apart. */
export interface Mark {
  /** What it covers, in UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
  /** What is written before and after it. */
  readonly open: string;
  readonly close: string;
}

/** Text that was taken out of a document, with what else stood in it. */
export interface MarkedText {
  /** Plain, with U+FFFC (`OBJECT`) for each object. */
  readonly text: string;
  /** In the order in which they open, the outer before the inner. */
  readonly marks: readonly Mark[];
  /** What stands for the objects, in order: code, pictures, line breaks. */
  readonly objects: readonly string[];
}

/**
 * Finds the places of a text's marks in its translation, by its alignment: a mark that covers a whole sentence covers
 * the whole translation; one that covers some words covers the words that looked mostly at these, and what is between.
 *
 * @returns the marks, in the same order; nothing where a mark has no place, or two marks cross
 */
export function placeMarks(marks: readonly Mark[], translated: TranslatedText): Mark[] | undefined {
  const pieces = piecesOf(translated);
  const placed: Mark[] = [];
  for (const mark of marks) {
    const parts = pieces.map((piece) => partOf(mark, piece)).filter((part) => part !== undefined);
    const touched = pieces.filter((piece) => piece.start < mark.end && piece.end > mark.start).length;
    if (parts.length < touched || parts.length === 0) return undefined;
    const start = Math.min(...parts.map(([from]) => from));
    const end = Math.max(...parts.map(([, to]) => to));
    placed.push({ ...mark, start, end });
  }
  return nested(marks, placed) ? placed : undefined;
}

/** Writes a text with its marks and objects. @param escape makes plain text safe between the mark-up */
export function writeMarked(
  { text, marks, objects }: MarkedText,
  escape: (plain: string, position: number) => string,
): string {
  // At one place: what ends there before what begins there; outer marks open first and close last.
  const stops = marks.flatMap(({ start, end, open, close }, rank) => [
    { at: start, order: [1, -end, rank, 0], write: open },
    { at: end, order: start < end ? [0, -start, -rank, 0] : [1, -end, rank, 1], write: close },
  ]);
  stops.sort((a, b) => a.at - b.at || compare(a.order, b.order));
  let written = '';
  let position = 0;
  let object = 0;
  const plain = (end: number): void => {
    for (const part of text.slice(position, end).split(/(\ufffc)/)) {
      written += part === '\ufffc' ? (objects[object++] ?? '') : escape(part, position);
      position += part.length;
    }
  };
  for (const { at, write } of stops) {
    plain(at);
    written += write;
  }
  plain(text.length);
  return written;
}

/** A sentence, or what stands between sentences, in a text and in its translation. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly targetStart: number;
  readonly targetEnd: number;
  readonly sentence?: PlacedSentence;
}

function piecesOf({ source, text, sentences }: TranslatedText): Piece[] {
  const pieces: Piece[] = [];
  let [position, target] = [0, 0];
  const between = (end: number): void => {
    const length = end - position;
    if (length > 0) pieces.push({ start: position, end, targetStart: target, targetEnd: target + length });
    target += length;
  };
  for (const sentence of sentences) {
    between(sentence.start);
    const translation = sentence.translations[0]?.text ?? '';
    // Sentences that touch have got a space between them.
    if (!text.startsWith(translation, target)) target++;
    const { start, end } = sentence;
    pieces.push({ start, end, targetStart: target, targetEnd: target + translation.length, sentence });
    [position, target] = [end, target + translation.length];
  }
  between(source.length);
  return pieces;
}

/** What a mark covers of a piece's translation; nothing where it covers none of the piece, or none can be told. */
function partOf(mark: Mark, piece: Piece): [number, number] | undefined {
  const start = Math.max(mark.start, piece.start);
  const end = Math.min(mark.end, piece.end);
  if (start >= end) return undefined;
  const { sentence, targetStart } = piece;
  if (start === piece.start && end === piece.end) return [targetStart, piece.targetEnd];
  if (!sentence) return [targetStart + start - piece.start, targetStart + end - piece.start];
  const { places } = sentence.source;
  const [from, to] = [start - sentence.start, end - sentence.start];
  const covered = new Set(places.flatMap(([a, b], word) => (a < to && b > from ? [word] : [])));
  if (covered.size === places.length) return [targetStart, piece.targetEnd];
  const best = sentence.translations[0];
  const looking = (best?.alignment ?? []).flatMap((row, word) =>
    covered.has(argMax(row)) ? [best!.places[word]!] : [],
  );
  const [first, last] = [looking[0], looking.at(-1)];
  return first && last && [targetStart + first[0], targetStart + last[1]];
}

function argMax(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}

/** Whether marks contain each other, or are apart, as they did before. */
function nested(before: readonly Mark[], after: readonly Mark[]): boolean {
  return before.every((one, i) =>
    before.slice(i + 1).every((other, k) => {
      const [a, b] = [after[i]!, after[i + 1 + k]!];
      const inside = other.start >= one.start && other.end <= one.end;
      return inside ? b.start >= a.start && b.end <= a.end : b.start >= a.end || b.end <= a.start;
    }),
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((value, i) => value !== b[i]);
  return place < 0 ? 0 : a[place]! - b[place]!;
}
