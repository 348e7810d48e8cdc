import type { Decoder } from './decoder.ts';
import type { Constraints } from './hypothesis.ts';

/**
 * The constraints of one search, checked and ready to ask.
 *
 * A search asks about a token only when it would take it, so nothing here touches the whole
 * vocabulary at every step.
 */
export class Rules {
  readonly maxLength: number;
  readonly #endToken: number;
  readonly #minLength: number;
  readonly #noRepeat: number;
  readonly #prefix: readonly number[];
  readonly #forbidden: Uint8Array;
  readonly #neverLast: Uint8Array;
  readonly #repeatable: Uint8Array | undefined;

  /** @throws RangeError when the constraints contradict themselves or name a token outside the vocabulary. */
  constructor(constraints: Constraints, decoder: Pick<Decoder<unknown>, 'vocabularySize' | 'endToken'>) {
    const {
      maxLength,
      minLength = 1,
      forbidden = [],
      noRepeat = 0,
      prefix = [],
      neverLast = [],
      repeatable,
    } = constraints;
    const { vocabularySize, endToken } = decoder;
    assertInteger('maxLength', maxLength, 1);
    assertInteger('minLength', minLength, 0);
    assertInteger('noRepeat', noRepeat, 0);
    if (minLength > maxLength) {
      throw new RangeError(`The shortest length, ${minLength}, is above the longest, ${maxLength}.`);
    }
    if (prefix.length > maxLength) {
      throw new RangeError(`The forced beginning has ${prefix.length} tokens; the longest length is ${maxLength}.`);
    }
    if (forbidden.includes(endToken)) throw new RangeError('The end token cannot be forbidden.');
    if (prefix.includes(endToken)) throw new RangeError('The forced beginning cannot contain the end token.');
    for (const token of prefix) assertToken('prefix', token, vocabularySize);

    this.maxLength = maxLength;
    this.#endToken = endToken;
    this.#minLength = minLength;
    this.#noRepeat = noRepeat;
    this.#prefix = prefix;
    this.#forbidden = flags('forbidden', forbidden, vocabularySize);
    this.#neverLast = flags('neverLast', neverLast, vocabularySize);
    this.#repeatable = repeatable && flags('repeatable', repeatable, vocabularySize);
  }

  /** How many tokens are forced. */
  get given(): number {
    return this.#prefix.length;
  }

  /** The one token that may follow `length` tokens inside the forced beginning; undefined after it. */
  forced(length: number): number | undefined {
    return this.#prefix[length];
  }

  /**
   * Whether `token` may follow `tokens`. The forced beginning is stronger than every other rule.
   *
   * After `maxLength` tokens every continuation is "allowed" that was so before: a search that picks
   * another token than the end there is cut off.
   */
  allows(tokens: readonly number[], token: number): boolean {
    const forced = this.#prefix[tokens.length];
    if (forced !== undefined) return token === forced;
    if (token === this.#endToken) return this.#mayEnd(tokens);
    if (this.#forbidden[token] === 1) return false;
    // The last place that exists is certainly last.
    if (tokens.length === this.maxLength - 1 && this.#neverLast[token] === 1) return false;
    if (this.#repeatable && this.#repeatable[token] !== 1 && tokens.includes(token)) return false;
    return !this.#repeats(tokens, token);
  }

  #mayEnd(tokens: readonly number[]): boolean {
    if (tokens.length < this.#minLength) return false;
    const last = tokens.at(-1);
    return last === undefined || this.#neverLast[last] !== 1;
  }

  /** Whether the n-gram that `token` would complete stands in `tokens` already. */
  #repeats(tokens: readonly number[], token: number): boolean {
    const n = this.#noRepeat;
    if (n === 0) return false;
    const suffix = tokens.length - (n - 1);
    for (let start = 0; start + n <= tokens.length; start++) {
      if (tokens[start + n - 1] !== token) continue;
      let same = 0;
      while (same < n - 1 && tokens[start + same] === tokens[suffix + same]) same++;
      if (same === n - 1) return true;
    }
    return false;
  }
}

function flags(name: string, tokens: readonly number[], vocabularySize: number): Uint8Array {
  const flagged = new Uint8Array(vocabularySize);
  for (const token of tokens) {
    assertToken(name, token, vocabularySize);
    flagged[token] = 1;
  }
  return flagged;
}

function assertToken(name: string, token: number, vocabularySize: number): void {
  if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
    throw new RangeError(`${name}: ${token} is not a token of a vocabulary of ${vocabularySize}.`);
  }
}

/** Refuses what is not a whole number of at least `least`. */
export function assertInteger(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}.`);
  }
}
