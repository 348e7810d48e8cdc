import { readProtobuf } from './protobuf.ts';

/** What SentencePiece writes for a space. */
export const SPACE_MARK = '▁';

/** How much less likely than the least likely piece a character is that no piece has. */
const UNKNOWN_PENALTY = 10;

/** The kinds of pieces (sentencepiece_model.proto, `SentencePiece.Type`). */
const NORMAL = 1;
const UNKNOWN = 2;
const USER_DEFINED = 4;

/** A piece of a text. */
export interface TextPiece {
  /** As the vocabulary has it: `▁dog`; what no piece has comes as it stands. */
  readonly piece: string;
  /** Its place in the text as it was given, without the space before it, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly isUnknown: boolean;
}

/** A text as the model sees it, with the place of every UTF-16 unit in the text as it was given. */
interface Normalised {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** What a model file says beside its pieces. */
interface Rules {
  charsmap: Charsmap | undefined;
  addDummyPrefix: boolean;
  removeExtraWhitespaces: boolean;
  escapeWhitespaces: boolean;
}

/**
 * A unigram model of SentencePiece (Kudo 2018, arXiv 1804.10959): of all ways to cut a text into pieces the one whose
 * pieces' log-probabilities sum to the most, found by Viterbi's algorithm. A character that no piece has costs 10 more
 * than the rarest piece; runs of such come as one. Numbers are rounded where the C++ of SentencePiece rounds them, so
 * that ties fall as they do there.
 */
export class SentencePiece {
  readonly #scores: ReadonlyMap<string, number>;
  /** By piece: the length in bytes that a user's own symbol is paid for. */
  readonly #userDefined: ReadonlyMap<string, number>;
  readonly #longest: number;
  readonly #unknownScore: number;
  readonly #highest: number;
  readonly #rules: Rules;

  private constructor(scores: Map<string, number>, userDefined: Map<string, number>, rules: Rules) {
    let [least, highest] = [Infinity, -Infinity];
    let longest = 0;
    for (const [piece, score] of scores) {
      longest = Math.max(longest, piece.length);
      if (userDefined.has(piece)) continue;
      least = Math.min(least, score);
      highest = Math.max(highest, score);
    }
    this.#scores = scores;
    this.#userDefined = userDefined;
    this.#longest = longest;
    this.#unknownScore = Math.fround(least - UNKNOWN_PENALTY);
    this.#highest = highest;
    this.#rules = rules;
  }

  /** Reads a model file (`source.spm`). @throws Error that says what is wrong with it */
  static parse(bytes: Uint8Array): SentencePiece {
    try {
      return SentencePiece.#parse(bytes);
    } catch (cause) {
      throw new Error(`Not a SentencePiece unigram model: ${cause instanceof Error ? cause.message : String(cause)}.`, {
        cause,
      });
    }
  }

  static #parse(bytes: Uint8Array): SentencePiece {
    const scores = new Map<string, number>();
    const userDefined = new Map<string, number>();
    const rules: Rules = {
      charsmap: undefined,
      addDummyPrefix: true,
      removeExtraWhitespaces: true,
      escapeWhitespaces: true,
    };
    for (const { number, bytes: part } of readProtobuf(bytes)) {
      if (number === 1) {
        const { piece, score, kind, length } = readPiece(part);
        if (kind !== NORMAL && kind !== USER_DEFINED) continue;
        if (!Number.isFinite(score)) throw new Error(`the piece "${piece}" has no score`);
        scores.set(piece, score);
        if (kind === USER_DEFINED) userDefined.set(piece, length);
      } else if (number === 2) {
        readTrainer(part);
      } else if (number === 3) {
        readNormaliser(part, rules);
      }
    }
    if (scores.size === 0) throw new Error('it has no pieces');
    return new SentencePiece(scores, userDefined, rules);
  }

  /** Every piece that is no mark, in the order of the file. */
  pieces(): IterableIterator<string> {
    return this.#scores.keys();
  }

