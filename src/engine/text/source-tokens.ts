import type { TextTokenizer } from './text-tokenizer.ts';

/**
 * What the encoder of a translator reads: the tag that asks for a language (`<2de>`; Johnson et al. 2017, arXiv
 * 1611.04558), the tokens of the sentence, the end token. A vocabulary without tags is that of a model which knows one
 * language only, and no tag is written.
 *
 * @param ids of the sentence, as `encode` gives them
 * @param language to translate to
 * @throws RangeError where the vocabulary has tags, and none for this language
 */
export function sourceTokens(tokenizer: TextTokenizer, ids: readonly number[], language: string): number[] {
  return [...(hasTags(tokenizer) ? [tokenizer.language(language)] : []), ...ids, tokenizer.end];
}

/** Where the tokens of the sentence begin in what `sourceTokens` gives. */
export function sentenceOffset(tokenizer: TextTokenizer): number {
  return hasTags(tokenizer) ? 1 : 0;
}

function hasTags(tokenizer: TextTokenizer): boolean {
  return tokenizer.languages.length > 0;
}
