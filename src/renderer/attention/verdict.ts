/** What a test by blanking shows of a word and the place that it looked at. */
export type Verdict = 'falls' | 'fallsAlike' | 'stays' | 'rises';

/** So much of what the word had counts as a change; smaller ones come of any blank. */
const CHANGE = 0.2;

/**
 * @param whole probability of the word with the whole photo
 * @param blanked without what it looked at
 * @param controls without other regions of that size
 * @returns `falls`: it needs just that place; `fallsAlike`: it needs the photo, another region no less than that one
 */
export function verdictOf(whole: number, blanked: number, controls: readonly number[]): Verdict {
  if (blanked > whole * (1 + CHANGE / 2)) return 'rises';
  if (blanked > whole * (1 - CHANGE)) return 'stays';
  return controls.every((control) => blanked < control * (1 - CHANGE)) ? 'falls' : 'fallsAlike';
}
