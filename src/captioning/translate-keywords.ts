import { UNSURE_BELOW } from '../contract/constants/unsure-below.ts';
import type { KeywordFinder } from './keyword-finder.ts';
import type { SentenceTranslation, TranslatedText } from '../translation/translation-result.ts';

/** Words of a translation belong to a keyword of several words where so much of their attention fell on it. */
const ENOUGH = 0.5;
/** Articles and prepositions that look at the thing before which they stand, and are not a part of its name. */
const BEFORE_THINGS = new Set(
  (
    'der die das den dem des ein eine einen einem einer im am in an auf von vom zum zur mit ' +
    "le la les l l' un une des du de d d' en dans sur au aux à avec " +
    'el los las unos unas del al por con una y na v ve s se z ze do po'
  ).split(' '),
);

/** "l'eau": the article is written with the word. */
const ELIDED_ARTICLE = /^[ld]['’](?=\p{L}{2})/iu;

/**
 * The keywords of a translated caption, in its language: what the translation wrote while it looked at the keywords of
 * the caption. Only things: a translated activity is inflected as its sentence wants it. A word that the translator is
 * unsure of is none.
 *
 * @param find finds keywords in the caption as it was before
 * @returns as the translation writes them, none twice; none where the translator has no attention
 */
export function translatedKeywords(find: KeywordFinder, { sentences, to }: TranslatedText): string[] {
  const keywords = sentences.flatMap(({ source, translations }) => {
    const translation = translations[0] as SentenceTranslation;
    return find(source.text)
      .filter(({ kind }) => kind === 'thing')
      .flatMap(({ place: [from, until] }) => {
        const looked = source.places.flatMap(([start, end], i) => (start < until && end > from ? [i] : []));
        const text = wordsThatLookedAt(looked, translation);
        return text === undefined ? [] : [inLowerCase(text, translation, to).replace(ELIDED_ARTICLE, '')];
      });
  });
  return [...new Set(keywords)];
}

/**
 * The word that looked at a keyword most; for one of several words also those around it that look there: "ours en
 * peluche" for "teddy bear".
 */
function wordsThatLookedAt(
  looked: readonly number[],
  { alignment, places, text, words }: SentenceTranslation,
): string | undefined {
  const isWord = (i: number): boolean => {
    const word = words[i]?.word ?? '';
    return /[\p{L}\p{N}]/u.test(word) && !BEFORE_THINGS.has(word.toLowerCase());
  };
  const shares = alignment.map((row, i) =>
    isWord(i) ? looked.reduce((sum, source) => sum + (row[source] ?? 0), 0) : 0,
  );
  const strongest = shares.indexOf(Math.max(...shares));
  if (strongest < 0 || shares[strongest] === 0) return undefined;
  let [first, last] = [strongest, strongest];
  if (looked.length > 1) {
    const belongs = (i: number): boolean => (shares[i] ?? 0) >= ENOUGH;
    // One word between may look elsewhere: the "en" of "ours en peluche".
    for (let i = first - 1; i >= first - 2; i--) if (belongs(i)) first = i;
    for (let i = last + 1; i <= last + 2; i++) if (belongs(i)) last = i;
  }
  if (words.slice(first, last + 1).some(({ probability }) => probability < UNSURE_BELOW)) return undefined;
  const [start, end] = [places[first]?.[0], places[last]?.[1]];
  return start === undefined || end === undefined ? undefined : text.slice(start, end);
}

/** The first word of a sentence has a capital for no other reason; in German a thing always has one. */
function inLowerCase(keyword: string, { text }: SentenceTranslation, language: string): string {
  const isFirst = text.startsWith(keyword);
  return isFirst && !language.startsWith('de') ? keyword[0]!.toLocaleLowerCase(language) + keyword.slice(1) : keyword;
}
