import { Bpe } from './bpe.ts';
import type { BpeDropout } from './bpe.ts';
import { learnMerges } from './bpe-trainer.ts';
import { chunksOf } from './chunks.ts';
import { normalise, normaliseWithOffsets } from './normalise.ts';
import type { NormalisedText, QuotePolicy } from './normalise.ts';
import type { HeldStretch } from './stretch.ts';
import type { Decoding, Encoding, TextTokenizer } from './text-tokenizer.ts';
import { END, START, UNKNOWN } from './vocabulary.ts';
import { wordsOfTokens } from './word-alignment.ts';
import type { Span } from './word-alignment.ts';

/** Fills up the shorter sequences of a batch; always id 0. */
const PAD = '<pad>';

const FORMAT = 'attend-subwords';
/** The newest version that can be read. Vocabularies without placeholders are written as version 1, which had none. */
const FORMAT_VERSION = 2;
const BYTES = 256;
/**
 * The bytes that placeholders take: control characters, which no text has once it is normalised. So a vocabulary gets
 * placeholders without growing, and a model that was trained without them can be trained on with them.
 */
const PLACEHOLDER_BYTES = 0x0e;
/** The most placeholders that a vocabulary can have. */
export const MAX_PLACEHOLDERS = 14;
/** Placeholder k in a text is the character behind this one by k: in Unicode nobody's, for private use. */
const FIRST_PLACEHOLDER = 0xe000;
/** How many times a character must occur to be in the alphabet, unless told otherwise. */
const MIN_CHARACTER_COUNT = 5;
/** Where a space begins a token it is printed as this. */
const VISIBLE_SPACE = '▁';

/** A tokenizer as JSON; all else follows from it. */
export interface SubwordModel {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly quotes: QuotePolicy;
  /** Codes of the languages that have a tag. */
  readonly languages: readonly string[];
  /** How many placeholders there are; left out: none. */
  readonly placeholders?: number;
  /** The alphabet, then the merged symbols in the order of learning. */
  readonly symbols: readonly string[];
}

export interface SubwordTrainingOptions {
  /** Number of ids in all: special tokens, language tags, 256 bytes, alphabet and merged symbols. */
  readonly size: number;
  /** Codes (`de`) of languages to translate to; each gets a tag (`<2de>`). Default none. */
  readonly languages?: readonly string[];
  /** Rarer characters are written as bytes (default 5). */
  readonly minCharacterCount?: number;
  /** What `encode` does about quotation marks (default `keep`). */
  readonly quotes?: QuotePolicy;
  /** Number of placeholders, which stand for what a translation has letter for letter (default 0). */
  readonly placeholders?: number;
}

/**
 * Text to ids and back, without loss: `decode(encode(text))` is `normalise(text)` for every string. Words are cut by byte
 * pair encoding learned jointly on all languages (Sennrich et al. 2016); characters outside the alphabet are written as
 * their UTF-8 bytes, so the unknown token is never needed and stands here only because models expect one.
 *
 * Ids: padding 0, start, end, unknown, language tags, the 256 bytes, the alphabet, the merged symbols.
 */
export class SubwordTokenizer implements TextTokenizer {
  readonly pad = 0;
  readonly start = 1;
  readonly end = 2;
  readonly unknown = 3;
  readonly languages: readonly string[];
  /** Every token as it is printed, by id: `<end>`, `<2de>`, `<0x41>`, `▁dog`. */
  readonly tokens: readonly string[];
  /** How many different things of a sentence a placeholder can stand for. */
  readonly placeholders: number;
  /** Ids that no translation contains, for a search to forbid: padding, start, unknown, language tags. */
  readonly forbidden: readonly number[];
  readonly #quotes: QuotePolicy;
  readonly #symbols: readonly string[];
  readonly #bpe: Bpe;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #firstByte: number;
  readonly #firstSymbol: number;

  private constructor({ quotes, languages, symbols, placeholders = 0 }: Omit<SubwordModel, 'format' | 'version'>) {
    const specials = [PAD, START, END, UNKNOWN, ...languages.map((language) => `<2${language}>`)];
    this.languages = languages;
    this.placeholders = placeholders;
    this.#quotes = quotes;
    this.#symbols = symbols;
    this.#bpe = new Bpe(symbols);
    this.#firstByte = specials.length;
    this.#firstSymbol = specials.length + BYTES;
    this.#ids = new Map(symbols.map((symbol, index) => [symbol, this.#firstSymbol + index]));
    this.forbidden = specials.flatMap((_, id) => (id === this.end ? [] : [id]));
    this.tokens = [
      ...specials,
      ...Array.from({ length: BYTES }, (_, byte) => {
        const placeholder = byte - PLACEHOLDER_BYTES;
        if (placeholder >= 0 && placeholder < placeholders) return `<${placeholder + 1}>`;
        return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
      }),
      ...symbols.map((symbol) => symbol.replace(/^ /, VISIBLE_SPACE)),
    ];
  }

