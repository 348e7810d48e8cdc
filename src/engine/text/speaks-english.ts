import { captionWords } from './caption-words.ts';

/** What only English has all of. */
const ENGLISH = ['a', 'the', 'and', 'of', 'with', 'on', 'is'];

/** Whether a model's words are English ones. @param vocabulary in lower case, as captions have them */
export function speaksEnglish(vocabulary: { has(word: string): boolean }): boolean {
  return ENGLISH.every((word) => vocabulary.has(word));
}

/** What hardly any other language has. */
const ENGLISH_ALONE = new Set([
  'the',
  'and',
  'of',
  'with',
  'is',
  'are',
  'was',
  'this',
  'that',
  'from',
  'my',
  'his',
  'her',
]);

/**
 * Whether a text may be English, of which some words are known. What is too short to tell may be: a name and a place are
 * the same in many languages.
 * @param words English ones, in lower case
 */
export function mayBeEnglish(text: string, words: { has(word: string): boolean }): boolean {
  const all = captionWords(text);
  const unknown = all.filter((word) => !words.has(word));
  return unknown.length < 3 || unknown.length <= all.length / 2 || all.some((word) => ENGLISH_ALONE.has(word));
}
