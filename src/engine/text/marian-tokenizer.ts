import { SPACE_MARK, type SentencePiece } from './sentence-piece.ts';
import type { Decoding, Encoding, TextTokenizer } from './text-tokenizer.ts';
import { wordsOfTokens, type Span } from './word-alignment.ts';

const END = '</s>';
const UNKNOWN = '<unk>';
const PAD = '<pad>';
/** `>>deu<<`: asks a model for a language. */
const TAG = /^>>([A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})*)<<$/;

/** What a tokenizer is made of. */
export interface MarianVocabulary {
  /** Cuts what is read. */
  source: SentencePiece;
  /** By piece: its id; of what is read, and of what is written where that has none of its own. */
  ids: ReadonlyMap<string, number>;
  /** By piece: its id, of what is written; left out: as what is read. */
  targetIds?: ReadonlyMap<string, number> | undefined;
  /** Cuts what is written, which is needed only to look at how a given text would be written. */
  target: SentencePiece;
}

/**
 * The vocabulary of a Marian model: SentencePiece cuts a text, a table of its own numbers the pieces (Tiedemann and
 * Thottingal 2020, OPUS-MT). Models that write several languages want the tag of one before the text.
 */
export class MarianTokenizer implements TextTokenizer {
  readonly end: number;
  readonly unknown: number;
  readonly pad: number;
  readonly placeholders = 0;
  readonly tokens: readonly string[];
  readonly languages: readonly string[];
  readonly forbidden: readonly number[];
  readonly #vocabulary: MarianVocabulary;
  /** What is written, by id. */
  readonly #written: readonly string[];
  readonly #targetIds: ReadonlyMap<string, number>;
  /** By language. */
  readonly #tags: ReadonlyMap<string, number>;
  readonly #known = new Map<string, boolean>();

  /** @throws Error where the table lacks the end, the unknown or the padding token, or has a hole */
  constructor(vocabulary: MarianVocabulary) {
    const { ids, targetIds = ids } = vocabulary;
    this.#vocabulary = vocabulary;
    this.#targetIds = targetIds;
    this.tokens = inOrder(ids);
    this.#written = targetIds === ids ? this.tokens : inOrder(targetIds);
    const special = (token: string): number => {
      const id = targetIds.get(token);
      if (id === undefined) throw new Error(`The vocabulary lacks ${token}.`);
      return id;
    };
    this.end = special(END);
    this.unknown = special(UNKNOWN);
    this.pad = special(PAD);
    const tags = new Map<string, number>();
    for (const [id, token] of this.tokens.entries()) {
      const code = TAG.exec(token)?.[1];
      const language = code && languageOf(code);
      if (language && !tags.has(language)) tags.set(language, id);
    }
    this.#tags = tags;
    this.languages = [...tags.keys()];
    this.forbidden = this.#written.flatMap((token, id) =>
      id === this.unknown || id === this.pad || TAG.test(token) ? [id] : [],
    );
  }

  get size(): number {
    return this.#written.length;
  }

  /** How many tokens are read. */
  get sourceSize(): number {
    return this.tokens.length;
  }

  language(code: string): number {
    const id = this.#tags.get(code);
    if (id !== undefined) return id;
    const known = this.languages.length === 0 ? 'no language' : this.languages.join(', ');
    throw new RangeError(`The vocabulary has no tag for the language “${code}”; it knows ${known}.`);
  }

  placeholder(index: number): number {
    throw new RangeError(`There is no placeholder ${index}.`);
  }

  knows(character: string): boolean {
    let known = this.#known.get(character);
    if (known === undefined) {
      // Between letters: what the model leaves out at the ends of a text is no unknown character.
      known = this.#vocabulary.source
        .encode(`a${character}a`)
        .every((piece) => !piece.isUnknown && this.#has(piece.piece));
      this.#known.set(character, known);
    }
    return known;
  }

  encode(text: string): number[] {
    return this.#vocabulary.source.encode(text).map(({ piece }) => this.#idOf(piece));
  }

  encodeWithSpans(text: string, language = 'en'): Encoding {
    const pieces = this.#vocabulary.source.encode(text);
    const spans = pieces.map(({ start, end }): Span => ({ start, end }));
    return { ids: pieces.map(({ piece }) => this.#idOf(piece)), spans, words: wordsOfTokens(text, spans, language) };
  }

  /** A text as it would be written, by the target's own pieces. */
  encodeTarget(text: string): number[] {
    return this.#vocabulary.target.encode(text).map(({ piece }) => this.#targetIds.get(piece) ?? this.unknown);
  }

  decodeWithSpans(ids: readonly number[], language = 'en'): Decoding {
    let text = '';
    const spans: Span[] = [];
    for (const id of ids) {
      const token = this.#written[id];
      if (token === undefined) throw new RangeError(`No token has the id ${id}.`);
      const isSpecial = id === this.end || id === this.pad || TAG.test(token);
      const piece = isSpecial ? '' : id === this.unknown ? '\ufffd' : token.replaceAll(SPACE_MARK, ' ');
      const own = text === '' || text.endsWith(' ') ? piece.trimStart() : piece;
      const start = text.length + (own.length - own.trimStart().length);
      text += own;
      spans.push({ start: Math.min(start, text.length), end: text.length });
    }
    const trimmed = text.trimEnd();
    const within = (place: number): number => Math.min(place, trimmed.length);
    const placed = spans.map(({ start, end }) => ({ start: within(start), end: within(end) }));
    return { text: trimmed, spans: placed, words: wordsOfTokens(trimmed, placed, language) };
  }

  #idOf(piece: string): number {
    return this.#vocabulary.ids.get(piece) ?? this.#unknownSource;
  }

  get #unknownSource(): number {
    return this.#vocabulary.ids.get(UNKNOWN) ?? this.unknown;
  }

  #has(piece: string): boolean {
    return this.#vocabulary.ids.has(piece);
  }
}

/** The tokens in the order of their ids. @throws Error where an id is missing, or stands for two */
function inOrder(ids: ReadonlyMap<string, number>): string[] {
  const tokens = new Array<string>(ids.size);
  for (const [token, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || id >= ids.size || tokens[id] !== undefined) {
      throw new Error(`The vocabulary numbers its ${ids.size} tokens otherwise than from 0 on: "${token}" is ${id}.`);
    }
    tokens[id] = token;
  }
  return tokens;
}

/** The tag of a language by its usual name: `deu` and `de` are `de`, `zho_Hans` is `zh-Hans`. */
export function languageOf(code: string): string {
  const tag = code.replaceAll('_', '-');
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return tag;
  }
}
