import { captionWords } from '../../engine/text/caption-words.ts';
import { confirms } from './word-families.ts';

/**
 * Whether people who described a photo confirm a word: one of them has a form of it, a synonym, or something that it is a
 * more general word for.
 *
 * What this misses: things that are in the photo and that none of them thought worth saying count as wrong, and so do
 * words that mean the same by no list of ours; a word that they used of something else counts as right, and how words
 * belong together ("a black dog and a white cat") is not looked at.
 */
export function rightWords(references: readonly string[]): (word: string) => boolean {
  const said = [...new Set(references.flatMap(captionWords))];
  return (word) => said.some((other) => confirms(other, word));
}