  /** @param text any string @returns its pieces in order; none for white space */
  encode(text: string): TextPiece[] {
    const normalised = this.#normalise(text);
    const found: TextPiece[] = [];
    for (const { from, to, isUnknown } of this.#cut(normalised.text)) {
      const last = found.at(-1);
      const piece = normalised.text.slice(from, to);
      const first = piece.startsWith(SPACE_MARK) ? from + 1 : from;
      const start = first < to ? normalised.starts[first]! : (normalised.starts[first] ?? text.length);
      const end = first < to ? normalised.ends[to - 1]! : start;
      if (isUnknown && last?.isUnknown) found[found.length - 1] = { ...last, piece: last.piece + piece, end };
      else found.push({ piece, start, end, isUnknown });
    }
    return found;
  }

  #cut(text: string): { from: number; to: number; isUnknown: boolean }[] {
    const size = text.length;
    const best = new Float32Array(size + 1);
    const from = new Int32Array(size + 1).fill(-1);
    const unknown = new Uint8Array(size + 1);
    const offer = (start: number, end: number, score: number, isUnknown: boolean): void => {
      const sum = score + best[start]!;
      // There a known piece's sum is a double, and an unknown one's is not.
      const total = isUnknown ? Math.fround(sum) : sum;
      if (from[end] !== -1 && !(total > best[end]!)) return;
      best[end] = total;
      from[end] = start;
      unknown[end] = Number(isUnknown);
    };
    for (let start = 0; start < size;) {
      const character = text.codePointAt(start)! > 0xffff ? 2 : 1;
      let isKnown = false;
      const limit = Math.min(size, start + this.#longest);
      for (let end = start + 1; end <= limit; end++) {
        const piece = text.slice(start, end);
        const score = this.#scores.get(piece);
        if (score === undefined) continue;
        const length = this.#userDefined.get(piece);
        offer(start, end, length === undefined ? score : Math.fround(length * this.#highest) - 0.1, false);
        if (end - start === character) isKnown = true;
      }
      if (!isKnown) offer(start, start + character, this.#unknownScore, true);
      start += character;
    }
    const cuts: { from: number; to: number; isUnknown: boolean }[] = [];
    for (let end = size; end > 0; end = from[end]!) {
      cuts.push({ from: from[end]!, to: end, isUnknown: unknown[end] === 1 });
    }
    return cuts.reverse();
  }

  /** As the `Normalizer` of SentencePiece: characters by the model's own table, white space as the model wants it. */
  #normalise(given: string): Normalised {
    const { addDummyPrefix, charsmap, escapeWhitespaces, removeExtraWhitespaces } = this.#rules;
    const space = escapeWhitespaces ? SPACE_MARK : ' ';
    let text = '';
    const starts: number[] = [];
    const ends: number[] = [];
    const write = (part: string, start: number, end: number): void => {
      text += part;
      for (let i = 0; i < part.length; i++) {
        starts.push(start);
        ends.push(end);
      }
    };
    let isAfterSpace = removeExtraWhitespaces;
    let isBegun = false;
    for (const { start, end, replacement } of this.#parts(given, charsmap)) {
      let part = replacement;
      if (isAfterSpace) part = part.replace(/^ +/, '');
      if (!isBegun && (part !== '' || !removeExtraWhitespaces)) {
        isBegun = true;
        if (addDummyPrefix) write(space, start, start);
      }
      if (part === '') continue;
      for (const unit of part.split('')) write(unit === ' ' ? space : unit, start, end);
      isAfterSpace = removeExtraWhitespaces && part.endsWith(' ');
    }
    if (removeExtraWhitespaces) {
      while (text.endsWith(space)) {
        text = text.slice(0, -1);
        starts.pop();
        ends.pop();
      }
    }
    return { text, starts, ends };
  }

  /** What each stretch of a text becomes. */
  *#parts(
    text: string,
    charsmap: Charsmap | undefined,
  ): Generator<{ start: number; end: number; replacement: string }, void, undefined> {
    const bytes = new TextEncoder().encode(text);
    let [place, at] = [0, 0];
    while (place < text.length) {
      const own = this.#userDefinedAt(text, place);
      const mapped = own === undefined ? charsmap?.longest(bytes, at) : undefined;
      let replacement: string;
      let length: number;
      if (own !== undefined) {
        [replacement, length] = [own, own.length];
      } else if (mapped) {
        replacement = mapped.replacement;
        length = unitsOf(bytes, at, mapped.length);
      } else {
        const code = text.codePointAt(place)!;
        replacement = code >= 0xd800 && code < 0xe000 ? '\ufffd' : String.fromCodePoint(code);
        length = code > 0xffff ? 2 : 1;
      }
      yield { start: place, end: place + length, replacement };
      at += bytesOf(text, place, place + length);
      place += length;
    }
  }

  /** The user's own symbol that stands at a place: the longest. */
  #userDefinedAt(text: string, place: number): string | undefined {
    let found: string | undefined;
    for (const piece of this.#userDefined.keys()) {
      if (piece.length > (found?.length ?? 0) && text.startsWith(piece, place)) found = piece;
    }
    return found;
  }
}

/** How many UTF-16 units some bytes of UTF-8 are. */
function unitsOf(bytes: Uint8Array, from: number, length: number): number {
  let units = 0;
  for (let i = from; i < from + length; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

/** How many bytes of UTF-8 a stretch of a text is; half a pair becomes U+FFFD, of three. */
function bytesOf(text: string, from: number, to: number): number {
  let count = 0;
  for (let place = from; place < to;) {
    const code = text.codePointAt(place)!;
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    place += code > 0xffff ? 2 : 1;
  }
  return count;
}

function readPiece(bytes: Uint8Array): { piece: string; score: number; kind: number; length: number } {
  let [piece, score, kind, length] = ['', 0, NORMAL, 0];
  for (const { number, value, bytes: part } of readProtobuf(bytes)) {
    if (number === 1) {
      piece = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part);
      length = part.length;
    } else if (number === 2) score = floatOf(value);
    else if (number === 3) kind = value;
  }
  if (piece === '') throw new Error('it has a piece without letters');
  if (kind < NORMAL || kind > 6) throw new Error(`the piece "${piece}" is of an unknown kind`);
  return { piece, score, kind: kind === UNKNOWN ? UNKNOWN : kind, length };
}

const word = new DataView(new ArrayBuffer(4));

/** The float32 of 32 bits. */
function floatOf(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

function readTrainer(bytes: Uint8Array): void {
  for (const { number, value } of readProtobuf(bytes)) {
    if (number === 3 && value !== 1) throw new Error('it cuts words in another way (BPE, words or characters)');
    if (number === 24 && value !== 0) throw new Error('its spaces stand behind words');
    if (number === 35 && value !== 0) throw new Error('it writes unknown characters as bytes');
  }
}

function readNormaliser(bytes: Uint8Array, rules: Rules): void {
  for (const { number, value, bytes: part } of readProtobuf(bytes)) {
    if (number === 2 && part.length > 0) rules.charsmap = new Charsmap(part);
    else if (number === 3) rules.addDummyPrefix = value !== 0;
    else if (number === 4) rules.removeExtraWhitespaces = value !== 0;
    else if (number === 5) rules.escapeWhitespaces = value !== 0;
  }
}

/**
 * The table of characters of a model: a double array (Aoe 1989, in the form of Darts-clone) from UTF-8 bytes to what they
 * become, then the replacements, each with a zero behind it.
 */
class Charsmap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  /** By place. */
  readonly #known = new Map<number, string>();

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (size < 4 || size % 4 !== 0 || size > bytes.length - 4) throw new Error('its table of characters is damaged');
    this.#units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.#replacements = bytes.subarray(4 + size);
  }

  /** The longest stretch from a place on that the table has. @returns its length in bytes, and what it becomes */
  longest(bytes: Uint8Array, from: number): { length: number; replacement: string } | undefined {
    const units = this.#units;
    let found: { length: number; place: number } | undefined;
    let place = offsetOf(units[0]!);
    for (let i = from; i < bytes.length; i++) {
      place = (place ^ bytes[i]!) >>> 0;
      const unit = units[place];
      // The label of a unit that is a value has its highest bit set, which no byte has.
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== bytes[i]) break;
      place = (place ^ offsetOf(unit)) >>> 0;
      if ((unit >>> 8) & 1) found = { length: i + 1 - from, place: (units[place] ?? 0) & 0x7fffffff };
    }
    return found && { length: found.length, replacement: this.#replacementAt(found.place) };
  }

  #replacementAt(place: number): string {
    let known = this.#known.get(place);
    if (known === undefined) {
      const end = this.#replacements.indexOf(0, place);
      known = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        this.#replacements.subarray(place, end < 0 ? undefined : end),
      );
      this.#known.set(place, known);
    }
    return known;
  }
}

function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}
