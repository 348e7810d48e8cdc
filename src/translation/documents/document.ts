import type { TranslateOptions } from '../translate.ts';
import { translateBy, type AnyTranslator } from '../translate-through.ts';
import type { TranslatedText } from '../translation-result.ts';
import { placeMarks, writeMarked, type Mark, type MarkedText } from './marked-text.ts';

/** A part of a document that is translated by itself: a paragraph, a heading, a table's cell, a subtitle. */
export interface Passage extends MarkedText {
  /** Its place in the document, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A document, taken apart. */
export interface Document {
  readonly source: string;
  /** In order. What stands between them stays as it is. */
  readonly passages: readonly Passage[];
  /** Makes plain text safe in a passage. @param position where it begins in the passage */
  escape(plain: string, position: number, passage: Passage): string;
  /** Gives a passage that is written its form: its lines, for instance. */
  finish?(written: string, passage: Passage): string;
}

/** A passage with its translation. */
export interface TranslatedPassage {
  /** Plain. */
  readonly translated: TranslatedText;
  /** As it is written into the document. */
  readonly written: string;
}

/**
 * Translates the passages of a document. Mark-up inside them goes where the alignment says; where it says nothing clear,
 * the stretches between the mark-up are translated one by one.
 *
 * @returns a result a passage
 * @throws what `translate` throws
 */
export async function translatePassages(
  model: AnyTranslator,
  document: Document,
  options: Omit<TranslateOptions, 'onResult'> = {},
): Promise<TranslatedPassage[]> {
  const { passages } = document;
  const texts = passages.map(({ text }) => text);
  const whole = await translateBy(model, texts, { ...options, lineBreak: 'space' });
  const placed = passages.map(({ marks }, i) => placeMarks(marks, whole[i] as TranslatedText));

  const apart = passages.flatMap((passage, i) => (placed[i] ? [] : [{ passage, stretches: stretchesOf(passage) }]));
  const pieces = apart.flatMap(({ passage, stretches }) => stretches.map(([a, b]) => passage.text.slice(a, b)));
  const { alternatives: _, ...once } = options;
  const translatedPieces = pieces.length > 0 ? await translateBy(model, pieces, { ...once, lineBreak: 'space' }) : [];
  let next = 0;
  const byPieces = new Map(
    apart.map(({ passage, stretches }) => {
      const own = translatedPieces.slice(next, (next += stretches.length)).map(({ text }) => text);
      return [passage, joinStretches(passage, stretches, own)];
    }),
  );

  return passages.map((passage, i) => {
    const translated = whole[i] as TranslatedText;
    const marks = placed[i];
    const marked: MarkedText = marks
      ? { text: translated.text, marks, objects: passage.objects }
      : (byPieces.get(passage) as MarkedText);
    const written = writeMarked(marked, (plain, position) => document.escape(plain, position, passage));
    return { translated, written: document.finish?.(written, passage) ?? written };
  });
}

/** A document with its passages replaced. */
export function writeDocument({ source, passages }: Document, translated: readonly TranslatedPassage[]): string {
  let written = '';
  let position = 0;
  passages.forEach(({ start, end }, i) => {
    written += source.slice(position, start) + (translated[i]?.written ?? '');
    position = end;
  });
  return written + source.slice(position);
}

/** What lies between the ends of marks. */
function stretchesOf({ text, marks }: MarkedText): [number, number][] {
  const cuts = [...new Set([0, text.length, ...marks.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => [cuts[i] as number, end]);
}

function joinStretches(
  { marks, objects }: MarkedText,
  stretches: readonly [number, number][],
  texts: readonly string[],
): MarkedText {
  const places = new Map<number, number>([[0, 0]]);
  let text = '';
  stretches.forEach(([, end], i) => {
    text += texts[i] ?? '';
    places.set(end, text.length);
  });
  const at = (place: number): number => places.get(place) ?? 0;
  const moved = marks.map((mark): Mark => ({ ...mark, start: at(mark.start), end: at(mark.end) }));
  return { text, marks: moved, objects };
}
