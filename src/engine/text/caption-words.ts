import { isClitic } from './clitic.ts';

/**
 * The words of a caption as the captioner sees them: lower case, no punctuation, contractions split as
 * in the Penn Treebank ("the man's" → "the man 's"; "don't" → "do n't"), hyphens kept inside words.
 */
export function captionWords(caption: string): string[] {
  return caption
    .normalize('NFC')
    .toLowerCase()
    .replace(/[’`´]/g, "'")
    .replace(/(\p{L})n't\b/gu, "$1 n't")
    .replace(/(\p{L})'(s|re|ve|ll|d|m)\b/gu, "$1 '$2")
    .split(/\s+/)
    .flatMap((word) => word.replace(/[^\p{L}\p{N}'\-&]+/gu, ' ').split(' '))
    .map((word) => (isClitic(word) ? word : word.replace(/^[-'&]+(?=.)|[-'&]+$/g, '')))
    .filter((word) => /[\p{L}\p{N}]/u.test(word) || word === '&');
}

/** Words back to text: contractions joined to the word before them. The inverse of `captionWords` but for case and punctuation. */
export function joinWords(words: readonly string[]): string {
  let text = '';
  for (const word of words) text += text === '' || isClitic(word) ? word : ` ${word}`;
  return text;
}
