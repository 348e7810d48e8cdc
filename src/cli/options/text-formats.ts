/** The kinds of text that `attend translate` keeps the mark-up of. */
export const TEXT_FORMATS = ['text', 'markdown', 'srt'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];
