/** A sentence and its place in the text: `text.slice(start, end)`, without the white space around it. */
export interface Sentence {
  readonly text: string;
  /** In UTF-16 units, as all positions in strings. */
  readonly start: number;
  readonly end: number;
}

export interface SentenceOptions {
  /** The text's language, a BCP 47 tag (default `en`); decides about abbreviations and ordinals. */
  readonly language?: string;
  /** What a single line break or a tab is: the `end` of a sentence (default), or a `space` in text that was wrapped. */
  readonly lineBreak?: 'end' | 'space';
  /** Longer sentences are cut, at best behind a comma or the like, then at a space (default 400 characters). */
  readonly maxLength?: number;
}

const MAX_LENGTH = 400;
const MIN_LENGTH = 16;
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Abbreviations that another word follows, so that their full stop ends no sentence; in lower case. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  en: 'mr mrs ms dr prof rev gen sgt capt lt st mt vs e.g i.e cf approx',
  de: 'dr prof hr fr st nr ca bzw z.b z d.h d u.a u vgl evtl inkl str',
  fr: 'm mm mme mlle dr prof p av cf env st ste',
  es: 'sr sra srta dr dra d prof ud uds p.ej aprox av',
  cs: 'p pí dr mgr ing prof např tzv tj č sv ul cca resp',
};
/** "No. 5", "p. 12": full stops that end nothing in front of a number. */
const BEFORE_NUMBER = new Set(['no', 'nos', 'p', 'pp', 'fig', 'vol', 'nr', 'núm', 'pág', 'str', 'č', 'art', 'abs']);
/** Languages that write "3. Mai" and "3. května". */
const ORDINAL_LANGUAGES = new Set(['de', 'cs']);

/**
 * Cuts text into sentences with `Intl.Segmenter`, and takes back the cuts behind abbreviations, initials and ordinals.
 * What stands between sentences (spaces, line breaks, blank lines) belongs to none: `replaceSentences` keeps it.
 *
 * @returns the sentences in order; none for empty text
 * @throws RangeError for a language tag that is none, or a maximum below 16
 */
export function splitSentences(text: string, options: SentenceOptions = {}): Sentence[] {
  const { language = 'en', lineBreak = 'end', maxLength = MAX_LENGTH } = options;
  if (!(maxLength >= MIN_LENGTH)) {
    throw new RangeError(`The longest sentence must be allowed ${MIN_LENGTH} characters or more, not ${maxLength}.`);
  }
  const segmenter = sentenceSegmenter(language);
  const endsNothing = abbreviationTest(language);
  const sentences: Sentence[] = [];
  for (const { start, end } of paragraphs(text, lineBreak)) {
    // Spaces for line breaks, one for one: positions stay.
    const paragraph = text.slice(start, end).replace(/[\r\n\u2028\u2029\x85]/g, ' ');
    let from = 0;
    for (const { index, segment } of segmenter.segment(paragraph)) {
      const to = index + segment.length;
      if (to < paragraph.length && endsNothing(paragraph, from, to)) continue;
      cut(text, start + from, start + to, maxLength, sentences);
      from = to;
    }
  }
  return sentences;
}

/**
 * Puts other text in the place of each sentence; everything between the sentences stays, so paragraphs stay.
 *
 * @param sentences as `splitSentences` found them in `text`
 * @param replacements one for each sentence
 * @throws RangeError when there are more or fewer replacements than sentences
 */
export function replaceSentences(
  text: string,
  sentences: readonly Sentence[],
  replacements: readonly string[],
): string {
  if (sentences.length !== replacements.length) {
    throw new RangeError(`${replacements.length} texts cannot take the place of ${sentences.length} sentences.`);
  }
  let result = '';
  let position = 0;
  sentences.forEach(({ start, end }, index) => {
    result += text.slice(position, start) + replacements[index]!;
    // Parts of one long sentence touch where no space was to cut at; so do sentences in Chinese. Translations need one.
    if (sentences[index + 1]?.start === end && !/\s$/.test(result)) result += ' ';
    position = end;
  });
  return result + text.slice(position);
}

function sentenceSegmenter(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: 'sentence' });
  } catch {
    throw new RangeError(`“${language}” is not a language tag such as en, de or pt-BR.`);
  }
}

/** Stretches of text that no sentence crosses: lines and, between tabs, the cells of a table, or what blank lines separate. */
function paragraphs(text: string, lineBreak: 'end' | 'space'): { start: number; end: number }[] {
  const separator =
    lineBreak === 'end' ? /[\r\n\t\u2028\u2029\x85]+/g : /(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?:\r\n?|\n)|\u2029/g;
  const found: { start: number; end: number }[] = [];
  let start = 0;
  for (const match of text.matchAll(separator)) {
    found.push({ start, end: match.index });
    start = match.index + match[0].length;
  }
  found.push({ start, end: text.length });
  return found;
}

/** Tells whether no sentence ends at `to`: the mark there belongs to an abbreviation, a number or an address. */
function abbreviationTest(language: string): (text: string, from: number, to: number) => boolean {
  const [base = 'en'] = language.toLowerCase().split('-');
  const known = new Set(ABBREVIATIONS[base]?.split(' '));
  return (text, from, to) => {
    // The last word is enough, and looking at a few characters keeps long text linear.
    const ending = text.slice(Math.max(from, to - 40), to);
    // "a.b?c=d": an address goes on. Only ideographic marks end a sentence without a space.
    if (/[.!?]$/.test(ending)) return true;
    const [, word] = /(?:^|[\s([{"'“‘„«])([\p{L}\p{M}\p{N}.]+)\.\s*$/u.exec(ending) ?? [];
    if (word === undefined) return false;
    if (/^\p{Lu}$/u.test(word) && word !== 'I') return true;
    if (/^\d{1,2}$/.test(word)) return ORDINAL_LANGUAGES.has(base) && /^\p{Lu}/u.test(text.slice(to, to + 2));
    const lower = word.toLowerCase();
    return known.has(lower) || (BEFORE_NUMBER.has(lower) && /^\d/.test(text.slice(to, to + 1)));
  };
}

/** Appends the sentence without the white space around it, in parts where it is longer than `maxLength`. */
function cut(text: string, from: number, to: number, maxLength: number, sentences: Sentence[]): void {
  let start = from;
  while (start < to) {
    while (start < to && isSpace(text, start)) start++;
    let end = to;
    while (end > start && isSpace(text, end - 1)) end--;
    if (end === start) return;
    if (end - start > maxLength) end = start + cutLength(text, start, maxLength);
    sentences.push({ text: text.slice(start, end), start, end });
    start = end;
  }
}

/** Where to cut a long sentence: behind the last mark in the second half of what is allowed, else at its last space, else between characters. */
function cutLength(text: string, start: number, maxLength: number): number {
  const stretch = text.slice(start, start + maxLength);
  const mark = [...stretch.matchAll(/[,;:–—)\]](?=\s)|[，、；：]/gu)].at(-1);
  if (mark !== undefined && mark.index >= maxLength / 2) return mark.index + mark[0].length;
  const space = stretch.search(/\s\S*$/u);
  if (space > 0) return space;
  // An emoji or a letter with marks can be several units, which belong together.
  const character = CHARACTERS.segment(text.slice(start, start + maxLength + 1)).containing(maxLength);
  return character !== undefined && character.index > 0 ? character.index : maxLength;
}

function isSpace(text: string, index: number): boolean {
  return /\s/.test(text.charAt(index));
}
