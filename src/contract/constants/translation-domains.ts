/** Kinds of text that a translator can be made for. */
export const TRANSLATION_DOMAINS = ['captions'] as const;
export type TranslationDomain = (typeof TRANSLATION_DOMAINS)[number];
