/**
 * Penn Treebank tokenisation as coco-caption's `PTBTokenizer` does it: Stanford CoreNLP 3.4.1 with `-preserveLines
 * -lowerCase`, then seventeen marks of punctuation dropped. Caption scores are comparable with published ones only when
 * the words are cut this way, down to its oddities: brackets survive as the words `-lrb-` and `-rrb-` (the list of
 * dropped marks spells them in capitals), so do `#`, `&`, `!!` and emoticons; `£` becomes `#`, `€` becomes `$`.
 *
 * The original is a scanner that takes the longest of all matching rules, the text a rule wants to see after its token
 * included, and of equally long ones the first. So does this one: `don't` is cut into `do` + `n't` because the rule
 * "letters before n't" sees five characters where the plain word rule sees three.
 *
 * The rules follow what the original does, observed on some hundred thousand sentences and made-up oddities. Two things
 * differ on purpose. The original reads all captions as one text, so that a caption's last word can depend
 * on the next caption ("… a." followed by "In …"); here each caption stands alone. And mark-up, internet addresses and
 * numeric entities are followed only as far as captions have them.
 */

/** Marks that coco-caption drops. Several are left out here because the scanner below has mapped them to others. */
const DROPPED = new Set(["''", "'", '`', '.', '?', '!', ',', ':', '-', '--', ';']);

/** Joins a fraction or telephone number that is written with spaces but is one token. */
const NO_BREAK_SPACE = '\u00a0';

/** A way to read one token. Group 1 is the token; group 2, if there is one, is what must follow it. */
interface Rule {
  readonly pattern: RegExp;
  /** What the token is written as; the matched text where there is none. */
  readonly rewrite?: (text: string) => string;
}

const LETTER = String.raw`[\p{L}\p{M}]`;
const ALNUM = String.raw`[\p{L}\p{M}\p{Nd}]`;
const HYPHEN = String.raw`[-_\u2010\u2011]`;
const APOSTROPHE = String.raw`(?:['\u2019]|&apos;)`;
/** Follows an apostrophe: man's, I'm, he'd, they're, we've, she'll. */
const CLITIC = '(?:[sSmMdD]|[rR][eE]|[vV][eE]|[lL][lL])';
const WORD = String.raw`\p{L}${ALNUM}*(?:[.!?]\p{L}${ALNUM}*)*`;
const NUMBER = String.raw`(?:\d*(?:[.,:]\d+)+|\d+)`;
/** A part of a hyphenated compound: letters and digits, perhaps behind d', l' or o' ("will-o'-the-wisp", "o'clock"). */
const PART = String.raw`(?:[dDlLoO]['\u2019]${ALNUM}{2,}|${ALNUM}+)`;

/** Abbreviations that keep their full stop anywhere. */
const ABBREVIATIONS =
  'al cf co ct dr ft ga jr ky lt md mo mr ms mt ph rd rt sq sr st va vs vt wm ' +
  'adj adm adv ala apr aug ave bhd cie col cos cpl dak dec det drs ens esq est etc ext feb fla fri gen gov hon inc ' +
  'ind jan jos jul jun kan ltd maj mar mfg mme mon mrs mtg neb nev nov oct pfc plc pte pty pvt rep rev sen sep seq ' +
  'sfc sgt spc ste sys tel thu tue wed wis wyo alex ariz assn asst atty bldg blvd brig bros capt cmdr colo conn corp ' +
  'dept elec govs insp intl invt kans mich minn mlle mont msgr natl okla penn ppte ppty pres prof ptes ptys reps sens ' +
  'sept supt tenn tues univ wisc assoc calif comdr thurs messrs';
/** Abbreviations that are common words or names when they are not capitalised. */
const CAPITALISED_ABBREVIATIONS = 'az la pa ark del ill ore tex mass miss wash';
/** Abbreviations only in front of a number ("No. 5"). */
const NUMBERED_ABBREVIATIONS = 'ca no op pp art fig nos figs prop';
/** Words that begin a new sentence after a single letter and a full stop, when capitalised. */
const SENTENCE_OPENERS =
  'a about after an as at but he her here however if in it last many more now once one other our she since so some ' +
  'such that the their then there these they this we what when while yet you';

const FILE_ENDINGS =
  'bat|bmp|cgi|class|cpp|c|dll|docx?|exe|gif|gz|html?|h|jar|java|jpe?g|mov|pdf|php|pl|png|ppt|ps|py|sql|tar|txt|wav|' +
  'xml|x|zip';

