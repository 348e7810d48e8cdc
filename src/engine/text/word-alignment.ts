/** A word of a text, and the tokens that write it. */
export interface Word {
  readonly text: string;
  /** Its place in the text, in UTF-16 units: `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Positions in the list of tokens, in order. */
  readonly tokens: readonly number[];
}

/** A token's place in a text; `start === end` for a token that writes nothing, such as the end of the sentence. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the words of a text (`Intl.Segmenter`: it also knows languages without spaces, and takes marks of punctuation as
 * words of their own) and tells which tokens write each. Words that share a token become one, so that every token which
 * writes anything belongs to exactly one word.
 *
 * @param spans of all tokens in `text`, in order
 */
export function wordsOfTokens(text: string, spans: readonly Span[], language = 'en'): Word[] {
  const words: { start: number; end: number; tokens: number[] }[] = [];
  let token = 0;
  for (const { index, segment } of new Intl.Segmenter(language, { granularity: 'word' }).segment(text)) {
    if (/^\s*$/.test(segment)) continue;
    const end = index + segment.length;
    const tokens: number[] = [];
    for (; token < spans.length && spans[token]!.start < end; token++) {
      if (spans[token]!.end > spans[token]!.start) tokens.push(token);
    }
    const before = words.at(-1);
    const shared = before !== undefined && spans[before.tokens.at(-1) ?? -1]!.end > index;
    if (shared) {
      before.end = end;
      before.tokens.push(...tokens);
    } else if (tokens.length > 0) {
      words.push({ start: index, end, tokens });
    }
  }
  return words.map(({ start, end, tokens }) => ({ text: text.slice(start, end), start, end, tokens }));
}

/**
 * Attention between tokens as attention between words: a source word gets what its tokens get together, a target word
 * the mean over its tokens. A row sums to 1 less what tokens that write nothing got, the end of the sentence among them.
 *
 * @param weights by target token, by source token
 * @returns by target word, by source word
 */
export function wordWeights(
  weights: readonly (readonly number[])[],
  targetWords: readonly Word[],
  sourceWords: readonly Word[],
): number[][] {
  return targetWords.map((target) =>
    sourceWords.map((source) => {
      let sum = 0;
      for (const to of target.tokens) for (const from of source.tokens) sum += weights[to]?.[from] ?? 0;
      return sum / target.tokens.length;
    }),
  );
}
