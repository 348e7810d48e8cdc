/** What is to be replaced in captions. */
export interface Replacement {
  readonly find: string;
  readonly replacement: string;
  /** Whether what is found must not be a part of a word (default true). */
  readonly wholeWords?: boolean | undefined;
  /** Whether capitals count (default false). */
  readonly matchCase?: boolean | undefined;
}

/**
 * Replaces words in a caption. Where capitals do not count, a replacement takes over the capital of what it replaces; what
 * is taken out leaves no second space behind.
 * @returns the caption and how often something was replaced; as it was where nothing would be left of it
 */
export function replaceWords(
  caption: string,
  { find, matchCase = false, replacement, wholeWords = true }: Replacement,
): { text: string; places: number } {
  const before = caption.normalize('NFC');
  const wanted = find.normalize('NFC');
  // "dog" is a word of its own before "’s", and ":" needs no space beside it.
  const start = wholeWords && /^[\p{L}\p{N}\p{M}_]/u.test(wanted) ? '(?<![\\p{L}\\p{N}\\p{M}_])' : '';
  const end = wholeWords && /[\p{L}\p{N}\p{M}_]$/u.test(wanted) ? '(?![\\p{L}\\p{N}\\p{M}_])' : '';
  const escaped = wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const out = replacement === '' ? ' ?' : '';
  let places = 0;
  const text = before
    .replace(new RegExp(`${out}${start}${escaped}${end}`, matchCase ? 'gu' : 'giu'), (found) => {
      places++;
      return matchCase ? replacement : capitalAs(found, replacement);
    })
    .trim();
  return text === '' || text === before ? { text: caption, places: 0 } : { text, places };
}

/** "Dog" → "Puppy", "dog" → "puppy"; what has capitals of its own keeps them. */
function capitalAs(found: string, replacement: string): string {
  const isCapital = /^\p{Lu}/u.test(found) && /^\p{Ll}/u.test(replacement);
  return isCapital ? replacement.charAt(0).toUpperCase() + replacement.slice(1) : replacement;
}