const FRACTIONS = new Map(Object.entries({ '½': '1/2', '¼': '1/4', '¾': '3/4', '⅓': '1/3', '⅔': '2/3' }));
const CURRENCIES = new Map(Object.entries({ '£': '#', '€': '$', '¢': 'cents', '¤': '$' }));
const ENTITIES = new Map(
  Object.entries({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': "''", '&apos;': "'", '&mdash;': '--' }),
);
/** Square and curly brackets are spelt out only where they stand alone, round ones also inside emoticons and numbers. */
const BRACKETS = new Map(Object.entries({ '[': '-lsb-', ']': '-rsb-', '{': '-lcb-', '}': '-rcb-' }));

/** A pattern for letters in capitals or not. */
const eitherCase = (letters: string): string =>
  letters.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** A pattern for any of a list of words, in capitals or not. */
const anyOf = (words: string): string => `(?:${words.split(' ').map(eitherCase).join('|')})`;

/** As `anyOf`, but the first letter must be a capital. */
const anyCapitalised = (words: string): string =>
  `(?:${words
    .split(' ')
    .map((word) => word.charAt(0).toUpperCase() + eitherCase(word.slice(1)))
    .join('|')})`;

const spellBrackets = (token: string): string =>
  BRACKETS.get(token) ?? token.replaceAll('(', '-lrb-').replaceAll(')', '-rrb-');
const plainApostrophe = (text: string): string => text.replace(/\u2019|&apos;/g, "'");
const joined = (text: string): string => text.replace(/\s/g, NO_BREAK_SPACE);
const rule = (pattern: string, rewrite?: (text: string) => string): Rule => ({
  pattern: new RegExp(pattern, 'uy'),
  ...(rewrite ? { rewrite } : {}),
});

/** In order of precedence among rules that see equally much. */
const RULES: readonly Rule[] = [
  // Contractions: what stands before the clitic, then the clitics themselves.
  ...['can not', 'gon na', 'got ta', 'wan na', 'lem me', 'gim me'].map((halves) => {
    const [first = '', second = ''] = halves.split(' ');
    return rule(String.raw`(${eitherCase(first)})(${eitherCase(second)})(?!${ALNUM})`);
  }),
  rule(String.raw`('[tT])(${anyOf('is was')})`),
  rule(String.raw`(\p{L}${LETTER}*?)([nN]['\u2018\u2019\u0060][tT])`),
  rule(String.raw`(${WORD})(${APOSTROPHE}${CLITIC})`),
  rule(String.raw`([nN]['\u2018\u2019\u0060][tT])`, (text) =>
    text.replace(/[\u2018\u2019]/, (mark) => (mark === '\u2018' ? '`' : "'")),
  ),
  rule(String.raw`(${APOSTROPHE}${CLITIC})(?!${LETTER})`, plainApostrophe),

  // Words that hold an apostrophe.
  rule(String.raw`([A-HJ-XZn]['\u2019]${LETTER}{2,})`),
  rule(String.raw`(${LETTER}+[aeiouyAEIOUY]['\u2019][aeiouA-Z]${LETTER}*)`),
  rule(String.raw`([dDjJlL]['\u2019])`),
  rule(String.raw`([yY]['\u2019])(?=${LETTER})`),
  rule(String.raw`(['\u2019][nN]['\u2019])`),
  rule(String.raw`(['\u2019][nN])(?!${LETTER})`),
  rule(String.raw`(['\u2019]${anyOf('em till til cause')})`),
  rule(String.raw`(${anyOf('ol dunkin somethin')}['\u2019])`),
  rule(anyOf("c'mon c'est cap'n e'er o'er ev'ry").replaceAll("'", String.raw`['\u2019]`)),
  rule(String.raw`(['\u2019][2-9]0[sS])`),
  rule(String.raw`(['\u2019]\d\d)(\s|$)`),

  // Abbreviations, before plain words.
  rule(String.raw`([A-Za-z]\.)(?!\s+${anyCapitalised(SENTENCE_OPENERS)}(?:\s|$))`),
  rule(String.raw`((?:[A-Za-z]\.){2,})`),
  rule(String.raw`([pP][hH]\.[dD]\.|${anyOf(ABBREVIATIONS)}\.|${anyCapitalised(CAPITALISED_ABBREVIATIONS)}\.)`),
  rule(String.raw`(${anyOf(NUMBERED_ABBREVIATIONS)}\.)(?=\s?\d)`),

  // Words and compounds.
  rule(String.raw`(${WORD})`),
  rule(String.raw`(${PART}(?:${HYPHEN}${PART})*)`),
  rule(String.raw`(${PART}(?:${HYPHEN}${PART})*\.)([,;:])`),
  rule(String.raw`([A-Za-z0-9]+(?:\.[A-Za-z])*\.?(?:-${ALNUM}+)+)`),
  rule(String.raw`([A-Za-z0-9]+(?:-[A-Za-z][A-Za-z0-9]*)*(?:/[A-Za-z0-9]+(?:-[A-Za-z][A-Za-z0-9]*)*){1,2})`),
  rule(String.raw`([A-Z]+(?:(?:[&+]|&amp;)[A-Z]+)+)`, (text) => text.replaceAll('&amp;', '&')),
  rule(String.raw`([cC]\+\+|[cCfF]#|[A-Z]{1,2}\$)`),

  // Numbers.
  rule(String.raw`([-+]?${NUMBER})`),
  rule(String.raw`(\d+(?:[.,:]\d+)*(?:${HYPHEN}${ALNUM}+)+)`),
  rule(String.raw`(\d{1,2}[-/]\d{1,2}[-/]\d{2,4})`),
  rule(String.raw`((?:\d{1,4}[- \u00a0])?\d{1,4}/\d{1,4})`, joined),
  rule(String.raw`([½¼¾⅓⅔])`, (text) => FRACTIONS.get(text) ?? text),
  rule(
    String.raw`((?:\(\d{2,3}\)[ \u00a0]?|\+{0,2}(?:\d{2,4}[- \u00a0])?\d{2,4}[- \u00a0])\d{3,4}[- \u00a0]?\d{3,5})`,
    joined,
  ),

  // Marks that are words of their own.
  rule(String.raw`([#@]\p{L}[\p{L}\d]*)`),
  rule(String.raw`(@[A-Za-z_][A-Za-z0-9_]*)`),
  rule(String.raw`([<>]?[:;=][-o*']?[()DPOdp{@|\\[\]])(?![A-Za-z0-9])`),
  rule(String.raw`([-^x=~<>']_[-^x=~<>'])`),
  rule(String.raw`([?!]{2,}|[*#@]{2,}|<<|>>|_+)`),
  rule(String.raw`(-{5,})`),
  rule(String.raw`(-{2,4}|[\u2013\u2014\u2015])`, () => '--'),
  rule(String.raw`(&(?:amp|lt|gt|quot|apos|mdash);)`, (text) => ENTITIES.get(text) ?? text),
  rule(String.raw`([£€¢¤])`, (text) => CURRENCIES.get(text) ?? text),
  rule(String.raw`(["\u201c\u201d«»])`, () => "''"),
  rule(String.raw`(['\u0060\u2018\u2019\u201b\u2039\u203a])`, () => "'"),
  rule(String.raw`(…)`, () => '.'),

  // Addresses, files and mark-up.
  rule(String.raw`((?:https?://|www\.)[^\s"<>|]+[^\s"<>|.!?,;:)}\]-])`),
  rule(String.raw`([A-Za-z0-9_.+-]+@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*)`),
  rule(String.raw`([A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*\.(?:com|edu|net|org)/[^\s"<>|]+[^\s"<>|.!?,;:)}\]-])`),
  rule(String.raw`([A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*\.(?:${FILE_ENDINGS}))(?!${ALNUM})`),
  rule(String.raw`(<[!?/]?[A-Za-z](?:[^<>\n]*[^<>\s])?>)`, joined),
];

/** Signs outside ASCII, letters and digits that the original knows; it skips all others, emoji among them. */
const KNOWN_SIGNS =
  String.raw`\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b4\u00b6-\u00bf\u00d7\u00f7\u2013-\u2023\u2026\u2030-\u203b\u203e-\u2042` +
  String.raw`\u2044\u2070-\u208e\u20a4\u20ac\u2100-\u214f\u2153-\u215e\u2190-\u2bff\u3001\u3002\u3012\u30fb` +
  String.raw`\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0\uffe1\uffe5\uffe6`;
const BETWEEN_TOKENS = new RegExp(
  String.raw`(?:\s|&nbsp;|[^\x21-\x7e\p{L}\p{M}\p{Nd}${KNOWN_SIGNS}]|[\u{10000}-\u{10ffff}])+`,
  'uy',
);

/** The longest match of all rules at `start`; the single character there where no rule fits. */
function tokenAt(text: string, start: number): { token: string; end: number } {
  let seen = 0;
  let found = text.charAt(start);
  let rewrite: Rule['rewrite'];
  for (const candidate of RULES) {
    candidate.pattern.lastIndex = start;
    const match = candidate.pattern.exec(text);
    if (match !== null && match[0].length > seen) {
      seen = match[0].length;
      found = match[1] ?? match[0];
      rewrite = candidate.rewrite;
    }
  }
  return { token: rewrite ? rewrite(found) : found, end: start + found.length };
}

/**
 * Cuts one English caption into the words that coco-caption scores.
 *
 * A fraction or telephone number written with spaces ("3 1/2") is one token with U+00A0 inside; coco-caption's BLEU and
 * CIDEr take it apart again, its ROUGE-L does not.
 *
 * @param caption any text; line breaks count as spaces
 * @returns lower-case tokens without punctuation; empty when the caption holds no word
 */
export function ptbTokenize(caption: string): string[] {
  const text = caption.replace(/\u00ad/g, '').replace(/[\ufe00-\ufe0f]/g, ' ');
  const tokens: string[] = [];
  let position = 0;
  while (position < text.length) {
    BETWEEN_TOKENS.lastIndex = position;
    if (BETWEEN_TOKENS.test(text)) {
      position = BETWEEN_TOKENS.lastIndex;
      continue;
    }
    const { token, end } = tokenAt(text, position);
    position = end;
    if (!DROPPED.has(token)) tokens.push(spellBrackets(token).toLowerCase());
  }
  return tokens;
}
