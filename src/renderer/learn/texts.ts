import { i18n } from '../i18n/i18n.svelte.ts';
import { de } from '../i18n/learn/de.ts';
import { en, type LearnTexts } from '../i18n/learn/en.ts';

/** The languages that Learn has texts for. */
export const LEARN_TEXTS: Readonly<Record<string, LearnTexts>> = { en, de };

/** The texts of Learn in the language in use. */
export function learnTexts(): LearnTexts {
  return LEARN_TEXTS[i18n.tag] ?? en;
}
