import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import type { SentenceTranslation } from './translation-result.ts';

/** What numbers are followed by that a model adds where it sees no number but a placeholder. */
type Unit = 'hours' | 'years' | 'money';

const UNITS: Readonly<Record<string, Readonly<Record<Unit, string>>>> = {
  de: { hours: 'Uhr', years: 'Jahre[ns]?', money: 'Dollar|Euro' },
  fr: { hours: 'heures?', years: 'ans', money: 'dollars?|euros?' },
  es: { hours: 'horas?', years: 'años', money: 'dólares|euros' },
  cs: { hours: 'hodin[ayu]?', years: 'let|roků', money: 'dolarů|eur' },
};
/** A source that says one of these may well mean the unit. */
const SAID = {
  hours: /\bhours?\b/iu,
  years: /\b(?:years?|aged?|old|decades?|anniversary|birthday)\b/iu,
};
const TIME = /^\p{Nd}{1,2}(?:[:.]\p{Nd}{2})?$/u;
const AGE = /^\p{Nd}{1,3}$/u;
const CURRENCY = /[$€£¥₹]/u;

/**
 * A translation without units of numbers that cannot be: "+49 30 1234567 Uhr", "9:30 ans", "$5 dollars". A model that has
 * placeholders for numbers does not know what each of them is, and says what most of them are.
 *
 * @param source as the model read it
 * @param spans of the source
 */
export function withoutInventedUnits(
  translation: SentenceTranslation,
  source: string,
  spans: readonly ProtectedSpan[],
  to: string,
): SentenceTranslation {
  const units = Object.entries(UNITS[to] ?? {}) as [Unit, string][];
  let kept = translation;
  for (const { kind, text } of spans) {
    if (kind !== 'number') continue;
    for (const [unit, words] of units) {
      const place = kept.text.indexOf(text);
      if (place < 0 || canBe(unit, text, source, to)) continue;
      const end = place + text.length;
      const found = new RegExp(`^[ \u00a0\u202f](?:${words})(?![\\p{L}\\p{M}\\p{N}])`, 'u').exec(kept.text.slice(end));
      if (found) kept = without(kept, end, end + found[0].length);
    }
  }
  return kept;
}

function canBe(unit: Unit, number: string, source: string, to: string): boolean {
  switch (unit) {
    case 'hours':
      // "à 9:30": who writes a colon says no "heures".
      return SAID.hours.test(source) || (TIME.test(number) && !(to === 'fr' && /[:.]/.test(number)));
    case 'years':
      return AGE.test(number) || SAID.years.test(source);
    case 'money':
      return !CURRENCY.test(number);
  }
}

/** Without the words between two places of its text. */
function without(translation: SentenceTranslation, from: number, to: number): SentenceTranslation {
  const isKept = translation.places.map(([start, end]) => end <= from || start >= to);
  const number = new Map<number, number>();
  for (const [i, kept] of isKept.entries()) if (kept) number.set(i, number.size);
  const only = <T>(list: readonly T[]): T[] => list.filter((_, i) => isKept[i]);
  const moved = (place: number): number => (place >= to ? place - (to - from) : place);
  return {
    ...translation,
    text: translation.text.slice(0, from) + translation.text.slice(to),
    words: only(translation.words),
    places: only(translation.places).map(([start, end]) => [moved(start), moved(end)]),
    alignment: only(translation.alignment),
    tokens: translation.tokens.map((token) => ({
      ...token,
      word: token.word === null ? null : (number.get(token.word) ?? null),
    })),
  };
}
