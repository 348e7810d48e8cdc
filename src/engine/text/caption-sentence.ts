import { joinWords } from './caption-words.ts';

/**
 * A caption's words as a sentence for people and screen readers: a capital first and a full stop last,
 * so that a voice pauses after it. "a dog runs" → "A dog runs."
 */
export function captionSentence(words: readonly string[]): string {
  const text = joinWords(words);
  const [first] = text;
  return first === undefined ? '' : `${first.toUpperCase()}${text.slice(first.length)}.`;
}
