import type { ReviewState } from '../../contract/constants/review-states.ts';
import { keywordsOf, reviewOf, type Entry } from './entry.ts';
import { captionSearchText } from './search-text.ts';

/**
 * The photos whose caption, keywords and name together have all the words of a text.
 * @param states only of these; left out: of all
 */
export function search(entries: readonly Entry[], text: string, states?: readonly ReviewState[]): string[] {
  const words = captionSearchText(text).split(' ').filter(Boolean);
  const isWanted = (entry: Entry): boolean => {
    if (states && !states.includes(reviewOf(entry))) return false;
    const texts = [entry.edited ?? entry.caption ?? '', ...keywordsOf(entry), entry.name];
    const found = captionSearchText(texts.join(' '));
    return words.every((word) => found.includes(word));
  };
  return entries.filter(isWanted).map(({ id }) => id);
}
