import type { Stretch } from './stretch.ts';

/**
 * Why a stretch of text is carried over letter for letter:
 *
 * - `code`: mark-up, variables of programs and templates, addresses, paths, names with @, #tags, :codes:, emoji, objects;
 * - `number`: digits with what belongs to them: `12:30`, `$1,299.00`, `5km`;
 * - `digit`: a single digit or an ordinal, which a language may have a word for: `3`, `2nd`;
 * - `capitals`: a name in capitals: `NASA`;
 * - `letters`: a word with letters that a model has never seen, or one such sign.
 */
export type ProtectedKind = 'code' | 'number' | 'digit' | 'capitals' | 'letters';

/** A stretch that a translation must have as it stands. */
export interface ProtectedSpan extends Stretch {
  readonly kind: ProtectedKind;
  readonly text: string;
}

/** Stands for something that is no text (code, a picture) in a text that was taken out of a document. */
export const OBJECT = '\ufffc';

/** Pictures, flags and keycaps, with what belongs to each: skin, sex, and what a zero-width joiner joins. ©, ® and ™ are text. */
const EMOJI = String.raw`(?![©®™])(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic}|[\ufe0f\u{e0020}-\u{e007f}])*)`;
/** Not in the middle of a word. */
const FREE = String.raw`(?<![\p{L}\p{M}\p{N}_])`;
const END = String.raw`(?![\p{L}\p{M}\p{N}_])`;