  /**
   * Learns a vocabulary. The outcome does not depend on the order of the texts.
   *
   * @param texts of all languages together, one sentence or paragraph each
   * @throws RangeError when the size leaves no room for merged symbols, or a language code is none or given twice
   */
  static train(texts: Iterable<string>, options: SubwordTrainingOptions): SubwordTokenizer {
    const {
      size,
      languages = [],
      minCharacterCount = MIN_CHARACTER_COUNT,
      quotes = 'keep',
      placeholders = 0,
    } = options;
    checkLanguages(languages);
    checkPlaceholders(placeholders);
    const chunks = new Map<string, number>();
    for (const text of texts) {
      for (const chunk of chunksOf(normalise(text, { quotes }))) chunks.set(chunk, (chunks.get(chunk) ?? 0) + 1);
    }
    const alphabet = [' ', ...frequentCharacters(chunks, minCharacterCount)];
    const fixed = 4 + languages.length + BYTES + alphabet.length;
    if (!Number.isInteger(size) || size < fixed) {
      throw new RangeError(
        `A subword vocabulary of ${size} is too small: special tokens, bytes and the ${alphabet.length} characters of these texts take ${fixed}.`,
      );
    }
    const merged = learnMerges(chunks, new Set(alphabet), size - fixed);
    return new SubwordTokenizer({ quotes, languages: [...languages], placeholders, symbols: [...alphabet, ...merged] });
  }

  /** @throws RangeError that says what is wrong with it, when the value is not what `toJSON` wrote */
  static fromJSON(value: unknown): SubwordTokenizer {
    return new SubwordTokenizer(checkModel(value));
  }

  toJSON(): SubwordModel {
    return {
      format: FORMAT,
      version: this.placeholders === 0 ? 1 : FORMAT_VERSION,
      quotes: this.#quotes,
      languages: this.languages,
      ...(this.placeholders > 0 && { placeholders: this.placeholders }),
      symbols: this.#symbols,
    };
  }

  /** Number of ids. */
  get size(): number {
    return this.tokens.length;
  }

  /** The id of the tag that asks for a language. @throws RangeError that lists the known ones */
  language(code: string): number {
    const index = this.languages.indexOf(code);
    if (index !== -1) return this.unknown + 1 + index;
    const known = this.languages.length === 0 ? 'no language' : this.languages.join(', ');
    throw new RangeError(`The vocabulary has no tag for the language “${code}”; it knows ${known}.`);
  }

  /** The same vocabulary with so many placeholders: ids and their number stay. @throws RangeError above 14 */
  withPlaceholders(placeholders: number): SubwordTokenizer {
    checkPlaceholders(placeholders);
    return new SubwordTokenizer({ ...this.toJSON(), placeholders });
  }

  /** The id of a placeholder, counted from 0. */
  placeholder(index: number): number {
    if (index < 0 || index >= this.placeholders) throw new RangeError(`There is no placeholder ${index}.`);
    return this.#firstByte + PLACEHOLDER_BYTES + index;
  }

  /** Which placeholder an id is, counted from 0; -1 for every other id. */
  placeholderOf(id: number): number {
    const index = id - this.#firstByte - PLACEHOLDER_BYTES;
    return index >= 0 && index < this.placeholders ? index : -1;
  }

  /** Whether a character has a token of its own, and is not written as bytes. */
  knows(character: string): boolean {
    return character === ' ' || this.#ids.has(normalise(character, { quotes: this.#quotes }));
  }

