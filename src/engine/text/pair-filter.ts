import { isOffensive } from './offensive-words.ts';

/** Why a sentence pair is no example of a translation. */
export type PairFault = 'empty' | 'length' | 'ratio' | 'script' | 'copied' | 'offensive' | 'duplicate';

export interface PairFilterOptions {
  /** Longest sentence, in characters. */
  maxCharacters: number;
  /** How many times longer one sentence may be than the other. Short sentences are allowed more: see `fault`. */
  maxRatio: number;
  /** Share of letters on (0, 1] that must be of the script that is expected. */
  minScript: number;
  /** Sentences that may not occur, for they are what a model will be tested on; compared as `comparable` writes them. */
  heldOut?: ReadonlySet<string>;
  /** Codes of the two languages: pairs with an offensive word on either side are a fault then. */
  languages?: readonly [source: string, target: string];
}

const PAIR_FILTER: PairFilterOptions = { maxCharacters: 400, maxRatio: 2.2, minScript: 0.9 };

/** Characters that a sentence may always differ by: "Hi!" may well be "Guten Tag zusammen!". */
const GRACE = 12;
/** Where so many words of a translation are words of its source, it was not translated. Names and numbers are fewer. */
const COPIED_SHARE = 0.65;
/** Of sentences with fewer words one cannot tell. */
const COPIED_WORDS = 4;
const LETTER = /\p{L}/gu;
const WORD = /[\p{L}\p{M}]+/gu;

/**
 * Tells noise from translations by what can be seen without knowing the languages: sentences far too long for each
 * other, in another alphabet, left untranslated, or met before.
 *
 * One filter sees one training set: it remembers every pair for `duplicate`.
 */
export class PairFilter {
  readonly #options: PairFilterOptions;
  readonly #letters: RegExp;
  readonly #seen = new Set<string>();

  /** @param script as Unicode names it (`Latin`): what both languages are written in */
  constructor(options: Partial<PairFilterOptions> = {}, script = 'Latin') {
    this.#options = { ...PAIR_FILTER, ...options };
    this.#letters = new RegExp(`\\p{Script=${script}}`, 'gu');
  }

  /** What is wrong with a pair; nothing where it is good. */
  fault(source: string, target: string): PairFault | undefined {
    const { maxCharacters, maxRatio, minScript, heldOut, languages } = this.#options;
    const lengths = [source.length, target.length] as const;
    const [shorter, longer] = [Math.min(...lengths), Math.max(...lengths)];
    if (shorter === 0) return 'empty';
    if (longer > maxCharacters) return 'length';
    if (longer > maxRatio * shorter + GRACE) return 'ratio';
    if (this.#scriptShare(source) < minScript || this.#scriptShare(target) < minScript) return 'script';
    const [from, to] = [comparable(source), comparable(target)];
    if (isCopied(from, to)) return 'copied';
    if (languages && (isOffensive(source, languages[0]) || isOffensive(target, languages[1]))) return 'offensive';
    const pair = `${from}\t${to}`;
    if (this.#seen.has(pair) || heldOut?.has(from) || heldOut?.has(to)) return 'duplicate';
    this.#seen.add(pair);
    return undefined;
  }

  /** 0 for text without letters: numbers and signs teach nothing. */
  #scriptShare(text: string): number {
    const letters = text.match(LETTER)?.length ?? 0;
    return letters === 0 ? 0 : (text.match(this.#letters)?.length ?? 0) / letters;
  }
}

/** A sentence without what makes no other sentence of it: case, punctuation, spaces. */
export function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

function isCopied(source: string, target: string): boolean {
  if (source === target) return true;
  const words = target.match(WORD) ?? [];
  if (words.length < COPIED_WORDS) return false;
  const known = new Set(source.match(WORD));
  return words.filter((word) => known.has(word)).length > COPIED_SHARE * words.length;
}
