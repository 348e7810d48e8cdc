import { splitAtSpace } from './translation-tokenizers.ts';

/**
 * Cuts a line as the papers on Multi30k do before they count BLEU ("tokenised, lower case"): lower case, then what Moses'
 * punctuation normaliser does, then what Moses' tokenizer does, in the order of the data set's own preprocessing. XML
 * escapes, which only rename tokens, are left out. Moses' lists of abbreviations are long; here stand those of their
 * entries that Multi30k has where they count (`KEEPS_FULL_STOP`): with them all its lines are cut the same.
 *
 * In short: quotation marks, dashes and apostrophes of all kinds become `"`, `-` and `'`. Every mark is a token, but
 * hyphens stay in their word, commas and full stops stay between digits, several full stops are one token, and a single
 * one stays at its word where a lower-case letter follows or the word has another one inside ("z.b."). Apostrophes:
 * English cuts before ("man 's"), French behind ("l' eau"), other languages on both sides.
 *
 * @param language of the line: `de`, `fr`, `cs`, `en`
 */
export function multi30kTokens(line: string, language: string): string[] {
  return tokenize(normaliseMarks(line.toLowerCase(), language), language);
}

/** The characters that the normaliser replaces, in the order in which it does. */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/\r/g, ''],
  [/\(/g, ' ('],
  [/\)/g, ') '],
  [/ +/g, ' '],
  [/\) ([.!:?;,])/g, ')$1'],
  [/\( /g, '('],
  [/ \)/g, ')'],
  [/(\d) %/g, '$1%'],
  [/ ([:;])/g, '$1'],
  [/`/g, "'"],
  [/''/g, ' " '],
  [/[„“”]/g, '"'],
  [/–/g, '-'],
  [/—/g, ' - '],
  [/ +/g, ' '],
  [/[´‘‚’]/g, "'"],
  [/''/g, '"'],
  [/…/g, '...'],
  [/\xa0?[«»]\xa0?/g, '"'],
  [/\xa0([%:?!;])/g, '$1'],
  [/,\xa0/g, ', '],
  [/ +/g, ' '],
];

const SPACED_THOUSANDS_AS_COMMA = new Set(['de', 'es', 'cs', 'fr']);

function normaliseMarks(text: string, language: string): string {
  let normal = text;
  for (const [pattern, replacement] of MARKS) normal = normal.replace(pattern, replacement);
  if (language === 'en') {
    normal = normal.replace(/"([,.]+)/g, '$1"');
  } else if (language !== 'cs') {
    // A full stop at the very end stays inside the quotation.
    normal = normal.replaceAll(',"', '",').replace(/(\.+)"(\s*[^<])/g, '"$1$2');
  }
  return normal.replace(/(\d)\xa0(\d)/g, SPACED_THOUSANDS_AS_COMMA.has(language) ? '$1,$2' : '$1.$2');
}

const HAS_LETTER = /\p{Alphabetic}/u;
const OTHER_MARK = /[^\p{Alphabetic}\p{Nd}\s.',-]/gu;

function tokenize(text: string, language: string): string[] {
  let spaced = text
    .replace(/\s+/g, ' ')
    // Controls. (They were white space's neighbours until now.)
    // eslint-disable-next-line no-control-regex
    .replace(/[\x00-\x1f]/g, '')
    .replace(OTHER_MARK, ' $& ')
    .replace(/\.{2,}/g, (dots) => ` ${ELLIPSIS.repeat(dots.length)} `)
    .replace(/(?<!\p{N}),|,(?!\p{N})/gu, ' , ');
  spaced = cutApostrophes(spaced, language);
  const words = splitAtSpace(spaced);
  return words
    .flatMap((word, i) => cutFullStop(word, words[i + 1], language))
    .map((word) => word.replaceAll(ELLIPSIS, '.'));
}

/** Stands for one of several full stops while single ones are looked at: a character that has no meaning of its own. */
const ELLIPSIS = '\ue000';

/** Stands at an apostrophe that has been dealt with. */
const DONE = '\ue001';

function cutApostrophes(text: string, language: string): string {
  const inside = /(?<=\p{Alphabetic})'(?=\p{Alphabetic})/gu;
  if (language === 'en') {
    const cut = text.replace(inside, ` '${DONE}`).replace(/(?<=\p{N})'(?=s)/gu, ` '${DONE}`);
    return cut.replace(/'(?!\ue001)/g, " ' ").replaceAll(DONE, '');
  }
  if (language === 'fr')
    return text
      .replace(inside, `${DONE}' `)
      .replace(/(?<!\ue001)'/g, " ' ")
      .replaceAll(DONE, '');
  return text.replaceAll("'", " ' ");
}

/** Moses takes these for abbreviations, even where they are the words "art", "forest" and "car" at the end of a line. */
const KEEPS_FULL_STOP: Readonly<Record<string, ReadonlySet<string>>> = {
  de: new Set([
    'ca',
    ...'a b c d e f g h i j k l m n o p q r s t u v w x y z'.split(' '),
    ...Array.from({ length: 99 }, (_, i) => String(i + 1)),
  ]),
  fr: new Set('art p s sec vol'.split(' ')),
  cs: new Set('aut bot čas č film hod hor kol lék les něm p s sport st tech'.split(' ')),
};

function cutFullStop(word: string, next: string | undefined, language: string): string[] {
  if (word.length < 2 || !word.endsWith('.')) return [word];
  const before = word.slice(0, -1);
  const isAbbreviation =
    KEEPS_FULL_STOP[language]?.has(before) === true || (before.includes('.') && HAS_LETTER.test(before));
  if (isAbbreviation || (next !== undefined && /^\p{Lowercase}/u.test(next))) return [word];
  return [before, '.'];
}