  /** Text as the model sees it; what `decode` gives back. */
  normalise(text: string): string {
    return normalise(text, { quotes: this.#quotes });
  }

  /**
   * @param text any string; a line or a sentence, since line breaks become spaces
   * @param dropout for training: a different cutting each time, which makes models sturdier
   * @returns ids without special tokens; none for text without visible characters
   */
  encode(text: string, dropout?: BpeDropout): number[] {
    const ids: number[] = [];
    for (const chunk of chunksOf(this.normalise(text))) {
      for (const symbol of this.#bpe.cut(chunk, dropout)) this.#pushIds(symbol, ids);
    }
    return ids;
  }

  /** As `encode`: source and target share one vocabulary. */
  encodeTarget(text: string): number[] {
    return this.encode(text);
  }

  /**
   * As `encode`, with the place of every id and the words of the text, for showing where a model looked.
   * @param held stretches of the text, in order, that the placeholders 0, 1, 2 … stand for; no more than there are
   */
  encodeWithSpans(text: string, language = 'en', held: readonly HeldStretch[] = []): Encoding {
    const { text: normalised, starts, ends } = this.#normaliseHolding(text, held);
    const ids: number[] = [];
    const spans: Span[] = [];
    // The first chunk has a space in front that the text has not.
    let position = -1;
    for (const chunk of chunksOf(normalised)) {
      for (const symbol of this.#bpe.cut(chunk)) {
        this.#pushIds(symbol, ids);
        const first = symbol.startsWith(' ') ? position + 1 : position;
        position += symbol.length;
        const start = starts[first] ?? text.length;
        const span = first < position ? { start, end: ends[position - 1]! } : { start, end: start };
        while (spans.length < ids.length) spans.push(span);
      }
    }
    return { ids, spans, words: wordsOfTokens(text, spans, language) };
  }

  /**
   * Text for people: spaces, case and punctuation as they were. Special tokens write nothing, bytes that are no UTF-8
   * become U+FFFD.
   *
   * @throws RangeError for an id that does not exist
   */
  decode(ids: readonly number[]): string {
    return this.#write(ids).text;
  }

  /**
   * As `decode`, with the place of every id and the words of the text.
   * @param held what the placeholders stand for; one that stands for nothing writes its character
   */
  decodeWithSpans(ids: readonly number[], language = 'en', held: readonly string[] = []): Decoding {
    const { text, spans } = this.#write(ids, held);
    return { text, spans, words: wordsOfTokens(text, spans, language) };
  }

  /** Normalised text in which placeholders stand, with the places of the text as it was given. */
  #normaliseHolding(text: string, held: readonly HeldStretch[]): NormalisedText {
    const policy = { quotes: this.#quotes };
    if (held.length === 0) return normaliseWithOffsets(text, policy);
    if (held.length > this.placeholders) throw new RangeError(`There are ${this.placeholders} placeholders only.`);
    let masked = '';
    const shifts: { at: number; start: number; end: number }[] = [];
    let position = 0;
    const isWord = (character: string | undefined): boolean => /[\p{L}\p{M}\p{N}]/u.test(character ?? '');
    const add = (character: string, start: number, end: number): void => {
      shifts.push({ at: masked.length, start, end });
      masked += character;
    };
    for (const [i, { apart = false, start, end }] of held.entries()) {
      masked += text.slice(position, start);
      if (apart && isWord(text[start - 1])) add(' ', start, start);
      add(placeholderCharacter(i), start, end);
      if (apart && isWord(text[end])) add(' ', end, end);
      position = end;
    }
    masked += text.slice(position);
    const { text: normalised, starts, ends } = normaliseWithOffsets(masked, policy);
    /** The stretch of the text that a place of the masked text lies in or behind. */
    const original = (place: number, side: 'start' | 'end'): number => {
      const last = shifts.findLast(({ at }) => at < place + (side === 'start' ? 1 : 0));
      if (!last) return place;
      if (place === last.at) return last.start;
      return place - last.at - 1 + last.end;
    };
    return {
      text: normalised,
      starts: starts.map((place) => original(place, 'start')),
      ends: ends.map((place) => original(place, 'end')),
    };
  }

  #write(ids: readonly number[], held: readonly string[] = []): { text: string; spans: Span[] } {
    let text = '';
    const spans: Span[] = [];
    let bytes: number[] = [];
    const writeBytes = () => {
      for (const { character, length } of readUtf8(bytes)) {
        const span = { start: text.length, end: text.length + character.length };
        text += character;
        for (let byte = 0; byte < length; byte++) spans.push(span);
      }
      bytes = [];
    };
    for (const id of ids) {
      if (!Number.isInteger(id) || id < 0 || id >= this.size) throw new RangeError(`No token has the id ${id}.`);
      const placeholder = this.placeholderOf(id);
      if (placeholder >= 0) {
        writeBytes();
        const start = text.length;
        text += held[placeholder] ?? placeholderCharacter(placeholder);
        spans.push({ start, end: text.length });
        continue;
      }
      if (id >= this.#firstByte && id < this.#firstSymbol) {
        bytes.push(id - this.#firstByte);
        continue;
      }
      writeBytes();
      const symbol = this.#symbols[id - this.#firstSymbol] ?? '';
      const spaced = symbol.startsWith(' ');
      if (spaced && text !== '' && !text.endsWith(' ')) text += ' ';
      const start = text.length;
      text += spaced ? symbol.slice(1) : symbol;
      spans.push({ start, end: text.length });
    }
    writeBytes();
    const trimmed = text.trimEnd();
    const within = (place: number) => Math.min(place, trimmed.length);
    return { text: trimmed, spans: spans.map(({ start, end }) => ({ start: within(start), end: within(end) })) };
  }

  #pushIds(symbol: string, ids: number[]): void {
    const id = this.#ids.get(symbol);
    const placeholder = symbol.charCodeAt(0) - FIRST_PLACEHOLDER;
    if (id !== undefined) ids.push(id);
    else if (placeholder >= 0 && placeholder < this.placeholders) ids.push(this.placeholder(placeholder));
    else for (const byte of new TextEncoder().encode(symbol)) ids.push(this.#firstByte + byte);
  }
}

/** In the order of code units, so that the alphabet does not depend on the order of the texts. */
function frequentCharacters(chunks: ReadonlyMap<string, number>, minCount: number): string[] {
  const counts = new Map<string, number>();
  for (const [chunk, count] of chunks) {
    for (const character of chunk) counts.set(character, (counts.get(character) ?? 0) + count);
  }
  counts.delete(' ');
  return [...counts].flatMap(([character, count]) => (count >= minCount ? [character] : [])).sort();
}

/** Characters with the number of bytes that wrote each; U+FFFD for what is no UTF-8. */
function readUtf8(bytes: readonly number[]): { character: string; length: number }[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const found: { character: string; length: number }[] = [];
  for (let position = 0; position < bytes.length;) {
    const first = bytes[position]!;
    const wanted = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const character = decoder.decode(Uint8Array.from(bytes.slice(position, position + wanted)));
    // Broken bytes are given up one at a time: a good character may follow.
    const whole = Array.from(character).length === 1 && (character !== '\ufffd' || isReplacement(bytes, position));
    const length = whole ? wanted : 1;
    found.push({ character: whole ? character : '\ufffd', length });
    position += length;
  }
  return found;
}

/** Whether U+FFFD itself is written there. */
function isReplacement(bytes: readonly number[], position: number): boolean {
  return bytes[position] === 0xef && bytes[position + 1] === 0xbf && bytes[position + 2] === 0xbd;
}

function checkLanguages(languages: readonly unknown[]): asserts languages is readonly string[] {
  for (const language of languages) {
    if (typeof language !== 'string' || !/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language)) {
      throw new RangeError(`“${String(language)}” is not a language code such as en, de or pt-BR.`);
    }
  }
  if (new Set(languages).size !== languages.length) throw new RangeError('A language is given twice.');
}

function checkModel(value: unknown): SubwordModel {
  const fail = (what: string): never => {
    throw new RangeError(`The subword vocabulary cannot be read: ${what}.`);
  };
  if (typeof value !== 'object' || value === null) return fail('it is not an object');
  const { format, version, quotes, languages, symbols, placeholders = 0 } = value as Record<string, unknown>;
  if (format !== FORMAT) return fail(`its format is not ${FORMAT}`);
  if (typeof version !== 'number') return fail('it has no version');
  if (version > FORMAT_VERSION) {
    return fail(`it has version ${version} and this Attend reads version ${FORMAT_VERSION}; update Attend to use it`);
  }
  if (quotes !== 'keep' && quotes !== 'plain') return fail('its quotes are neither keep nor plain');
  if (!Array.isArray(languages)) return fail('it lists no languages');
  checkLanguages(languages);
  if (typeof placeholders !== 'number' || !isPlaceholderCount(placeholders))
    return fail('its placeholders are no number');
  if (!Array.isArray(symbols)) return fail('it lists no symbols');
  const strings = symbols.map((symbol: unknown, index) =>
    typeof symbol === 'string' && symbol !== '' ? symbol : fail(`symbol ${index} is no text`),
  );
  if (new Set(strings).size !== strings.length) return fail('a symbol occurs twice');
  if (strings[0] !== ' ') return fail('its first symbol is not the space');
  return { format, version, quotes, languages, placeholders, symbols: strings };
}

function isPlaceholderCount(count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= MAX_PLACEHOLDERS;
}

function checkPlaceholders(count: number): void {
  if (isPlaceholderCount(count)) return;
  throw new RangeError(`A vocabulary can have 0 to ${MAX_PLACEHOLDERS} placeholders, not ${count}.`);
}

/** The character that stands for a placeholder in a text. */
export function placeholderCharacter(index: number): string {
  return String.fromCharCode(FIRST_PLACEHOLDER + index);
}