/** In order: where several begin at one place, the first counts. All are linear: what repeats has a bound or one end. */
const CODE: readonly string[] = [
  // Characters that are nobody's letters; Attend's own placeholders are among them.
  String.raw`[\ufffc\ue000-\uf8ff]`,
  // 5 + 7 = 12, 3 × 4 > 10.
  String.raw`(?<![\p{L}\p{M}\p{N}_.,])\p{Nd}{1,15}(?:[.,]\p{Nd}{1,15})?(?: [-−+×÷*/=<>≤≥≠≈] [-−+]?\p{Nd}{1,15}(?:[.,]\p{Nd}{1,15})?){1,20}${END}`,
  // Signs by themselves, which stand for music, for another speaker, for a column, for a relation.
  String.raw`(?<!\S)(?:#{1,6}|>{2,4}|\|{1,2}|[<>]=?|={1,3}|[≤≥≠≈÷])(?!\S)`,
  // Notes, arrows, lines, shapes and ornaments.
  String.raw`[\u2190-\u21ff\u2500-\u25ff\u2669-\u266f]`,
  // Mark-up whose content is no prose; other tags, and those of templates; entities.
  String.raw`<(kbd|code|samp|var|tt|pre|script|style)\b[^<>]{0,200}>[^<>]{0,400}<\/\k<1>\s*>`,
  String.raw`<!--[^]{0,400}?-->|<%[^%]{0,200}%>|<\?[^?]{0,200}\?>|<\/?\p{L}[^<>]{0,400}>|<\/?\d{1,3} ?\/?>`,
  // [b], [/url], [color=red].
  String.raw`\[\/?(?:[bius]|url|img|quote|code|color|size|list)(?:=[^\[\]\n]{1,200})?\]`,
  // The same written as text: &lt;b&gt;.
  String.raw`&lt;\/?\p{L}[^&<>\n]{0,100}&gt;`,
  String.raw`&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`,
  // Addresses of pages and mailboxes.
  String.raw`(?:[hH][tT][tT][pP][sS]?|ftp|FTP|file|mailto|MAILTO|tel):(?:\/\/)?[^\s<>]{0,2000}[^\s<>.,;:!?)\]}"'»”]|(?:www|WWW)\.[^\s<>]{0,2000}[^\s<>.,;:!?)\]}"'»”]`,
  String.raw`[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,64}(?:\.[\p{L}\p{N}-]{1,64})+`,
  String.raw`${FREE}(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|info|io|dev|app|eu|de|at|ch|fr|es|cz|uk|us)(?:\/[^\s<>]{0,500}[^\s<>.,;:!?)\]}"'»”]|\/)?${END}`,
  // Variables: ##X##, *|X|*, ${x}, #{x}, %{x}, {{x}}, {{{x}}}, {x}, {x}px, {x}€, {n, plural, one {# dog} other {# dogs}}, [[x]], %(x)s, %1$d, %.2f, %s,
  // %x%, %x%\y, $$x$$, $x^2$, \(x\), $name.
  String.raw`##\w{1,40}##|@@\w{1,40}@@|%%[A-Za-z_]\w{0,40}%%|\*\|\w{1,40}\|\*`,
  String.raw`[$#%@€£¥₹]?\{\{\{?[^{}\n]{0,200}\}?\}\}(?: ?[€£¥₹])?|[$#%@~^€£¥₹]?\{(?:[^{}\n]|\{[^{}\n]{0,100}\}){0,200}\}(?:\p{L}{1,2}${END}| ?[€£¥₹])?|\[\[[^\[\]\n]{1,100}\]\]`,
  String.raw`%(?:\(\w{1,40}\))?(?:\d{1,2}\$)?[-+0#]{0,3}\d{0,3}(?:\.\d{1,3})?(?:hh|h|ll|l|z)?[@sdiufFeEgGxXoc]${END}|%[A-Za-z_][A-Za-z0-9_]{0,40}%(?:[\\/][\w.$\\/-]{0,200}\w)?|%%`,
  String.raw`\$\$[^$\n]{1,200}\$\$|\$(?![\s\d.,])[^$\n]{0,200}[^\s$]\$(?![\d\p{L}])|\$[\p{L}]\$|\\\([^\n]{1,200}?\\\)|\\\[[^\n]{1,200}?\\\]|\$[A-Za-z_][A-Za-z0-9_]{0,60}(?:[\\/][\w.$\\/-]{0,200}\w)?`,
  '`[^`\\n]{1,300}`',
  // :smile:, :name, @:common.ok, @anna_k, #sunset.
  String.raw`${FREE}:(?:[a-z][a-z0-9_+-]{0,40}|[+-]1):${END}|(?<!\S)@?:[a-z]\w{1,40}(?:\.\w{1,40}){0,5}`,
  String.raw`(?<![\p{L}\p{N}_.])@[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,60}[\p{L}\p{N}_])?|(?<![\p{L}\p{N}_&])#[\p{L}\p{M}\p{N}_]{1,100}`,
  // C:\Users\anna, \\server\share, ~/x/y, /usr/bin, src/main.ts, file.txt.
  String.raw`${FREE}[A-Za-z]:\\[^\s<>"|?*]{0,300}[^\s<>"|?*.,;:!)\]}']|\\\\[\w.$-]{1,64}\\[^\s<>"|?*]{0,300}[^\s<>"|?*.,;:!)\]}']`,
  String.raw`(?<![\p{L}\p{N}_./])(?:~|\.{1,2})?\/(?:[\w.@+-]{1,100}\/){1,30}[\w@+-]{0,100}(?:\.[\w-]{1,20}){0,3}|~\/[\w.-]{1,100}`,
  String.raw`${FREE}(?:[\w@+-]{1,60}\/){0,20}[\w@+-]{1,100}(?:\.[\w-]{1,20}){0,2}\.(?:txt|md|pdf|docx?|xlsx?|pptx?|csv|tsv|json|xml|ya?ml|html?|css|jsx?|tsx?|mjs|py|java|cpp|rs|go|sh|exe|dll|zip|gz|tar|jpe?g|png|gif|svg|webp|tiff?|mp[34]|wav|mov|avi|srt|vtt|log|ini|cfg|conf)${END}`,
  // v2.0.1-beta, 10.4-rc1.
  String.raw`${FREE}(?:[vV]\d{1,4}(?:\.\d{1,5}){0,5}(?:-[A-Za-z][\w.]{0,20})?|\d{1,4}(?:\.\d{1,5}){1,5}-(?:alpha|beta|rc|dev|pre)[\w.]{0,20})${END}`,
  // Names of programs' variables: two_words, --option, camelCase().
  String.raw`${FREE}(?:__\w{1,40}__|[a-z0-9]+(?:_[a-z0-9]+)+|[A-Z0-9]+(?:_[A-Z0-9]+)+)${END}|(?<!\S)--[a-z][a-z0-9-]{1,40}`,
  String.raw`(?<!\S)(?:[:;=]['’]?-?[()\[\]DPpOo/|\\*]|<3)(?![\p{L}\p{N}])`,
  EMOJI,
];

const CURRENCY = String.raw`(?:US)?[$€£¥₹]`;
/** `+49 30 1234567`, `(030) 123 45`, `555 123 4567`. */
const PHONE = String.raw`(?:\+|\(?0)\p{Nd}{1,4}\)?(?:[ /-]?\(?\p{Nd}{2,8}\)?){1,6}${END}|\p{Nd}{3} \p{Nd}{3} \p{Nd}{4}${END}`;
/** `12`, `12:30`, `2024-05-17`, `3/4`, `1 000 000`. */
const DIGITS = String.raw`\p{Nd}{1,3}(?:[ \u00a0\u202f]\p{Nd}{3}){1,4}(?!\p{Nd})(?:[.,]\p{Nd}+)?|\p{Nd}+(?:[.,:/'’×x·–-]\p{Nd}+){0,12}`;
/** Signs of units behind a space, which are the same in every language, and half of the day: `2 h`, `1.5 GB`, `7 p.m.`. */
const UNIT =
  '[kcm]m|m|km/h|mph|[km]?g|lbs?|oz|m?l|h|min|m?s|[kKMGT]B|[kM]?Wh?|[kMG]?Hz|k?V|kcal|[ap]m|[AP]M|[ap]\\.m\\.';
