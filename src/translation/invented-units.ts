import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import type { SentenceTranslation } from './translation-result.ts';
import { withoutStretch } from './without-stretch.ts';

/** What numbers are followed by that a model adds where it sees no number but a placeholder. */
type Unit = 'hours' | 'years' | 'money';

const UNITS: Readonly<Record<string, Readonly<Record<Unit, string>>>> = {
  de: { hours: 'Uhr', years: 'Jahre[ns]?', money: 'Dollar|Euro' },
  fr: { hours: 'heures?', years: 'ans', money: 'dollars?|euros?' },
  es: { hours: 'horas?', years: 'años', money: 'dólares|euros' },
  cs: { hours: 'hodin[ayu]?', years: 'let|roků', money: 'dolarů|eur|USD|EUR' },
};
/** A source that says one of these may well mean the unit. */
const SAID = {
  hours: /\bhours?\b/iu,
  years: /\b(?:years?|aged?|old|decades?|anniversary|birthday)\b/iu,
  money: /\b(?:dollars?|euros?|pounds?|cents?|bucks)\b/iu,
};
/** What a language says before a year. */
const BEFORE_YEARS: Readonly<Record<string, string>> = { cs: 'roce|roku|letech' };
const YEARS = /^\p{Nd}{3,4}(?:[-–/]\p{Nd}{2,4})?s?$/u;
const TIME = /^\p{Nd}{1,2}(?:[:.]\p{Nd}{2})?$/u;
const AGE = /^\p{Nd}{1,3}$/u;
const CURRENCY = /[$€£¥₹]/u;

/**
 * A translation without units that cannot be: "+49 30 1234567 Uhr", "9:30 ans", "$5 dollars", "v roce C:\\Users". A model that
 * has placeholders does not know what each of them is, and says what most of them are.
 *
 * @param source as the model read it
 * @param spans what it saw as placeholders
 */
export function withoutInventedUnits(
  translation: SentenceTranslation,
  source: string,
  spans: readonly ProtectedSpan[],
  to: string,
): SentenceTranslation {
  let kept = translation;
  for (const span of spans) {
    for (const pattern of inventionsAt(span, source, to)) {
      const found = pattern.exec(kept.text);
      if (found) kept = withoutStretch(kept, found.index, found.index + found[0].length);
    }
  }
  return kept;
}

/** What is too much before or behind a stretch that a model saw as a placeholder. */
function inventionsAt({ kind, text }: ProtectedSpan, source: string, to: string): RegExp[] {
  const own = text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
  const patterns: RegExp[] = [];
  const before = BEFORE_YEARS[to];
  if (before !== undefined && !YEARS.test(text) && !SAID.years.test(source)) {
    patterns.push(new RegExp(`(?<!\\p{L})(?:${before}) (?=${own})`, 'u'));
  }
  if (kind !== 'number') return patterns;
  for (const [unit, words] of Object.entries(UNITS[to] ?? {})) {
    if (canBe(unit as Unit, text, source, to)) continue;
    patterns.push(new RegExp(`(?<=${own})[ \u00a0\u202f](?:${words})(?![\\p{L}\\p{M}\\p{N}])`, 'u'));
  }
  return patterns;
}

function canBe(unit: Unit, number: string, source: string, to: string): boolean {
  switch (unit) {
    case 'hours':
      // "à 9:30": who writes a colon says no "heures".
      return SAID.hours.test(source) || (TIME.test(number) && !(to === 'fr' && /[:.]/.test(number)));
    case 'years':
      return AGE.test(number) || SAID.years.test(source);
    case 'money':
      return SAID.money.test(source) && !CURRENCY.test(number);
  }
}
