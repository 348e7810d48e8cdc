import type { Token } from '../contract/data/translation.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import type { TextTokenizer } from '../engine/text/text-tokenizer.ts';
import type { Word } from '../engine/text/word-alignment.ts';

/** The tokens of a hypothesis that have a probability: with the end token where it was reached. */
export function writtenTokens(tokenizer: TextTokenizer, { finished, tokens }: Hypothesis): number[] {
  return finished ? [...tokens, tokenizer.end] : tokens;
}

/**
 * Tokens as results show them.
 * @param offset where the tokens that the words count begin
 */
export function describeTokens(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  words: readonly Word[],
  offset: number,
): Token[] {
  const wordOf = new Map(words.flatMap(({ tokens }, word) => tokens.map((token) => [token + offset, word] as const)));
  return ids.map((id, i) => ({ text: tokenizer.tokens[id] ?? '', word: wordOf.get(i) ?? null }));
}

/** Rounded as it is shown. */
export function probability(logProbability: number): number {
  return Number(Math.exp(logProbability).toPrecision(6));
}

/** More digits would tell nothing and fill the files. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