/** `$1,299.00`, `-5 °C`, `5km`, `1990s`, `A4`, `COVID-19`: what is glued to digits belongs to them. */
const NUMBER = String.raw`${FREE}(?:${PHONE}|(?:${CURRENCY} ?|[-−+±~#№§](?=\p{Nd}))?(?:${DIGITS})(?: ?(?:[€£¥₹]|\$(?![\p{L}{])|[%‰]|°(?:[CF]${END})?|(?:${UNIT})${END})|[\p{L}\p{M}\p{N}]{1,20})?|\p{Lu}[\p{Lu}\p{N}-]{0,12}\p{N}[\p{L}\p{N}-]{0,20})`;
/** A digit by itself, an ordinal: `3`, `2nd`, `11th`. */
const DIGIT = /^(?:\p{Nd}|\p{Nd}{1,2}(?:st|nd|rd|th))$/u;
const CAPITALS = String.raw`${FREE}\p{Lu}(?:[\p{Lu}\p{N}&.-]{0,18}[\p{Lu}\p{N}])${END}`;
/** Written in capitals in English, and words in other languages. */
const WORDS_IN_CAPITALS = new Set([
  'TV',
  'OK',
  'AM',
  'PM',
  'A.M',
  'P.M',
  'US',
  'U.S',
  'USA',
  'UK',
  'EU',
  'UN',
  'CD',
  'DVD',
  'II',
  'III',
  'IV',
]);

const PROTECTED = new RegExp(
  `(?<code>${CODE.join('|')
    .replaceAll('(kbd', '(?<tag>kbd')
    .replaceAll(String.raw`\k<1>`, String.raw`\k<tag>`)})|(?<number>${NUMBER})|(?<capitals>${CAPITALS})`,
  'gu',
);
/** Without any of these there is nothing to find: most sentences, and in a tenth of the time. */
const ANYTHING = /[^\p{L}\p{M}\s.,;!?'"’‘“”„»«()…–—-]|\p{Lu}[\p{Lu}&.-]|[\p{L}\p{N}]\.[\p{L}\p{N}]|--/u;
/** Words, and every other visible character by itself. */
const PIECE = /[\p{L}\p{M}\p{N}\u00ad\u200b-\u200d\u2060]{1,200}|[^\s]/gu;
/** Numbers as single signs: so rare that also a model that knows one loses it. */
const FRACTION = /^[¼-¾⅐-⅞]$/u;
/** Characters that nobody sees and no model reads. */
const INVISIBLE = /[\ufe0f\u00ad\u200b-\u200f\u2060\ufeff]/gu;

/**
 * What a translation of a text must have letter for letter. One list for every door and for training.
 *
 * @param knows whether a model knows a character; nothing: it knows all
 * @returns in order, without overlaps; linear in the length of the text
 */
export function protectedSpans(text: string, knows?: (character: string) => boolean): ProtectedSpan[] {
  const spans: ProtectedSpan[] = [];
  let position = 0;
  const unknown = (end: number): void => {
    if (!knows) return;
    for (const { 0: piece, index } of text.slice(position, end).matchAll(PIECE)) {
      if (/^[ -~]*$/.test(piece)) continue;
      // As a model reads it: letters with their accents, and nothing that is not seen.
      const read = Array.from(piece.normalize('NFC').replace(INVISIBLE, ''));
      if (!FRACTION.test(piece) && read.every((character) => knows(character))) continue;
      const start = position + index;
      spans.push({ start, end: start + piece.length, kind: 'letters', text: piece });
    }
  };
  for (const match of ANYTHING.test(text) ? text.matchAll(PROTECTED) : []) {
    const [found] = match;
    const groups = match.groups as Record<string, string | undefined>;
    const kind = groups['code'] !== undefined ? 'code' : groups['number'] !== undefined ? 'number' : 'capitals';
    if (kind === 'capitals' && WORDS_IN_CAPITALS.has(found)) continue;
    unknown(match.index);
    position = match.index + found.length;
    spans.push({
      start: match.index,
      end: position,
      kind: kind === 'number' && DIGIT.test(found) ? 'digit' : kind,
      text: found,
    });
  }
  unknown(text.length);
  return spans;
}

/** The digits of a text, in order and joined by what stands between them: `3`, `12`, `30` of "at 3 or 12:30". */
export function digitsOf(text: string): string[] {
  return text.match(/\p{Nd}+/gu) ?? [];
}
