import { Tokenizer } from '@huggingface/tokenizers';
import type { CaptionVocabulary, CaptionWord } from './caption-vocabulary.ts';

/** What is used of the library's tokenizer, whose own types cannot be read from a module of Node. */
interface Cutter {
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
}
const TokenizerOf = Tokenizer as unknown as new (description: object, settings: object) => Cutter;

/** What a piece that goes on with a word begins with, where it is printed. */
const GOES_ON = '##';
/** What BERT's cutting makes two of: "'" and "s". */
const CLITICS = new Set(['s', 't', 're', 've', 'll', 'd', 'm']);

/** The special tokens of a captioner. */
export interface SpecialTokens {
  start: number;
  end: number;
}

/**
 * Words of pieces: WordPiece as BERT has it (Schuster and Nakajima 2012), or byte pair encoding as GPT-2 has it (Radford et
 * al. 2019), as a published `tokenizer.json` describes them. A word is a piece that begins one with those that go on with
 * it; marks of punctuation belong to the word before them and are not written, as nowhere in Attend's captions.
 */
export class PieceVocabulary implements CaptionVocabulary {
  readonly words: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly unknown: number;
  readonly forbidden: readonly number[];
  readonly #tokenizer: Cutter;
  readonly #isBytes: boolean;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #special: ReadonlySet<number>;

  /**
   * @param description `tokenizer.json`
   * @param settings `tokenizer_config.json`
   * @param size how many tokens the model has
   * @throws Error where it is no such description, or of another kind
   */
  constructor(description: object, settings: object, size: number, { end, start }: SpecialTokens) {
    const { model, added_tokens: added } = description as {
      model?: { type?: unknown; unk_token?: unknown };
      added_tokens?: { id?: unknown; special?: unknown }[];
    };
    if (model?.type !== 'WordPiece' && model?.type !== 'BPE') {
      throw new Error(`tokenizer.json cuts words by "${String(model?.type)}"; WordPiece and BPE can be read.`);
    }
    this.#isBytes = model.type === 'BPE';
    this.#tokenizer = new TokenizerOf(description, settings);
    this.start = start;
    this.end = end;
    const unknown = typeof model.unk_token === 'string' ? this.#tokenizer.token_to_id(model.unk_token) : undefined;
    this.unknown = unknown ?? start;
    this.#special = new Set(
      (Array.isArray(added) ? added : []).flatMap((one) =>
        one.special === true && typeof one.id === 'number' ? [one.id] : [],
      ),
    );
    this.words = Array.from({ length: size }, (_, id) => this.#printed(id));
    // Of pieces that print alike the first counts.
    this.#ids = new Map(this.words.map((word, id) => [word, id] as const).reverse());
    const never = new Set([...this.#special, this.unknown, start]);
    this.forbidden = [...never].filter((id) => id !== end && id < size);
  }

  get size(): number {
    return this.words.length;
  }

  id(word: string): number {
    const ids = this.#cut(word, true);
    return ids.length === 1 ? (ids[0] as number) : this.unknown;
  }

  has(word: string): boolean {
    const ids = this.#cut(word, true);
    return ids.length > 0 && ids.every((id) => id < this.size && !this.#special.has(id));
  }

  encode(words: readonly string[]): number[] {
    return words.flatMap((word, i) => this.#cut(word, i > 0));
  }

  decode(ids: readonly number[]): string[] {
    return this.group(ids).map(({ word }) => word);
  }

  group(ids: readonly number[]): CaptionWord[] {
    const words: { word: string; first: number; count: number }[] = [];
    for (const [place, id] of ids.entries()) {
      const piece = this.words[id];
      if (piece === undefined) throw new RangeError(`No word has the id ${id}.`);
      const last = words.at(-1);
      const isSpecial = this.#special.has(id) && !this.#isBytes;
      const goesOn = piece.startsWith(GOES_ON) && piece.length > GOES_ON.length;
      const text = isSpecial ? '' : goesOn ? piece.slice(GOES_ON.length) : piece;
      const isMark = !/[\p{L}\p{N}&]/u.test(text);
      const isSpace = this.#isBytes && piece === `${GOES_ON} `;
      const isClitic = last !== undefined && /^['’]$/.test(last.word) && CLITICS.has(text);
      if (isSpace && this.#isOfWord(ids[place + 1])) words.push({ word: '', first: place, count: 0 });
      else if (last && (goesOn || isClitic)) last.word += text;
      else if (!last || !isMark || /^['’]$/.test(text)) words.push({ word: text, first: place, count: 0 });
      words.at(-1)!.count++;
    }
    return words.map(({ count, first, word: joined }) => {
      // Pieces of bytes may be parts of a character: only together they are one.
      const written = this.#isBytes
        ? this.#tokenizer.decode(ids.slice(first, first + count), { clean_up_tokenization_spaces: false }).trim()
        : joined;
      // Bytes may be control characters, too, which would act on a terminal and cannot be kept in a photo.
      const word = written.replace(/\p{Cc}+/gu, '');
      return { word: word.replace(/(?<=[\p{L}\p{N}])[^\p{L}\p{N}]+$/u, ''), first, count };
    });
  }

  /** Whether a piece of bytes goes on with a word: it has letters, or a part of one. */
  #isOfWord(id: number | undefined): boolean {
    const piece = id === undefined ? undefined : this.words[id];
    return piece?.startsWith(GOES_ON) === true && /[\p{L}\p{N}&\uFFFD]/u.test(piece);
  }

  /** @param inside whether another word stands before it, which GPT-2's pieces tell by a space */
  #cut(word: string, inside: boolean): number[] {
    const own = word.startsWith(GOES_ON) ? this.#ids.get(word) : undefined;
    if (own !== undefined) return [own];
    const text = this.#isBytes && inside && !word.startsWith("'") ? ` ${word}` : word;
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  #printed(id: number): string {
    const token = this.#tokenizer.id_to_token(id) ?? `<${id}>`;
    if (!this.#isBytes || this.#special.has(id)) return token;
    const text = this.#tokenizer.decode([id], { clean_up_tokenization_spaces: false });
    return text.startsWith(' ') && text !== ' ' ? text.slice(1) : `${GOES_ON}${text}`;
  }
}
