/** A stretch of a text: a word of a sentence, or what stands between words. */
export interface Piece {
  readonly text: string;
  readonly sentence: number;
  /** Null between words. */
  readonly word: number | null;
}

/**
 * Parts a text into the words of its sentences and what stands between them. Words that are not found in the text
 * (a model may write them otherwise) are left out; no character of the text is ever lost.
 */
export function piecesOf(
  text: string,
  sentences: readonly { readonly text: string; readonly words: readonly string[] }[],
): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const push = (to: number, sentence: number, word: number | null): void => {
    if (to > at) pieces.push({ text: text.slice(at, to), sentence, word });
    at = to;
  };
  for (const [sentence, { text: own, words }] of sentences.entries()) {
    const start = text.indexOf(own, at);
    if (start < 0) continue;
    push(start, sentence, null);
    const end = start + own.length;
    for (const [word, name] of words.entries()) {
      const found = text.indexOf(name, at);
      if (name === '' || found < 0 || found + name.length > end) continue;
      push(found, sentence, null);
      push(found + name.length, sentence, word);
    }
    push(end, sentence, null);
  }
  push(text.length, Math.max(0, sentences.length - 1), null);
  return pieces;
}
