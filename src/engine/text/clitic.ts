const CLITIC = /^('(s|re|ve|ll|d|m)|n't)$/;

/** Whether a word of a caption is a part of the word before it: "'s", "n't". */
export function isClitic(word: string): boolean {
  return CLITIC.test(word);
}
